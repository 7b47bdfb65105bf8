"""The inventory of numbers, for those who keep it: blocks and pools with what is used of them, and who changed what."""

import re
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import listing, site, told
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.people import Operator
from gateway_service.stock import Stock
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory_answers import BlockPage, BlockUsage, LogPage, PoolPage
from patchbay_contracts.words import parse_e164

PAGE, MANY = "50", "1000"
LARGEST = 10_000
"""A block has so many numbers at the most."""
HEAD = (
    "first", "last", "country", "area", "pool", "owner", "size", "free", "held", "assigned", "quarantined", "lent",
)  # fmt: skip


async def keeper(who: site.Signed) -> Operator:
    """Who keeps the inventory. He acts for all resellers: what is shown and changed here belongs to any of them."""
    if not who.keeps_numbers:
        raise Problem(403, _("You may not see this page"), _("Ask somebody who looks after all resellers."))
    return who


Keeper = Annotated[Operator, Depends(keeper)]


def router(upstream: Upstream) -> APIRouter:
    """What is looked at."""
    routes, stock = site.routes("/inventory"), Stock(upstream)

    @routes.get("")
    async def show_blocks(request: Request, _who: Keeper) -> Response:
        filters = Filters(request, "number")
        number, found = number_of(filters), BlockPage(usage=())
        if not filters.errors:
            found = await _page(stock, filters.after or _before(number), filters.errors)
        while found.next and found.usage[-1].last < number:  # its block is up to 100 short ones further on
            found = await _page(stock, found.next, filters.errors)
        return site.render(
            request, "inventory.html", 422 if filters.errors else 200, errors=filters.errors, filters=filters,
            rows=[row for row in found.usage if row.last >= number], pools=pools(), next=filters.page(found.next),
        )  # fmt: skip

    @routes.get(".csv")
    async def download(request: Request, _who: Keeper) -> Response:
        filters = Filters(request, "number")
        number = number_of(filters)
        if filters.errors:
            return site.go(f"/inventory?{request.url.query}")
        return await listing.download("blocks", HEAD, _all(stock, number))

    @routes.get("/pools")
    async def show_pools(request: Request, _who: Keeper) -> Response:
        filters = Filters(request)
        found = PoolPage.model_validate_json(await _asked(stock, "/usage", filters.after, filters.errors, by="pool"))
        response = site.render(
            request, "inventory-pools.html", 422 if filters.errors else 200, errors=filters.errors, filters=filters,
            rows=found.usage, pools=pools(), next=filters.page(found.next), said=told.heard(request),
        )  # fmt: skip
        return told.forget(request, response, "/inventory")

    @routes.get("/log")
    async def show_log(request: Request, _who: Keeper) -> Response:
        filters = Filters(request, "number")
        if filters.after and not _is_id(filters.after):
            filters.after = None
        number, found = number_of(filters), LogPage(entries=())
        if not filters.errors:
            found = await changes(stock, number, filters.after or "")
        return site.render(
            request, "inventory-log.html", 422 if filters.errors else 200, errors=filters.errors, filters=filters,
            entries=found.entries, next=filters.page(found.next),
        )  # fmt: skip

    return routes


def pools() -> dict[str, str]:
    """What pools are called."""
    return {"public": _("public"), "reseller": _("a reseller's"), "customer": _("a customer's")}


async def _page(stock: Stock, after: str, errors: dict[str, str]) -> BlockPage:
    return BlockPage.model_validate_json(await _asked(stock, "/usage", after, errors))


async def _asked(stock: Stock, path: str, after: str | None, errors: dict[str, str], **more: str) -> bytes:
    """A page of a list; an empty one with what is wrong, where there is no such page."""
    try:
        return await stock.get(path, after=after or "", limit=PAGE, **more)
    except Problem as problem:
        if problem.status != 422:
            raise
        errors[""] = _("This page of the list is not there. Begin with the first one.")
        return b'{"usage":[]}'


async def changes(stock: Stock, number: int, after: str = "") -> LogPage:
    """A page of what was changed, of a number or with 0 of any."""
    about = f"+{number}" if number else ""
    return LogPage.model_validate_json(await stock.get("/log", number=about, after=after, limit=PAGE))


def number_of(filters: Filters) -> int:
    """The number that was asked for; 0 for none. What is no number is said at its field."""
    typed = re.sub(r"[\s()/.-]", "", filters["number"])
    try:
        return parse_e164(f"+{typed[2:]}" if typed.startswith("00") else typed) if typed else 0
    except ValueError:
        filters.errors["number"] = _("Enter a whole number with its calling code, such as +441217370000")
        return 0


def _before(number: int) -> str:
    """The cursor before the block that has it: no block is longer than the longest."""
    return f"+{number - LARGEST}" if number - LARGEST > 10**7 else ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def _all(stock: Stock, number: int) -> AsyncGenerator[list[Sequence[Any]]]:
    after: str | None = _before(number)
    while after is not None:
        page = BlockPage.model_validate_json(await stock.get("/usage", after=after, limit=MANY))
        yield [_cells(row) for row in page.usage if row.last >= number]
        after = page.next


def _cells(row: BlockUsage) -> Sequence[Any]:
    counts = (row.size, row.free, row.held, row.assigned, row.quarantined, row.lent)
    return (f"+{row.block}", f"+{row.last}", row.country, row.area, row.pool, row.owner, *counts)
