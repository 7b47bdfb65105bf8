"""Holding "n that match" for a batch of orders, in bounded rounds; where too few match, what the line's policy says."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice

from numbers_service import queries, waiting
from numbers_service.filters import asked_of, substitutes, within
from numbers_service.matching import Choose, Wanted
from numbers_service.model import Claim, Criteria, Search
from numbers_service.queries import Kept
from numbers_service.waiting import Locked
from patchbay_chassis import undone
from patchbay_chassis.database import Connection, Overtaken

ROUNDS = 3
"""Another replica may take what we looked at; after so many rounds it is time to begin anew."""
Replace = Callable[[Mapping[int, tuple[Kept, int]]], Awaitable[Sequence[Search]]]
"""What is looked for in place of named numbers, knowing which numbers are held for whom."""
SPARE = 20
"""Candidates beyond what is wanted, so that one round usually does."""


@dataclass(eq=False)
class Open:
    """A search, and how many numbers it still lacks."""

    search: Search
    missing: int

    def __post_init__(self) -> None:
        self.places = _places(self.search)

    @property
    def is_run(self) -> bool:
        """Whether it has to be held as a whole."""
        return self.search.criteria[0].filter.method == "run"


async def hold(
    db: Connection,
    choose: Choose,
    searches: Sequence[Search],
    named: Mapping[int, Claim],
    keep: timedelta,
    *,
    besides: Collection[int] = (),
    replace: Replace | None = None,
) -> list[tuple[Kept, int]]:
    """Hold the named numbers, and as many matching ones as each search wants, or as many as there are, none of those
    besides; each with its line. `replace`: what to look for in place of named numbers that are not held then. Raises
    Overtaken if others were faster each time."""
    lacking = [Open(search, search.count) for search in searches]
    async with waiting.may_let_go(db) if searches or replace else nullcontext():
        finding = _Finding(db, choose, named, keep, besides)
        await finding.look(_wishes(lacking, 0))
        if replace is not None and (replacing := [Open(one, one.count) for one in await replace(finding.held)]):
            await finding.look(_wishes(replacing, 0))
            lacking += replacing
        for step in count(1):
            if not (wishes := _wishes(lacking, step)):
                break
            await finding.look(wishes)
    return list(finding.held.values())


def _places(search: Search) -> Sequence[Criteria]:
    """What is looked for, one after the other: what was asked for, and what may be had in place of it."""
    found = [
        Criteria(one.pool, one.owner, wanted)
        for one in search.criteria
        for wanted in asked_of(one.filter, search.rules)
    ]
    if search.policy == "substitute":
        others = within(substitutes(search.criteria[0].filter), search.rules)
        found += [Criteria(one.pool, one.owner, wanted) for wanted in others for one in search.criteria]
    return found


def _wishes(lacking: Sequence[Open], step: int) -> list[tuple[Open, Criteria]]:
    """What is looked for at that step by those that still lack any."""
    return [(one, one.places[step]) for one in lacking if one.missing and step < len(one.places)]


class _Finding:
    """What is held so far, with the lines. What was named is held by the first statement, together with the first
    numbers that were found."""

    def __init__(
        self,
        db: Connection,
        choose: Choose,
        named: Mapping[int, Claim],
        keep: timedelta,
        besides: Collection[int],
    ) -> None:
        self.held: dict[int, tuple[Kept, int]] = {}
        self._won: dict[int, Open] = {}
        self._db, self._choose, self._keep = db, choose, keep
        self._named = self._to_name = named
        self._besides = besides

    async def look(self, wishes: Sequence[tuple[Open, Criteria]]) -> None:
        """Try until nothing is missing, or nothing more is there."""
        for _ in range(ROUNDS):
            chosen = await self._candidates([(one, criteria) for one, criteria in wishes if one.missing])
            if not chosen and not self._to_name:
                return
            await self._hold(chosen)
        losers = {one.search.taker.owner for number, one in chosen.items() if number not in self._won}
        if losers - await undone.forbidden(self._db, queries.STEP, list(losers)):
            raise Overtaken

    async def _candidates(self, wishes: Sequence[tuple[Open, Criteria]]) -> dict[int, Open]:
        """What is worth trying for what is still missing; no number for two."""
        together: dict[tuple[Criteria, Open | None], list[Open]] = {}
        for one, criteria in wishes:
            together.setdefault((criteria, one if one.is_run else None), []).append(one)
        wanted = list[Wanted]()
        for (criteria, run), wanting in together.items():
            enough = sum(one.missing for one in wanting) + (0 if run else len(self._besides))
            wanted.append(Wanted(criteria, enough + (0 if run else SPARE), enough))
        chosen: dict[int, Open] = {}
        there = await self._choose.candidates(self._db, wanted) if wanted else []
        for wanting, candidates in zip(together.values(), there, strict=True):
            free = (n for n in candidates if n not in self._to_name and n not in self._besides and n not in self.held)
            for one in wanting:
                found = list(islice(free, one.missing))
                if not one.is_run or len(found) == one.missing:
                    chosen |= dict.fromkeys(found, one)
        return chosen

    async def _hold(self, chosen: Mapping[int, Open]) -> None:
        """Numbers below those that we have cannot be waited for: then all are taken anew, together. A run that is not
        held as a whole is given back."""
        if chosen and min(chosen) <= self._db.gather(Locked).highest:
            await waiting.let_go(self._db)
            for one in self._won.values():
                one.missing += 1
            chosen, self._to_name, self._won, self.held = {**self._won, **chosen}, self._named, {}, {}
        self._choose.tried(chosen.keys())
        claims = {n: Claim(one.search.taker, one.search.line, named=False) for n, one in chosen.items()}
        claims, self._to_name = {**claims, **self._to_name}, {}
        found: dict[Open, list[Kept]] = {one: [] for one in chosen.values()}
        for kept in await queries.hold(self._db, claims, self._keep):
            if kept.e164 in chosen:
                found[chosen[kept.e164]].append(kept)
            else:
                self.held[kept.e164] = kept, claims[kept.e164].line
        # What was named and is not had may be found for another, such as when its order was taken back.
        self._named = {number: claim for number, claim in self._named.items() if number in self.held}
        for one, won in found.items():
            numbers = [kept.e164 for kept in won]
            if one.is_run and len(won) < one.missing:
                who = one.search.taker
                await queries.give_back(self._db, [who.owner], kind=who.kind, reseller=who.reseller, numbers=numbers)
                continue
            one.missing -= len(won)
            self._won |= dict.fromkeys(numbers, one)
            self.held |= {kept.e164: (kept, one.search.line) for kept in won}
