"""Changes of the inventory: numbers are lent to a pool or taken back, and a pool's numbers rest for longer or less."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import inventory_lent, inventory_typed, resellers, site, told
from gateway_service.pages.fields import Fields, fits, refused, unknown
from gateway_service.pages.inventory import Keeper, pools
from gateway_service.pages.inventory_lent import Row
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.stock import Stock
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory import Lend, OfPool, SetQuarantine, TakeBack
from patchbay_contracts.inventory_answers import Lent, TakenBack

LONGEST = 3_650
WAYS = ("lend", "return")
_OF_LENDING = {"/ranges": "numbers", "/to": "owner", "/to/owner": "owner", "/why": "why"}
_OF_QUARANTINE = {"/of": "owner", "/of/owner": "owner", "/days": "days", "/why": "why"}


def router(upstream: Upstream) -> APIRouter:
    """Two forms."""
    routes, stock = site.routes("/inventory"), Stock(upstream)

    @routes.get("/lend")
    async def show_lending(request: Request, _who: Keeper) -> Response:
        rows = inventory_lent.heard(told.heard(request))
        response = _lending(request, {"do": "lend", "pool": "reseller"}, rows=rows)
        return told.forget(request, response, "/inventory/lend")

    @routes.post("/lend")
    async def lend(request: Request, who: Keeper) -> Response:
        form = await site.form(request)
        typed = {name: form.text(name) for name in ("do", "numbers", "pool", "owner", "why")}
        read = Fields(form)
        to = await _pool(upstream, read, typed) if typed["do"] == "lend" else None
        return await _lend(request, stock, who, read, typed, to)

    @routes.get("/quarantine")
    async def show_quarantine(request: Request, _who: Keeper) -> Response:
        return _quarantine(request, {"pool": "public"})

    @routes.post("/quarantine")
    async def set_quarantine(request: Request, who: Keeper) -> Response:
        form = await site.form(request)
        read, typed = Fields(form), {name: form.text(name) for name in ("pool", "owner", "days", "why")}
        pool = await _pool(upstream, read, typed)
        days, why = read.count("days", LONGEST, needed=False), read.why()
        if pool is not None and not read.errors:
            try:
                await stock.change("PUT", "/quarantine", who.by, SetQuarantine(why=why, of=pool, days=days))
                return told.say(request, "/inventory/pools", "quarantine", "/inventory")
            except Problem as problem:
                read.errors = refused(problem, _OF_QUARANTINE)
        return _quarantine(request, typed, read.errors)

    return routes


async def _lend(  # noqa: PLR0917 - what a form comes to
    request: Request, stock: Stock, who: Operator, read: Fields, typed: Mapping[str, str], to: OfPool | None
) -> Response:
    read.errors |= unknown(read.form, {"do": WAYS})
    if not typed["do"]:
        read.errors["do"] = _("Choose whether to lend or to take back")
    ranges, why = inventory_typed.ranges(typed["numbers"], read.errors), read.why()
    if read.errors:
        return _lending(request, typed, read.errors)
    try:
        if to is not None:
            said = await stock.change("POST", "/lending", who.by, Lend(why=why, ranges=ranges, to=to))
            word = inventory_lent.lent(Lent.model_validate_json(said))
        else:
            said = await stock.change("POST", "/lending/return", who.by, TakeBack(why=why, ranges=ranges))
            word = inventory_lent.taken_back(TakenBack.model_validate_json(said))
        return told.say(request, "/inventory/lend", word, "/inventory/lend")
    except Problem as problem:
        return _lending(request, typed, refused(problem, _OF_LENDING))


def _lending(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str] | None = None, rows: Sequence[Row] = ()
) -> Response:
    """The form; after a change with what became of which numbers."""
    return site.render(
        request, "inventory-lend.html", 422 if errors else 200, errors=errors, pools=pools(), rows=rows,
        typed={"numbers": "", "owner": "", "why": ""} | dict(typed),
    )  # fmt: skip


def _quarantine(request: Request, typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    return site.render(
        request, "inventory-quarantine.html", 422 if errors else 200, errors=errors, pools=pools(),
        typed={"owner": "", "days": "", "why": ""} | dict(typed),
    )  # fmt: skip


async def _pool(upstream: Upstream, read: Fields, typed: Mapping[str, str]) -> OfPool | None:
    """The pool that is meant; nothing where it is none, which is said at its field."""
    pool, owner = typed["pool"], typed["owner"]
    if pool not in pools():
        read.errors["pool"] = _("Choose from the list")
        return None
    given: Any = {"pool": pool, "owner": owner}
    if not fits(OfPool, given):
        read.errors["owner"] = {
            "public": _("The public pool is nobody's: leave this empty"),
            "reseller": _("Enter the id of the reseller, such as acme"),
            "customer": _("Enter the id of the reseller, a slash and the id of the customer"),
        }[pool]
        return None
    found = OfPool.model_validate(given)
    reseller = found.owner.partition("/")[0]
    if reseller and not await resellers.is_there(upstream, reseller):
        read.errors["owner"] = _("There is no reseller %(id)s") % {"id": reseller}
        return None
    return found
