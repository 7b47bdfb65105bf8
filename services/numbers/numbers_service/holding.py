"""Holding for a batch of orders: all that an order wants or nothing of it, and why not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from numbers_service import finding, model, picture, queries
from numbers_service.filters import matcher
from numbers_service.grading import Override
from numbers_service.index import PoolOf
from numbers_service.matching import Choose
from numbers_service.model import Search
from numbers_service.queries import Home, Kept
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.numbers import HeldLine, HoldNumbers, NumbersHeld, NumbersUnavailable, Want
from patchbay_contracts.words import Grade, HeldNumber

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Held:
    """What one order holds: its numbers with their lines, the grades stated for some of them, and until when (the
    earliest end)."""

    numbers: dict[int, int] = field(default_factory=dict)
    overrides: dict[int, Override] = field(default_factory=dict)
    until: datetime = LAST

    def add(self, kept: Kept, line: int) -> None:
        """One number more."""
        self.numbers[kept.e164] = line
        self.until = min(self.until, kept.until)
        if kept.override is not None:
            self.overrides[kept.e164] = kept.override

    def of_line(self, line: int) -> list[int]:
        """The numbers of that line, ascending."""
        return sorted(n for n, at in self.numbers.items() if at == line)


async def answered(
    db: Connection, choose: Choose, commands: Sequence[HoldNumbers], hold_for: timedelta
) -> list[NumbersHeld | NumbersUnavailable]:
    """Hold for each order all that it wants, or nothing; what each is answered."""
    held = await hold(db, choose, commands, hold_for)
    refused = await refusals(db, commands, held)
    if refused:
        await queries.give_back(db, refused)
    good = await answers(db, [c for c in commands if c.order_id not in refused], held)
    return [refused.get(command.order_id) or good[command.order_id] for command in commands]


async def hold(
    db: Connection, choose: Choose, commands: Sequence[HoldNumbers], hold_for: timedelta
) -> dict[UUID, Held]:
    """Hold what the orders name, and find what they describe; what each of them has then, be it enough or not."""
    held = {command.order_id: Held() for command in commands}
    contested = model.contested(commands)
    named = model.exact(commands, await queries.holders(db, contested) if contested else {})
    searches = await _searches(db, commands, held)
    for kept, line in await finding.hold(db, choose, searches, named, hold_for):
        held[kept.owner].add(kept, line)
    return held


async def _searches(db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held]) -> list[Search]:
    """What is still to be found: an order that comes again holds some or all of it already."""
    searches = [search for command in commands for search in model.searches(command)]
    if not searches:
        return []
    for kept, line in await queries.held_by(db, {search.taker.owner for search in searches}):
        held[kept.owner].add(kept, line)
    there = {(owner, line) for owner, one in held.items() for line in one.numbers.values()}
    return [
        replace(search, count=search.count - len(held[search.taker.owner].of_line(search.line)))
        if (search.taker.owner, search.line) in there
        else search
        for search in searches
    ]


async def refusals(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held]
) -> dict[UUID, NumbersUnavailable]:
    """The orders that lack something, each with the first reason."""
    short = [command for command in commands if _missing(command, held[command.order_id])]
    if not short:
        return {}
    missing = {n for command in short for n in _missing_names(command, held[command.order_id])}
    places = await picture.places(db, missing) if missing else {}
    taken_back = await undone.forbidden(db, queries.STEP, [command.order_id for command in short])
    return {
        command.order_id: _withdrawn(command)
        if command.order_id in taken_back
        else _refusal(command, held[command.order_id], places)
        for command in short
    }


def _missing_names(command: HoldNumbers, held: Held) -> list[int]:
    return [n for want in command.wants for n in want.numbers.exact if n not in held.numbers]


def _missing(command: HoldNumbers, held: Held) -> bool:
    there = Counter(held.numbers.values())
    return any(
        there[want.line] < (len(want.numbers.exact) or model.least(want)) or (want.rules and any(_unwanted(want, held)))
        for want in command.wants
    )


class Lack(NamedTuple):
    """Why a line does not get what it wants: a reason of `NumbersUnavailable`, which numbers, what to do."""

    line: int
    reason: str
    numbers: Sequence[int]
    message: str
    remedy: str


def _refusal(command: HoldNumbers, held: Held, places: Mapping[int, PoolOf]) -> NumbersUnavailable:
    """The first line that lacks something decides the reason."""
    return _unavailable(command, next(lacks(command, held, places)))


def lacks(command: HoldNumbers, held: Held, places: Mapping[int, PoolOf]) -> Iterator[Lack]:
    """All that is lacking, line by line. What is in another's pool is answered as unknown."""
    taker = model.taker(command)
    for want in command.wants:
        lacking = [n for n in want.numbers.exact if n not in held.numbers]
        unknown = [n for n in lacking if not model.is_known(taker, places.get(n))]
        if unknown:
            yield Lack(want.line, "unknown_number", unknown, "not among ours", "choose others")
        if taken := [n for n in lacking if n not in unknown]:
            yield Lack(want.line, "taken", taken, "taken meanwhile", "choose others")
        if len(there := held.of_line(want.line)) < model.least(want):
            yield Lack(want.line, "too_few", [], _too_few(want, len(there)), "take a shorter prefix or fewer")
        yield from _unwanted(want, held)


