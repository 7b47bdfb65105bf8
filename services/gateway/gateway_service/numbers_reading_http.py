"""Numbers read over the public API: those in service, and those that drafts and baskets hold."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import etags, fields, lists, reading_openapi
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Begins, Page
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.held_numbers import HeldPage, HeldQuery
from patchbay_contracts.numbers import Asked as AskedOfNumbers
from patchbay_contracts.numbers_in_service import NumbersInService, NumbersQuery
from patchbay_contracts.taken_in import NumbersGet, NumbersKnown
from patchbay_contracts.words import Grade, Pool, parse_e164

State = Literal["assigned", "held"]
DESCRIBED = ("grade", "pool")
"""What is known of a number by its block, not by who has it."""
ALL = (
    "e164", "state", "service_id", "service_state", "service_type", "customer_id", "owner", "held_until", *DESCRIBED,
    lists.LINKS,
)  # fmt: skip
LOOKED_THROUGH = 2_000
"""So many numbers are looked at for a page of those of a grade or pool; it may have fewer rows then, and a `next`."""
InPath = Annotated[str, Path(pattern=r"^\+?[1-9][0-9]{6,14}$", description="with its calling code")]


class Wanted(NamedTuple):
    """Which numbers: all that is given has to be true of them."""

    state: State
    number: str | None = None
    service_id: UUID | None = None
    customer_id: UUID | None = None
    grade: Grade | None = None
    pool: Pool | None = None

    @property
    def of_any(self) -> bool:
        """Whether it does not matter of which grade and pool they are."""
        return self.grade is None and self.pool is None


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes that read numbers, for keys with one of the scopes `numbers`, `orders` and `read`."""
    routes = Routes(prefix="/v1/numbers")
    Known = Annotated[Caller, Depends(keys.having("numbers", "orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.NUMBERS)
    async def list_numbers(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        state: Annotated[State, Query(description="in service, or held for a draft or basket")] = "assigned",
        number: Begins = None,
        service_id: Annotated[UUID | None, Query(description="the service that has it")] = None,
        customer_id: Annotated[UUID | None, Query(description="the customer of the service that has it")] = None,
        grade: Annotated[Grade | None, Query(description="a page may have fewer rows then, and still a `next`")] = None,
        pool: Annotated[Pool | None, Query(description="that of its block; a page may have fewer rows then")] = None,
    ) -> Response:
        wanted = Wanted(state, number, service_id, customer_id, grade, pool)
        names = fields.chosen(asked.fields, ALL)
        described = names is None or not wanted.of_any or not set(DESCRIBED).isdisjoint(names)

        async def fetch(after: str | None, limit: int) -> Page:
            behind = None if after is None else _position(after)
            if wanted.of_any:
                return await _page(upstream, caller, wanted, after=behind, limit=limit, described=described)
            return await _page_of_some(upstream, caller, wanted, after=behind, limit=limit)

        return await lists.answer(asked, "numbers", ALL, fetch)

    @routes.get("/{e164}", **reading_openapi.NUMBER)
    async def show_number(
        e164: InPath, request: Request, caller: Known, fields_: Annotated[Fields, Query(alias="fields")] = None
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        number = parse_e164(e164)
        for state in get_args(State):
            page = await _page(upstream, caller, Wanted(state, e164), limit=1)  # the shortest that begins so is first
            if page.rows and page.rows[0]["e164"] == f"+{number}":
                return etags.shown(request, orjson.dumps(fields.only(page.rows[0], names)))
        detail = f"No service of yours has +{number}, and nothing of yours holds it."
        raise Problem(404, "No such number", detail, code="no_such_number")

    return routes


async def _page_of_some(upstream: Upstream, caller: Caller, wanted: Wanted, *, after: int | None, limit: int) -> Page:
    """Those of a grade or a pool: no list is in their order, so others are looked at and passed over."""
    kept = list[Mapping[str, Any]]()
    for _ in range(LOOKED_THROUGH // lists.MOST):
        page = await _page(upstream, caller, wanted, after=after, limit=lists.MOST)
        kept += [
            row for row in page.rows if wanted.grade in (None, row["grade"]) and wanted.pool in (None, row["pool"])
        ]
        if len(kept) > limit:
            return Page(kept[:limit], _cursor(kept[limit - 1]))
        if page.next is None or len(kept) == limit:
            return Page(kept, page.next)
        after = int(page.next)
    return Page(kept, str(after))


async def _page(
    upstream: Upstream,
    caller: Caller,
    wanted: Wanted,
    *,
    after: int | None = None,
    limit: int,
    described: bool = True,
) -> Page:
    """Numbers of any grade and pool; with both, if they are to be `described`."""
    rows, more = list[dict[str, Any]](), False
    if wanted.state == "assigned":
        query = NumbersQuery(
            resellers=(caller.reseller,),
            number=wanted.number,
            service_id=wanted.service_id,
            customer_id=wanted.customer_id,
            count=limit,
            after=after,
        )
        found = NumbersInService.model_validate_json(await upstream.ask("provisioning", "/numbers/search", query))
        rows, more = [_in_service(one.model_dump(mode="json")) for one in found.numbers], found.more
    elif wanted.service_id is None and wanted.customer_id is None:  # what is held is in no service yet
        held = HeldQuery(number=wanted.number, count=limit, after=after)
        asked = AskedOfNumbers[HeldQuery](reseller=caller.reseller, query=held)
        page = HeldPage.model_validate_json(await upstream.ask("numbers", "/holds/search", asked))
        rows, more = [_held(one.model_dump(mode="json")) for one in page.numbers], page.more
    if described and rows:
        rows = await _described(upstream, caller, rows)
    return Page(rows, _cursor(rows[-1]) if more else None)


async def _described(upstream: Upstream, caller: Caller, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    query = NumbersGet(reseller=caller.reseller, numbers=tuple(row["e164"] for row in rows))
    known = NumbersKnown.model_validate_json(await upstream.ask("numbers", "/numbers/get", query)).numbers
    of = {f"+{one.e164}": {name: getattr(one, name) for name in DESCRIBED} for one in known}
    return [row | of.get(row["e164"], {}) for row in rows]


def _cursor(row: Mapping[str, Any]) -> str:
    return str(row["e164"]).removeprefix("+")


def _in_service(one: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one[name] for name in ("service_id", "service_type", "customer_id")}
    links = {"self": f"/v1/numbers/{one['e164']}", "service": f"/v1/services/{one['service_id']}"}
    state = {"state": "assigned", "service_state": one["state"]}
    return _in_order({"e164": one["e164"], "links": links} | state | kept)


def _held(one: dict[str, Any]) -> dict[str, Any]:
    return _in_order(one | {"state": "held", "links": {"self": f"/v1/numbers/{one['e164']}"}})


def _in_order(known: dict[str, Any]) -> dict[str, Any]:
    return {name: known.get(name) for name in ALL}


def _position(after: str) -> int:
    try:
        return parse_e164(after)
    except ValueError:
        raise lists.bad_cursor() from None
