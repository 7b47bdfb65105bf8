"""Holding "n that match" for a batch of orders, in bounded rounds; where too few match, what the line's policy says."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice

from numbers_service import queries
from numbers_service.filters import substitutes
from numbers_service.matching import Choose, Wanted
from numbers_service.model import Claim, Criteria, Search
from numbers_service.queries import Kept
from patchbay_chassis.database import Connection

ROUNDS = 3
"""Another replica may take what we looked at; after so many rounds there is too little to go on."""
SPARE = 20
"""Candidates beyond what is wanted, so that one round usually does."""


@dataclass(eq=False)
class Open:
    """A search, and how many numbers it still lacks."""

    search: Search
    missing: int

    @property
    def is_run(self) -> bool:
        """Whether it has to be held as a whole."""
        return self.search.criteria.filter.method == "run"


async def hold(
    db: Connection,
    choose: Choose,
    searches: Sequence[Search],
    named: Mapping[int, Claim],
    keep: timedelta,
    *,
    besides: Collection[int] = (),
) -> list[tuple[Kept, int]]:
    """Hold the named numbers, and as many matching ones as each search wants, or as many as there are, none of those
    besides; each with its line. Named and found are held by one statement, which takes them all in order."""
    held: list[tuple[Kept, int]] = []
    lacking = [Open(search, search.count) for search in searches]
    for round_ in range(ROUNDS):
        wishes = [(one, one.search.criteria) for one in lacking if one.missing]
        chosen = await _choose(db, choose, wishes, named, besides) if wishes else {}
        held += await _hold(db, chosen, {} if round_ else named, keep)
        if not chosen:
            break
    for step in count():
        wishes = [(one, criteria) for one in lacking if one.missing for criteria in _instead(one.search, step)]
        if not wishes:
            break
        if chosen := await _choose(db, choose, wishes, named, besides):
            held += await _hold(db, chosen, {}, keep)
    return held


def _instead(search: Search, step: int) -> Iterator[Criteria]:
    """What is looked for at that step in place of what was asked for, if anything."""
    if search.policy == "substitute":
        for wanted in islice(substitutes(search.criteria.filter), step, step + 1):
            yield Criteria(search.criteria.pool, search.criteria.owner, wanted)


async def _choose(
    db: Connection,
    choose: Choose,
    wishes: Sequence[tuple[Open, Criteria]],
    named: Mapping[int, Claim],
    besides: Collection[int],
) -> dict[int, Open]:
    """Candidates for what is still missing; no number for two."""
    together: dict[tuple[Criteria, Open | None], list[Open]] = {}
    for one, criteria in wishes:
        together.setdefault((criteria, one if one.is_run else None), []).append(one)
    wanted = [
        Wanted(criteria, sum(one.missing for one in wanting) + (0 if run else SPARE + len(besides)))
        for (criteria, run), wanting in together.items()
    ]
    chosen: dict[int, Open] = {}
    for wanting, candidates in zip(together.values(), await choose.candidates(db, wanted), strict=True):
        free = (n for n in candidates if n not in named and n not in besides)
        for one in wanting:
            chosen |= dict.fromkeys(islice(free, one.missing), one)
    return chosen


async def _hold(
    db: Connection, chosen: Mapping[int, Open], named: Mapping[int, Claim], keep: timedelta
) -> list[tuple[Kept, int]]:
    """A run that is not held as a whole is given back."""
    claims = {n: Claim(one.search.taker, one.search.line, named=False) for n, one in chosen.items()} | dict(named)
    held = await queries.hold(db, claims, keep)
    won: dict[Open, list[int]] = {one: [] for one in chosen.values()}
    for kept in held:
        if kept.e164 in chosen:
            won[chosen[kept.e164]].append(kept.e164)
    lost = set[int]()
    for one, numbers in won.items():
        if one.is_run and len(numbers) < one.missing:
            who = one.search.taker
            back = await queries.give_back(db, [who.owner], kind=who.kind, reseller=who.reseller, numbers=numbers)
            lost.update(back)
        else:
            one.missing -= len(numbers)
    return [(kept, claims[kept.e164].line) for kept in held if kept.e164 not in lost]
