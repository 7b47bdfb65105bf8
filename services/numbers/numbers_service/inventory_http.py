"""What an inventory manager asks, as the gateway passes it on: it checked that the caller may, and says who it is."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import (
    declaring,
    inventory_log,
    kept_loads,
    known,
    lending,
    loading,
    loads,
    overrides,
    quarantine,
    usage,
)
from numbers_service.index import PoolOf
from numbers_service.inventory_log import Reason
from numbers_service.settings import settings
from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem, invalid_parameter
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Streamed
from patchbay_contracts.inventory import (
    Change,
    DeclareGrades,
    GradeRules,
    Kind,
    Lend,
    NewBlocks,
    SetQuarantine,
    StateGrades,
    TakeBack,
)
from patchbay_contracts.inventory_answers import Load
from patchbay_contracts.message import PLAIN, Frozen
from patchbay_contracts.words import Pool, Text, parse_e164

Work = Callable[[Connection, Reason, Any], Awaitable[Frozen]]
Who = Annotated[Text, Query()]
Why = Annotated[Text, Query()]
After = Annotated[str, Query(max_length=200, pattern=PLAIN)]
Number = Annotated[str, Query(max_length=20)]
Limit = Annotated[int, Query(ge=1, le=1_000)]

CHANGES: tuple[tuple[str, str, type[Change], Work], ...] = (
    ("POST", "/blocks", NewBlocks, loading.post),
    ("POST", "/lending", Lend, lending.lend),
    ("POST", "/lending/return", TakeBack, lending.take_back),
    ("PUT", "/quarantine", SetQuarantine, quarantine.set_),
    ("POST", "/overrides", StateGrades, overrides.state),
)
"""What can be changed by one call, by what, and what does it."""


def routes(running: Running) -> APIRouter:
    """Everything under /inventory."""
    api = APIRouter(prefix="/inventory")
    for method, path, asked, work in CHANGES:
        api.add_api_route(path, _changing(running, asked, work), methods=[method], name=path)
    _lists(api, running)
    _grades(api, running)
    _views(api, running)
    return api


def _changing(running: Running, kind: type[Change], work: Work) -> Callable[[Request, Who], Awaitable[Response]]:
    async def change(request: Request, who: Who) -> Response:
        asked = await bodies.read(request, kind)
        reason = Reason(who, asked.why)
        return bodies.said(await running.turns.carry_out(lambda turn: work(turn.db, reason, asked)))

    return change


def _lists(api: APIRouter, running: Running) -> None:
    @api.post("/loads")
    async def load_list(request: Request, kind: Kind, who: Who, why: Why) -> Response:
        return Streamed((await loads.begin(running, request, kind, Reason(who, why))).progress())

    @api.get("/loads/{id}")
    async def show_load(id: UUID) -> Response:  # noqa: A002 - its name in the path
        return bodies.said(await _load(running, id))

    @api.get("/loads/{id}/refused")
    async def show_refused_rows(id: UUID) -> Response:  # noqa: A002 - its name in the path
        return Streamed(await kept_loads.refused_rows(running, await _load(running, id)), "text/csv")


def _grades(api: APIRouter, running: Running) -> None:
    @api.get("/grades")
    async def show_rules() -> Response:
        async with running.database.connection() as db:
            return bodies.said(await declaring.in_force(db))

    @api.post("/grades/preview")
    async def preview(request: Request) -> Response:
        asked = await bodies.read(request, GradeRules)
        async with running.database.connection() as db:
            there = await declaring.inventory(db)
        return bodies.said(await declaring.preview(there, asked))

    @api.put("/grades")
    async def declare(request: Request, who: Who) -> Response:
        asked = await bodies.read(request, DeclareGrades)
        reason = Reason(who, asked.why)
        return bodies.said(await running.turns.carry_out(lambda turn: declaring.declare(turn, reason, asked)))


def _views(api: APIRouter, running: Running) -> None:
    @api.get("/usage")
    async def show_usage(by: Literal["block", "pool"] = "block", after: After = "", limit: Limit = 100) -> Response:
        async with running.database.connection() as db:
            if by == "pool":
                return bodies.said(await usage.by_pool(db, _pool(after), limit))
            return bodies.said(await usage.by_block(db, _first(after), limit))

    @api.get("/numbers/{e164}")
    async def show_number(e164: Annotated[str, Path(max_length=20)]) -> Response:
        number = _parsed(e164)
        async with running.database.connection() as db:
            found = None if number is None else await known.one(db, number)
        if found is None:
            raise Problem(404, "No such number", f"{e164} is in no block.", code="no_such_number")
        return bodies.said(found)

    @api.get("/log")
    async def log(after: UUID | None = None, limit: Limit = 50, number: Number = "") -> Response:
        about = _about(number)
        async with running.database.connection() as db:
            return bodies.said(await inventory_log.page(db, after, limit, about))


def _parsed(e164: str) -> int | None:
    try:
        return parse_e164(e164)
    except ValueError:
        return None


def _about(number: str) -> int | None:
    """The number that is meant; none for any."""
    try:
        return parse_e164(number) if number else None
    except ValueError as error:
        raise invalid_parameter("number", str(error), "write it as in +441217370420") from None


async def _load(running: Running, id_: UUID) -> Load:
    async with running.database.connection() as db:
        load = await kept_loads.load(db, id_, settings().load_patience)
    if load is None:
        raise Problem(
            404, "No such load", f"There is no load {id_}. Its id is in each line of its answer.", code="no_such_load"
        )
    return load


def _first(after: str) -> int:
    """The block behind which a page begins."""
    try:
        return parse_e164(after) if after else 0
    except ValueError as error:
        raise _no_cursor(str(error)) from None


def _pool(after: str) -> PoolOf:
    """The pool behind which a page begins; before all others there is one without a name."""
    pool, _, owner = after.partition(":")
    if after and pool not in get_args(Pool):
        raise _no_cursor("not a pool and its owner, such as reseller:acme")
    return PoolOf(cast(Pool, pool), owner)


def _no_cursor(message: str) -> Problem:
    return invalid_parameter("after", message, "take it from `next` of the page before")