def _unwanted(want: Want, held: Held) -> Iterator[Lack]:
    """Numbers that are held, and that the service does not take."""
    rules = want.rules
    if rules is None:
        return
    here = held.of_line(want.line)
    if rules.grades:
        others = [n for n in here if grade_of(n, held) not in rules.grades]
        if others:
            grades = ", ".join(rules.grades)
            yield Lack(want.line, "wrong_grade", others, f"of a grade that the service does not take, only {grades}",
                       "choose others")  # fmt: skip
    for known in (rules.prefixes, rules.countries):
        if others := [n for n in here if known and not str(n).startswith(known)]:
            remedy = f"choose numbers that begin with {' or '.join(f'+{one}' for one in known)}"
            yield Lack(want.line, "wrong_prefix", others, "not taken by the service", remedy)


def _too_few(want: Want, there: int) -> str:
    numbers = want.numbers
    needed = "" if model.least(want) == numbers.count else f", at least {model.least(want)} needed"
    with_prefix = f" with prefix {numbers.prefix}" if numbers.prefix else ""
    others = " or instead of them" if numbers.policy == "substitute" else ""
    what = "in a row" if numbers.method == "run" else "free"
    return f"{numbers.count} wanted{needed}, {there} {what} in the {numbers.pool} pool{with_prefix}{others}"


def _unavailable(command: HoldNumbers, lack: Lack) -> NumbersUnavailable:
    named = ", ".join(f"+{n}" for n in lack.numbers[:10]) + (" and more" if len(lack.numbers) > 10 else "")
    said = f"{named} {lack.message}" if named else lack.message
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": lack.reason, "line": lack.line}
    detail = f"/lines/{lack.line}/numbers: {said}: {lack.remedy}"
    return NumbersUnavailable.model_validate(given | {"numbers": tuple(lack.numbers), "detail": detail})


def _withdrawn(command: HoldNumbers) -> NumbersUnavailable:
    """The order was taken back before its hold came."""
    return NumbersUnavailable(
        order_id=command.order_id, reseller=command.reseller, reason="withdrawn", detail="the order was taken back"
    )


async def answers(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held]
) -> dict[UUID, NumbersHeld]:
    """What each order is told that has what it wants: the numbers of each line, graded, in the order in which they were
    asked for; and what was given instead where a policy acted."""
    acted = [want for command in commands for want in command.wants if want.numbers.policy == "substitute"]
    found = {n for command in commands for want in acted for n in held[command.order_id].of_line(want.line)}
    homes = await queries.homes(db, found) if found else {}
    return {command.order_id: _answer(command, held[command.order_id], homes) for command in commands}


def _answer(command: HoldNumbers, held: Held, homes: Mapping[int, Home]) -> NumbersHeld:
    lines = model.lines_of(command, held.numbers)
    wants = {want.line: want for want in command.wants}
    return NumbersHeld(
        order_id=command.order_id,
        reseller=command.reseller,
        lines=tuple(_line(wants[at], numbers, held, homes) for at, numbers in lines.items()),
        held_until=held.until if held.numbers else datetime.now(UTC),
    )


def _line(want: Want, numbers: Sequence[int], held: Held, homes: Mapping[int, Home]) -> HeldLine:
    graded = tuple(_graded(n, held.overrides.get(n)) for n in numbers)
    match want.numbers.policy:
        case "available" if len(numbers) < want.numbers.count:
            note = f"{len(numbers)} of {want.numbers.count} were available"
            return HeldLine(line=want.line, numbers=graded, acted="available", note=note)
        case "substitute":
            matches = matcher(model.filter_of(want.numbers))
            others = [one for one in graded if not matches(one.e164, *homes[one.e164], held.overrides.get(one.e164))]
            if others:
                names = ", ".join(f"+{one.e164} ({one.grade})" for one in others[:5])
                names += " and more" if len(others) > 5 else ""
                note = f"{len(others)} of {want.numbers.count} are substitutes: {names}"
                return HeldLine(line=want.line, numbers=graded, acted="substitute", note=note)
    return HeldLine(line=want.line, numbers=graded)


def grade_of(number: int, held: Held) -> Grade:
    """The grade of a number that is held."""
    return model.graded(number, held.overrides.get(number))[0]


def _graded(number: int, override: Override | None) -> HeldNumber:
    grade, rule = model.graded(number, override)
    return HeldNumber(e164=number, grade=grade, rule=rule[:200])
