"""API keys, for administrators: who may call the API for a reseller, what for, how long and how often."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import api_keys, key_form, key_queries, rates
from gateway_service.api_keys import Giver, Wanted
from gateway_service.keys import Scope
from gateway_service.pages import reach, site
from gateway_service.pages.fields import unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.operators import Administrator
from gateway_service.pages.people import Operator
from gateway_service.pages.reach import Reach
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.problems import Problem

PREFIX = "/api-keys"
SCOPES: tuple[str, ...] = get_args(Scope)
PAGE = 100
ID = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
Ending = Callable[[Connection, Giver, str], Awaitable[None]]


@dataclass(frozen=True)
class Typed:
    """A key as it was typed."""

    name: str = ""
    scopes: tuple[str, ...] = ("orders", "numbers")
    expires: str = ""
    limits: str = ""

    def faults(self) -> dict[str, str]:
        """What is wrong with it, by field."""
        errors = {}
        if not 0 < len(self.name) <= 200 or not self.name.isprintable():
            errors["name"] = _("Enter a name of up to 200 characters, on one line")
        if not self.scopes:
            errors["scopes"] = _("Tick what the key may be used for")
        if self.expires and self.ends() is None:
            errors["expires"] = _("Enter a day to come, or none")
        if len(self.limits) > 200 or not rates.check(self.limits):
            errors["limits"] = _("Enter limits such as 100 per minute; 5000 per day, or none")
        return errors

    def ends(self) -> datetime | None:
        """At the end of that day; None if it is none, or is past."""
        try:
            end = datetime.combine(date.fromisoformat(self.expires), time.max, UTC).replace(microsecond=0)
        except ValueError:
            return None
        return end if end > datetime.now(UTC) else None

    def wanted(self) -> Wanted:
        """As it shall be, when there are no faults."""
        return Wanted(self.name, tuple(sorted(self.scopes)), self.ends(), self.limits)


def router(database: Database, upstream: Upstream) -> APIRouter:
    """The list, one key, and what can be done about it."""
    routes = site.routes()
    for part in (_all, _one):
        routes.include_router(part(database, upstream))
    return routes


def _all(database: Database, upstream: Upstream) -> APIRouter:
    """The list, and a new one."""
    routes = Routes(prefix=PREFIX, include_in_schema=False)

    @routes.get("")
    async def list_all(request: Request, who: Administrator, reseller: str = "", after: str = "") -> Response:
        seen = await reach.of(upstream, who)
        these, errors = seen.narrowed(reseller)
        async with database.connection() as db:
            rows = await key_queries.page(db, these, after, PAGE + 1)
        more = rows[PAGE - 1].id if len(rows) > PAGE else None
        return site.render(
            request, "api-keys.html", 422 if errors else 200, errors=errors, rows=rows[:PAGE], next=more, seen=seen,
            reseller=reseller, after=after,
        )  # fmt: skip

    @routes.get("/new")
    async def show_new(request: Request, who: Administrator) -> Response:
        seen = await reach.of(upstream, who)
        return _new(request, seen, Typed(), next(iter(seen.names)), key_form.new_id())

    @routes.post("/new")
    async def make(request: Request, who: Administrator) -> Response:
        seen, form = await reach.of(upstream, who), await site.form(request)
        typed, reseller = _typed(form), form.text("reseller")
        id_ = form.text("id") if len(form.text("id")) == 12 and form.text("id").isalnum() else secrets.token_hex(6)
        errors = typed.faults() | unknown(form, {"scopes": SCOPES})
        if reseller not in seen.names:
            errors["reseller"] = _("Choose a reseller that you may act for")
        if errors:
            return _new(request, seen, typed, reseller, id_, errors=errors)
        async with database.transaction() as db:
            key = await api_keys.make(db, _gives(who, seen), reseller, id_, typed.wanted(), again=False)
        if key is None:  # the form came again: its key was shown, once
            return site.go(f"/api-keys/{id_}?done=made")
        return site.render(request, "api-keys-made.html", id_=id_, name=typed.name, key=key.written)

    return routes


def _one(database: Database, upstream: Upstream) -> APIRouter:
    """One key."""
    routes = Routes(prefix=PREFIX, include_in_schema=False)

    @routes.get("/{id_}")
    async def show(request: Request, id_: ID, who: Administrator, done: str = "") -> Response:
        return await _page(request, database, await _giver(upstream, who), id_, done=done)

    @routes.post("/{id_}")
    async def change(request: Request, id_: ID, who: Administrator) -> Response:
        form, giver = await site.form(request), await _giver(upstream, who)
        typed = _typed(form)
        if errors := typed.faults() | unknown(form, {"scopes": SCOPES}):
            return await _page(request, database, giver, id_, typed=typed, errors=errors)
        async with database.transaction() as db:
            await api_keys.change(db, giver, id_, typed.wanted())
        return _done(request, id_, "changed")

    @routes.post("/{id_}/rotate")
    async def rotate(request: Request, id_: ID, who: Administrator) -> Response:
        giver, hours = await _giver(upstream, who), (await site.form(request)).text("hours")
        if not hours.isdecimal() or len(hours) > 3 or timedelta(hours=int(hours)) > api_keys.LONGEST_OVERLAP:
            errors = {"hours": _("Enter how many hours, up to 720")}
            return await _page(request, database, giver, id_, hours=hours, errors=errors)
        async with database.transaction() as db:
            key = await api_keys.rotate(db, giver, id_, timedelta(hours=int(hours)))
            row = await key_queries.one(db, giver.resellers, id_)
        request.app.state.keys.forget()
        return site.render(request, "api-keys-made.html", id_=id_, name=row and row.name, key=key.written)

    @routes.post("/{id_}/end-former")
    async def end_former(request: Request, id_: ID, who: Administrator) -> Response:
        return await _end(request, id_, who, api_keys.end_former, "ended")

    @routes.post("/{id_}/revoke")
    async def revoke(request: Request, id_: ID, who: Administrator) -> Response:
        return await _end(request, id_, who, api_keys.revoke, "revoked")

    async def _end(request: Request, id_: str, who: Operator, end: Ending, done: str) -> Response:
        giver = await _giver(upstream, who)
        async with database.transaction() as db:
            await end(db, giver, id_)
        return _done(request, id_, done)

    return routes


async def _giver(upstream: Upstream, who: Operator) -> Giver:
    return _gives(who, await reach.of(upstream, who))


def _gives(who: Operator, seen: Reach) -> Giver:
    """Only whoever acts for all resellers lets a program decide about what is everybody's."""
    return Giver(who.by, seen.ids, None if who.resellers is None else frozenset(SCOPES) - {"operations", "house"})


