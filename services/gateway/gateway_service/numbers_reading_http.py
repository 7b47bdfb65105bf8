"""Numbers read over the public API: those in service, and those that drafts and baskets hold."""

from typing import Annotated, Any, Literal, get_args

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
from patchbay_contracts.words import parse_e164

State = Literal["assigned", "held"]
ALL = (
    "e164", "state", "service_id", "service_state", "service_type", "customer_id", "owner", "held_until", lists.LINKS,
)  # fmt: skip
InPath = Annotated[str, Path(pattern=r"^\+?[1-9][0-9]{6,14}$", description="with its calling code")]


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes that read numbers, for keys with one of the scopes `numbers`, `orders` and `read`."""
    routes = Routes(prefix="/v1/numbers")
    Known = Annotated[Caller, Depends(keys.having("numbers", "orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.NUMBERS)
    async def list_numbers(
        caller: Known,
        asked: Annotated[Asked, Depends()],
        state: Annotated[State, Query(description="in service, or held for a draft or basket")] = "assigned",
        number: Begins = None,
    ) -> Response:
        async def fetch(after: str | None, limit: int) -> Page:
            behind = None if after is None else _position(after)
            return await _page(upstream, caller, state, number, after=behind, limit=limit)

        return await lists.answer(asked, "numbers", ALL, fetch)

    @routes.get("/{e164}", **reading_openapi.NUMBER)
    async def show_number(
        e164: InPath, request: Request, caller: Known, fields_: Annotated[Fields, Query(alias="fields")] = None
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        number = parse_e164(e164)
        for state in get_args(State):
            page = await _page(upstream, caller, state, e164, limit=1)  # the shortest that begins so comes first
            if page.rows and page.rows[0]["e164"] == f"+{number}":
                return etags.shown(request, orjson.dumps(fields.only(page.rows[0], names)))
        detail = f"No service of yours has +{number}, and nothing of yours holds it."
        raise Problem(404, "No such number", detail, code="no_such_number")

    return routes


async def _page(
    upstream: Upstream, caller: Caller, state: State, number: str | None, *, after: int | None = None, limit: int
) -> Page:
    rows: list[dict[str, Any]]
    if state == "assigned":
        query = NumbersQuery(resellers=(caller.reseller,), number=number, count=limit, after=after)
        found = NumbersInService.model_validate_json(await upstream.ask("provisioning", "/numbers/search", query))
        rows, more = [_in_service(one.model_dump(mode="json")) for one in found.numbers], found.more
    else:
        held = HeldQuery(number=number, count=limit, after=after)
        asked = AskedOfNumbers[HeldQuery](reseller=caller.reseller, query=held)
        page = HeldPage.model_validate_json(await upstream.ask("numbers", "/holds/search", asked))
        rows, more = [_held(one.model_dump(mode="json")) for one in page.numbers], page.more
    return Page(rows, str(rows[-1]["e164"]).removeprefix("+") if more else None)


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
