"""Price lists' versions, as the gateway asks about them: what is in force, drafts, publishing, what differs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from billing_service import list_queries, versions
from billing_service.handlers import price_lists
from billing_service.versions import Refused, Version
from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turn
from patchbay_contracts.price_lists import (
    Affected,
    AffectedQuery,
    DiffQuery,
    DraftQuery,
    ListsQuery,
    PriceListVersion,
    PublishQuery,
    Scope,
    VersionHead,
    VersionQuery,
    Versions,
    VersionsQuery,
)


def routes(running: Running) -> APIRouter:
    """Everything under /price-lists."""
    api = APIRouter(prefix="/price-lists")

    @api.post("/list")
    async def list_(request: Request) -> Response:
        asked = await bodies.read(request, ListsQuery)
        async with running.database.connection() as db:
            today = await list_queries.day_of(db)
            lists = await list_queries.of_resellers(db, asked.resellers)
        heads = (listed(asked, all_, today) for all_ in lists.values())
        return bodies.said(Versions(versions=tuple(one for one in heads if one is not None)))

    @api.post("/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, VersionQuery)
        async with running.database.connection() as db:
            today = await list_queries.day_of(db)
            all_ = (await list_queries.of_lists(db, [asked.price_list])).get(asked.price_list, [])
        found = the(asked.resellers, all_, asked.version, asked.on or today, "")
        return bodies.said(versions.whole(found, all_, today))

    @api.post("/versions")
    async def of_list(request: Request) -> Response:
        asked = await bodies.read(request, VersionsQuery)
        async with running.database.connection() as db:
            today = await list_queries.day_of(db)
            all_ = (await list_queries.of_lists(db, [asked.price_list])).get(asked.price_list, [])
        seen = [one for one in reversed(all_) if versions.sees(asked.resellers, one)]
        if not seen:
            raise unknown("/price_list")
        return bodies.said(Versions(versions=tuple(versions.head(one, all_, today) for one in seen)))

    @api.post("/draft")
    async def draft(request: Request) -> Response:
        asked = await bodies.read(request, DraftQuery)
        return bodies.said(await running.turns.carry_out(lambda turn: drafted(turn, asked)))

    @api.post("/publish")
    async def publish(request: Request) -> Response:
        asked = await bodies.read(request, PublishQuery)
        return bodies.said(await running.turns.carry_out(lambda turn: published(turn, asked)))

    @api.post("/diff")
    async def diff(request: Request) -> Response:
        asked = await bodies.read(request, DiffQuery)
        async with running.database.connection() as db:
            today = await list_queries.day_of(db)
            lists = await list_queries.of_lists(db, (asked.before.price_list, asked.after.price_list))
        sides = [(lists.get(ref.price_list, []), ref.version) for ref in (asked.before, asked.after)]
        before, after = (
            the(asked.resellers, all_, version, today, where)
            for (all_, version), where in zip(sides, ("/before", "/after"), strict=True)
        )
        return bodies.said(versions.diff(before, after, [all_ for all_, _ in sides], today))

    @api.post("/affected")
    async def affected(request: Request) -> Response:
        asked = await bodies.read(request, AffectedQuery)
        async with running.database.connection() as db:
            all_ = (await list_queries.of_lists(db, [asked.price_list])).get(asked.price_list, [])
            if not any(versions.sees(asked.resellers, one) for one in all_):
                raise unknown("/price_list")
            return bodies.said(await counted(db, asked))

    return api


def listed(asked: ListsQuery, all_: Sequence[Version], today: date) -> VersionHead | None:
    """What a list shows of a price list: its version in force, or with `all` its newest; None if it does not show."""
    seen = [one for one in all_ if versions.sees(asked.resellers, one)]
    found = versions.in_force(seen, asked.on or today)
    if found is None and asked.all and seen:
        found = seen[-1]
    if found is None or (asked.service_type and all(p.service_type != asked.service_type for p in found.prices)):
        return None
    return versions.head(found, all_, asked.on or today)


def the(scope: Scope, all_: Sequence[Version], number: int | None, day: date, where: str) -> Version:
    """That version, or the one in force on the day. Raises Problem 404 where there is none to be seen."""
    seen = [one for one in all_ if versions.sees(scope, one)]
    if not seen:
        raise unknown(f"{where}/price_list")
    found = versions.in_force(seen, day) if number is None else next((o for o in seen if o.version == number), None)
    if found is None:
        message = f"no version is in force on {day}" if number is None else "there is no such version"
        fault = {"pointer": f"{where}/version", "message": message, "remedy": "choose one of its versions"}
        raise Problem(404, "No such version", errors=[fault], code="no_such_version")
    return found


async def drafted(turn: Turn, asked: DraftQuery) -> PriceListVersion:
    """Write a draft. Raises Problem where that is not for the caller to do, or somebody was faster."""
    await list_queries.alone(turn.db, asked.price_list)
    all_ = (await list_queries.of_lists(turn.db, [asked.price_list])).get(asked.price_list, [])
    found = versions.drafted(asked, all_)
    if isinstance(found, Refused):
        raise refused(found)
    if asked.dry_run:
        number = found.version if isinstance(found, Version) else found
        draft = versions.draft(asked, number, datetime.now(UTC))
        return versions.whole(draft, [*all_, draft], await list_queries.day_of(turn.db))
    if not isinstance(found, Version):
        await list_queries.draft(turn.db, asked, found)
    return await shown(turn.db, asked.price_list, found if isinstance(found, int) else found.version)


async def published(turn: Turn, asked: PublishQuery) -> PriceListVersion:
    """Publish a draft, and have it known at once here, and within seconds in other processes."""
    await list_queries.alone(turn.db, asked.price_list)
    all_ = (await list_queries.of_lists(turn.db, [asked.price_list])).get(asked.price_list, [])
    found = versions.publishable(asked, all_, await list_queries.day_of(turn.db))
    if isinstance(found, Refused):
        raise refused(found)
    if found.state == "draft":
        await list_queries.put_in_force(turn.db, asked)
        turn.db.after_commit(price_lists.forget)
    return await shown(turn.db, asked.price_list, asked.version)


async def shown(db: Connection, id_: str, number: int) -> PriceListVersion:
    """A version as it stands now."""
    all_ = (await list_queries.of_lists(db, [id_]))[id_]
    found = next(one for one in all_ if one.version == number)
    return versions.whole(found, all_, await list_queries.day_of(db))


async def counted(db: Connection, asked: AffectedQuery) -> Affected:
    """Whose charges are by a list, reseller by reseller."""
    found = await list_queries.affected(db, asked)
    checked, more = await list_queries.looked_through(db)
    return Affected(
        price_list=asked.price_list,
        version=asked.version,
        customers=sum(one.customers for one in found),
        services=sum(one.services for one in found),
        numbers=sum(one.numbers for one in found),
        resellers=tuple(found),
        checked=checked,
        more=more,
    )


def unknown(pointer: str) -> Problem:
    """What is somebody else's is not told from what is not there."""
    fault = {"pointer": pointer, "message": "there is no such price list", "remedy": "choose one of yours"}
    return Problem(404, "There is no such price list", errors=[fault], code="no_such_price_list")


def refused(why: Refused) -> Problem:
    """A refusal that names the field."""
    fault = {"pointer": f"/{why.field}", "message": why.message, "remedy": why.remedy}
    return Problem(why.status, "The price list was not changed", errors=[fault])