def _done(request: Request, id_: str, what: str) -> Response:
    request.app.state.keys.forget()
    return site.go(f"/api-keys/{id_}?done={what}")


def _typed(form: site.Form) -> Typed:
    ticked = tuple(scope for scope in SCOPES if scope in form.all("scopes"))
    return Typed(form.text("name"), ticked, form.text("expires"), form.text("limits"))


def _new(
    request: Request, seen: Reach, typed: Typed, reseller: str, id_: str, *, errors: dict[str, str] | None = None
) -> Response:
    return site.render(
        request, "api-keys-new.html", 422 if errors else 200,
        errors=errors, seen=seen, typed=typed, reseller=reseller, id_=id_, scopes=scopes(),
    )  # fmt: skip


async def _page(
    request: Request,
    database: Database,
    giver: Giver,
    id_: str,
    *,
    typed: Typed | None = None,
    hours: str = "24",
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    async with database.connection() as db:
        row = await key_queries.one(db, giver.resellers, id_)
        if row is None:
            raise Problem(404, _("There is no such key"))
        changes = await key_queries.changes(db, giver.resellers, id_)
    there = Typed(row.name, tuple(row.scopes), row.expires_at.date().isoformat() if row.expires_at else "", row.limits)
    return site.render(
        request, "api-keys-one.html", 422 if errors else 200,
        errors=errors, row=row, typed=typed or there, hours=hours, changes=changes, done=done, scopes=scopes(),
    )  # fmt: skip


def scopes() -> list[tuple[str, Any, Any]]:
    """What a key may be used for, as choices."""
    told = {
        "orders": _("places, changes and reads orders, drafts, services"),
        "numbers": _("searches and holds numbers"),
        "inventory": _("changes the inventory of the house, for all resellers"),
        "read": _("reads what the first reads, and changes nothing"),
        "events": _("reads and follows events"),
        "webhooks": _("looks after webhooks"),
        "tmf": _("uses the TM Forum facade"),
        "keys": _("looks after the reseller's keys, and gives what it has"),
        "audit": _("reads the audit trail"),
        "resellers": _("acts for resellers below this one"),
        "operations": _("looks after stuck orders, dead letters and lag, of all resellers"),
        "catalogue": _("looks after service types that only the reseller sells"),
        "prices": _("looks after the reseller's own price lists and its customers' accounts"),
        "house": _("with the two before: looks after service types and price lists of all resellers"),
    }
    return [(scope, scope, told[scope]) for scope in SCOPES]
