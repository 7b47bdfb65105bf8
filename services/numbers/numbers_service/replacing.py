"""In place of numbers that drafts and baskets lost to somebody else: the next best, offered or held as well.

The next best matches the call's filter, and is of the grade that was lost, or a better one; of a lower one where there
is none. Each grade is looked for pool by pool, in the filter's order. Without a filter it is a number of the same pool,
the same grade and the same block. Of a run, it is a run as long as what was lost, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from numbers_service import allowance, described, drafts, finding, queries
from numbers_service.filters import by_likeness
from numbers_service.finding import SPARE
from numbers_service.matching import Choose, Wanted
from numbers_service.model import Criteria, Search, Taker, filter_of
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import Asked, Filter, HoldQuery, Holds, SearchQuery
from patchbay_contracts.words import Grade

MOST_GAPS = 20
"""Without a filter each grade of each block is looked for by itself: no more of these than so many."""

# Whoever makes the same call at the same time waits, and then sees what was given.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_GIVE = """
    INSERT INTO given_instead (owner, owner_kind, reseller, lost, given)
    SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::bigint[]) AS n(lost, given) ORDER BY n.lost
    ON CONFLICT (reseller, owner, owner_kind, lost) DO UPDATE SET given = excluded.given"""


@dataclass(eq=False)
class Gap:
    """Numbers that were lost, and by what criteria others are looked for, one after the other."""

    criteria: Sequence[Criteria]
    lost: list[int]

    @property
    def is_run(self) -> bool:
        """Whether all of it is replaced or nothing."""
        return self.criteria[0].filter.method == "run"

    def fill(self, numbers: Sequence[int]) -> dict[int, int]:
        """These in place of the first that were lost: by those."""
        filled = dict(zip(self.lost, numbers, strict=False))
        del self.lost[: len(filled)]
        return filled


async def offer(db: Connection, choose: Choose, asked: Asked[HoldQuery], holds: Holds) -> Holds:
    """The next best beside each number that was lost. Nothing is held of it."""
    gaps = await _gaps(db, asked, _taken(holds))
    besides = await _besides(db, asked)
    offered: dict[int, int] = {}
    while wanting := [gap for gap in gaps if gap.lost and gap.criteria]:
        wanted = list[Wanted]()
        for gap in wanting:
            enough = len(gap.lost) + (0 if gap.is_run else len(besides))
            wanted.append(Wanted(gap.criteria[0], enough + (0 if gap.is_run else SPARE), enough))
        for gap, candidates in zip(wanting, await choose.candidates(db, wanted), strict=True):
            new = list(islice((n for n in candidates if n not in besides), len(gap.lost)))
            if not gap.is_run or len(new) == len(gap.lost):
                offered |= gap.fill(new)
                besides.update(new)
            gap.criteria = gap.criteria[1:]
    known = await described.of(db, offered.values())
    lost = (
        one.model_copy(update={"offer": known[offered[one.e164]].found()}) if one.e164 in offered else one
        for one in holds.lost
    )
    return holds.model_copy(update={"lost": tuple(lost)})


async def take(db: Connection, choose: Choose, asked: Asked[HoldQuery], holds: Holds) -> Holds:
    """The next best held in place of each number that was lost, in bounded rounds. What was given in its place before
    is held on. Nothing is taken if the reseller would hold too many then: others were faster since the first turn."""
    who, keep = drafts.buyer(asked), timedelta(minutes=asked.query.minutes)
    if await allowance.beyond(db, who, set(asked.query.numbers)) > 0:
        return holds
    await db.execute(_ALONE, f"{who.reseller}/{who.kind}/{who.owner}")
    lost = {one.e164 for one in holds.lost}
    replaced = {n: given for n, given in (await drafts.instead(db, who)).items() if n in lost}
    gaps = await _gaps(db, asked, [n for n in _taken(holds) if n not in replaced])
    besides = await _besides(db, asked)
    searches = [Search(who, at, tuple(gap.criteria), len(gap.lost)) for at, gap in enumerate(gaps) if gap.criteria]
    found = await finding.hold(db, choose, searches, {}, keep, besides=besides)
    taken: dict[int, int] = {}
    for at, gap in enumerate(gaps):
        taken |= gap.fill(sorted(kept.e164 for kept, of in found if of == at))
    await queries.extend(db, who, replaced.values(), keep)
    if taken:
        ordered = sorted(taken)
        await db.execute(_GIVE, who.owner, who.kind, who.reseller, ordered, [taken[n] for n in ordered])
    until = {one.e164: one.until for one in await queries.held_for(db, who)}
    instead_of = {given: n for n, given in (replaced | taken).items() if given in until}
    known = await described.of(db, instead_of)
    held = {one.e164: one for one in holds.held}
    held |= {given: known[given].held(until[given], n) for given, n in instead_of.items()}
    return holds.model_copy(update={"held": tuple(held.values())})


def _taken(holds: Holds) -> list[int]:
    """What somebody else took."""
    return [one.e164 for one in holds.lost if one.reason == "taken"]


async def _besides(db: Connection, asked: Asked[HoldQuery]) -> set[int]:
    """What is not to be chosen: what was asked for, and what they hold already."""
    who = drafts.buyer(asked)
    return {*asked.query.numbers, *(one.e164 for one in await queries.held_for(db, who))}


async def _gaps(db: Connection, asked: Asked[HoldQuery], lost: Sequence[int]) -> list[Gap]:
    wanted, who = asked.query.filter, drafts.buyer(asked)
    if not lost:
        return []
    known = await described.of(db, lost)
    if wanted is not None:
        by_grade: dict[Grade | None, list[int]] = {}
        for number in lost:
            by_grade.setdefault(None if wanted.method == "run" else known[number].graded[0], []).append(number)
        return [Gap(_criteria(wanted, who, grade), numbers) for grade, numbers in by_grade.items()]
    gaps: dict[Criteria, list[int]] = {}
    for number in lost:
        one = known[number]
        alike = Criteria(*one.place, Filter(prefix=one.block_prefix, grades=(one.graded[0],)))
        gaps.setdefault(alike, []).append(number)
    return [Gap([criteria], numbers) for criteria, numbers in islice(gaps.items(), MOST_GAPS)]


def _criteria(wanted: SearchQuery, who: Taker, grade: Grade | None) -> Sequence[Criteria]:
    """What is looked for in place of numbers of that grade, one after the other; of a run, whatever its grades are."""
    asked = filter_of(wanted)
    pools = [(pool, owner) for pool in wanted.pools if (owner := who.owner_of(pool)) is not None]
    filters = (asked,) if grade is None else by_likeness(asked, grade)
    return [Criteria(pool, owner, one) for one in filters for pool, owner in pools]
