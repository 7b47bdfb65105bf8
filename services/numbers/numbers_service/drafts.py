"""Holds of drafts and baskets: number by number, put off when asked for again. Whose a draft or basket is belongs to
its name: of another reseller's nothing is known."""

from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from numbers_service import allowance, described, queries
from numbers_service.described import Described
from numbers_service.model import Claim, Taker
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import (
    Asked,
    ExtendQuery,
    HoldOwner,
    HoldQuery,
    Holds,
    Lost,
    OwnerQuery,
    Released,
    ReleaseQuery,
)
from patchbay_contracts.words import Pool

_GIVEN = """
    SELECT g.lost, g.given FROM given_instead g JOIN number n ON n.e164 = g.given
    WHERE g.owner = $1 AND g.owner_kind = $2 AND g.reseller = $3
      AND n.owner = $1 AND n.owner_kind = $2 AND n.reseller = $3 AND n.state = 'held' AND n.held_until > now()"""
# Where another number is given just now, or was since this began, that one is held, and not forgotten.
_OVER = """
    WITH over AS MATERIALIZED (
        SELECT reseller, owner, owner_kind, lost, given FROM given_instead g WHERE NOT EXISTS (
            SELECT FROM number n WHERE n.e164 = g.given AND n.owner = g.owner AND n.owner_kind = g.owner_kind
                                   AND n.reseller = g.reseller AND n.state = 'held'))
    DELETE FROM given_instead WHERE ctid = ANY(ARRAY(
        SELECT g.ctid FROM given_instead g JOIN over USING (reseller, owner, owner_kind, lost, given)
        FOR UPDATE OF g SKIP LOCKED))"""


def taker(reseller: str, owner: HoldOwner, customer_id: UUID | None = None) -> Taker:
    """For whom numbers are held."""
    return Taker(owner.id, reseller, customer_id, owner.kind)


def buyer(asked: Asked[HoldQuery]) -> Taker:
    """For whom they are to be held: with the customer whose pool is open then."""
    query = asked.query
    customer_id = query.customer_id or (query.filter.customer_id if query.filter else None)
    return taker(asked.reseller, query.owner, customer_id)


async def hold(db: Connection, asked: Asked[HoldQuery]) -> Holds:
    """Hold what can be had of the numbers, each by itself. One in whose place another was taken by this call before,
    and is held still, stays lost: the same call again changes no more than how long. Raises Problem if the reseller
    would hold too many."""
    query, who, keep = asked.query, buyer(asked), timedelta(minutes=asked.query.minutes)
    await allowance.check(db, who, set(query.numbers))
    replaced = await instead(db, who) if query.instead == "take" else {}
    claims = {number: Claim(who) for number in query.numbers if number not in replaced}
    kept = {one.e164: one for one in await queries.hold(db, claims, keep)}
    numbers = dict.fromkeys(query.numbers)
    known = await described.of(db, numbers)
    return Holds(
        owner=query.owner,
        held=tuple(known[number].held(kept[number].until) for number in numbers if number in kept),
        lost=tuple(_lost(n, known.get(n), who.may_draw) for n in numbers if n not in kept),
    )


async def extend(db: Connection, asked: Asked[ExtendQuery]) -> Holds:
    """Put off the end of what is held. What is named and not held is lost: it is not held again."""
    query, who = asked.query, taker(asked.reseller, asked.query.owner)
    await queries.extend(db, who, query.numbers or None, timedelta(minutes=query.minutes))
    return await _holds(db, who, query.owner, query.numbers)


async def release(db: Connection, asked: Asked[ReleaseQuery]) -> Released:
    """Give back what is held: all of it, or what is named."""
    query = asked.query
    numbers = await queries.give_back(
        db, [query.owner.id], kind=query.owner.kind, reseller=asked.reseller, numbers=query.numbers or None
    )
    return Released(owner=query.owner, numbers=tuple(sorted(numbers)))


async def listed(db: Connection, asked: Asked[OwnerQuery]) -> Holds:
    """What is held."""
    return await _holds(db, taker(asked.reseller, asked.query.owner), asked.query.owner)


async def instead(db: Connection, who: Taker) -> dict[int, int]:
    """What they hold in place of numbers that they lost, by those."""
    return {row.lost: row.given for row in await db.fetch(_GIVEN, who.owner, who.kind, who.reseller)}


async def forget(db: Connection) -> None:
    """Forget what was given in place of what, where it is not held any more."""
    await db.execute(_OVER)


async def _holds(db: Connection, who: Taker, owner: HoldOwner, named: Collection[int] = ()) -> Holds:
    """What they hold; where numbers are named, of these, and which of them not."""
    named = dict.fromkeys(named)
    kept = {one.e164: one.until for one in await queries.held_for(db, who) if not named or one.e164 in named}
    lost = [number for number in named if number not in kept]
    instead_of = {given: lost for lost, given in (await instead(db, who)).items()}
    known = await described.of(db, [*kept, *lost])
    return Holds(
        owner=owner,
        held=tuple(known[number].held(until, instead_of.get(number)) for number, until in kept.items()),
        lost=tuple(_lost(n, known.get(n), partial(_is_ours, who.reseller)) for n in lost),
    )


def _is_ours(reseller: str, _pool: Pool, owner: str) -> bool:
    """Whether the reseller may know of it: the customer is not named any more when a hold is put off."""
    return owner.partition("/")[0] in ("", reseller)


def _lost(number: int, known: Described | None, is_open: Callable[[Pool, str], bool]) -> Lost:
    """What is in no block and what is in somebody else's pool are not told apart."""
    if known is None or not is_open(*known.place):
        return Lost(e164=number, reason="unknown")
    return Lost(e164=number, reason="taken", grade=known.graded[0])
