"""Lists of resources of the TM Forum, which are numbers, by their attributes: those in services, and those that were
taken in."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gateway_service.tmf import described, narrowing, resources, resources_out
from gateway_service.tmf.narrowing import Way
from gateway_service.tmf.resources import LIVE, Desk
from gateway_service.tmf.resources_out import ALWAYS, STATES, Number
from gateway_service.tmf.selection import Selection
from patchbay_chassis.problems import Problem
from patchbay_contracts.taken_in import MOST_PART, NumberInService, NumberPart, TakenIn
from patchbay_contracts.words import parse_e164

_STATES = narrowing.states({state: resources_out.states("assigned", state) for state in LIVE})
_WAYS: Mapping[tuple[str, ...], Way] = {
    **dict.fromkeys([("id",), ("name",), ("value",)], narrowing.numbers),
    **dict.fromkeys([(name,) for name in STATES], _STATES),
    ("startOperatingDate",): narrowing.since,
}
_ROOTS = {"href", "resourceCharacteristic", *(path[0] for path in _WAYS)}
Listed = Sequence[TakenIn | NumberInService]
L = TypeVar("L", TakenIn, NumberInService)


async def listed(desk: Desk, asked: Selection) -> tuple[list[dict[str, Any]], int]:
    """A part of the numbers that match, the newest first, and how many match. Raises Problem 422 where too many would
    have to be looked through."""
    if (id_ := asked.only("id")) is not None:
        found = await _one(desk, id_, asked)
        return found[asked.offset : asked.offset + asked.limit], len(found)
    query = NumberPart(reseller=desk.reseller)
    taken: Sequence[TakenIn] = await desk.taken_in()
    if not asked.filters:
        return await _part(desk, query, taken, asked.offset, asked.limit)
    wanted, rest = narrowing.narrowed(asked, _WAYS, ALWAYS, _ROOTS)
    if wanted.pop("ids", None) is not None:
        wanted["numbers"] = ()
    but_not, also = await _described(desk, asked, taken)
    query = NumberPart(reseller=desk.reseller, **wanted, but_not=but_not, also=also)
    taken = await _matching(desk, taken, asked)
    if not rest:
        return await _part(desk, query, taken, asked.offset, asked.limit)
    matching, offset, total = list[dict[str, Any]](), 0, 1
    while offset < total:
        page, total = await _part(desk, query, taken, offset, MOST_PART)
        described.check(total, "numbers", rest[0])
        matching += [whole for whole in page if asked.matches(whole)]
        offset += MOST_PART
    return matching[asked.offset : asked.offset + asked.limit], len(matching)


async def _one(desk: Desk, id_: str, asked: Selection) -> list[dict[str, Any]]:
    """It may be one that is free."""
    try:
        whole = await resources.one(desk, id_)
    except Problem as problem:
        if problem.status != 404:
            raise
        return []
    return [whole] if asked.matches(whole) else []


async def _described(desk: Desk, asked: Selection, taken: Sequence[TakenIn]) -> tuple[Sequence[int], Sequence[int]]:
    """The numbers in services of which clients say how they are, and those of them that match."""
    async with desk.running.database.connection() as db:
        said = await described.speaking(db, desk.reseller, "resource", asked)
    ids = sorted({parse_e164(id_) for id_ in said} - {one.e164 for one in taken})
    matching = list[int]()
    for at in range(0, len(ids), MOST_PART):
        query = NumberPart(reseller=desk.reseller, numbers=tuple(ids[at : at + MOST_PART]), count=MOST_PART)
        found = await desk.in_service(query)
        matching += [one.e164 for one in await _matching(desk, found.numbers, asked)]
    return tuple(ids), tuple(matching)


async def _matching(desk: Desk, listed: Sequence[L], asked: Selection) -> Sequence[L]:
    shown = {whole["id"]: whole for whole in await _shown(desk, listed)}
    return [one for one in listed if (whole := shown.get(f"+{one.e164}")) is not None and asked.matches(whole)]


async def _part(
    desk: Desk, query: NumberPart, taken: Sequence[TakenIn], offset: int, count: int
) -> tuple[list[dict[str, Any]], int]:
    """Numbers of both kinds in the order of their times. Those that were taken in are few: so many numbers in services
    are asked for before the place that they cannot all lie behind it."""
    before = max(0, offset - len(taken))
    needed, found = offset - before + count, list[NumberInService]()
    while True:
        place = {"offset": before + len(found), "count": min(MOST_PART, needed - len(found))}
        part = await desk.in_service(query.model_copy(update=place))
        found += part.numbers
        if not part.numbers or len(found) >= min(needed, part.total - before):
            break
    both: list[TakenIn | NumberInService] = sorted([*found, *taken], key=lambda one: one.since, reverse=True)
    return await _shown(desk, both[offset - before : offset - before + count]), part.total + len(taken)


async def _shown(desk: Desk, listed: Listed) -> list[dict[str, Any]]:
    known = await desk.known([one.e164 for one in listed])
    return await desk.shown(
        [
            Number(known[one.e164], one.since, None if isinstance(one, TakenIn) else one)
            for one in listed
            if one.e164 in known
        ]
    )
