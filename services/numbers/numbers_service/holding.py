"""Holding for a batch of orders: all that an order wants or nothing of it, and why not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from numbers_service import finding, model, picture, queries, replacing_named
from numbers_service.filters import matcher
from numbers_service.grading import Override
from numbers_service.index import PoolOf
from numbers_service.matching import Choose
from numbers_service.model import Search
from numbers_service.queries import Home, Kept
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers_in_words import which
from patchbay_contracts.order import RefusedLine
from patchbay_contracts.v1.numbers import HeldLine, HoldNumbers, NumbersHeld, NumbersUnavailable, Want
from patchbay_contracts.words import HeldNumber

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

    def leave(self, line: int) -> list[int]:
        """Nothing for that line any more; what there was."""
        numbers = self.of_line(line)
        for number in numbers:
            del self.numbers[number]
        return numbers

    def of_line(self, line: int) -> list[int]:
        """The numbers of that line, ascending."""
        return sorted(n for n, at in self.numbers.items() if at == line)


async def answered(
    db: Connection, choose: Choose, commands: Sequence[HoldNumbers], hold_for: timedelta
) -> list[NumbersHeld | NumbersUnavailable]:
    """Hold for each order all that it wants but for lines that it can do without, or nothing; what each is answered."""
    held = await hold(db, choose, commands, hold_for)
    refused, without = await refusals(db, commands, held)
    if refused:
        await queries.give_back(db, refused)
    if without:
        await _leave_out(db, without, held)
    good = await answers(db, [c for c in commands if c.order_id not in refused], held, without)
    return [refused.get(command.order_id) or good[command.order_id] for command in commands]


async def hold(
    db: Connection, choose: Choose, commands: Sequence[HoldNumbers], hold_for: timedelta
) -> dict[UUID, Held]:
    """Hold what the orders name, and find what they describe; what each of them has then, be it enough or not."""
    held = {command.order_id: Held() for command in commands}
    contested = model.contested(commands)
    named = model.exact(commands, await queries.holders(db, contested) if contested else {})
    replaceable = [command for command in commands if any(want.numbers.is_replaceable for want in command.wants)]
    searches = await _searches(db, commands, held, replaceable)
    replace = replacing_named.by(db, replaceable, held) if replaceable else None
    for kept, line in await finding.hold(db, choose, searches, named, hold_for, replace=replace):
        held[kept.owner].add(kept, line)
    return held


async def _searches(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held], replaceable: Sequence[HoldNumbers]
) -> list[Search]:
    """What is still to be found: an order that comes again holds some or all of it already."""
    searches = [search for command in commands for search in model.searches(command)]
    if not searches and not replaceable:
        return []
    owners = {search.taker.owner for search in searches} | {command.order_id for command in replaceable}
    for kept, line in await queries.held_by(db, owners):
        held[kept.owner].add(kept, line)
    there = {(owner, line) for owner, one in held.items() for line in one.numbers.values()}
    return [
        replace(search, count=search.count - len(held[search.taker.owner].of_line(search.line)))
        if (search.taker.owner, search.line) in there
        else search
        for search in searches
    ]


Without = Mapping[UUID, tuple[RefusedLine, ...]]
"""The lines that orders go on without."""


async def refusals(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held]
) -> tuple[dict[UUID, NumbersUnavailable], Without]:
    """The orders that lack something, each with the first reason; and the lines that others go on without."""
    short = [command for command in commands if _missing(command, held[command.order_id])]
    if not short:
        return {}, {}
    missing = {n for command in short for n in _missing_names(command, held[command.order_id])}
    places = await picture.places(db, missing) if missing else {}
    taken_back = await undone.forbidden(db, queries.STEP, [command.order_id for command in short])
    refused: dict[UUID, NumbersUnavailable] = {}
    without: dict[UUID, tuple[RefusedLine, ...]] = {}
    for command in short:
        optional = {want.line for want in command.wants if want.optional}
        lacking = {lack.line: lack for lack in reversed(list(lacks(command, held[command.order_id], places)))}
        waits = {want.line for want in command.wants if want.waits}
        needed = min(lacking.keys() - optional, default=None, key=lambda line: _rank(lacking[line], waits))
        if command.order_id in taken_back:
            refused[command.order_id] = _withdrawn(command)
        elif needed is not None:
            refused[command.order_id] = _unavailable(command, lacking[needed])
        else:
            without[command.order_id] = tuple(
                RefusedLine(line=line, reason=lacking[line].reason, detail=_told(lacking[line]))
                for line in sorted(lacking)
            )
    return refused, without


async def _leave_out(db: Connection, without: Without, held: Mapping[UUID, Held]) -> None:
    """Give back what is held for these lines."""
    numbers = [n for order, lines in without.items() for line in lines for n in held[order].leave(line.line)]
    await queries.give_back(db, without, numbers=numbers)


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


def _rank(lack: Lack, waits: Set[int]) -> tuple[int, int]:
    """What is told first: what is not waited for. But that too few are left may be as one that waits took them."""
    if lack.line in waits:
        return 1, lack.line
    return (2 if waits and lack.reason == "too_few" else 0), lack.line


def lacks(command: HoldNumbers, held: Held, places: Mapping[int, PoolOf]) -> Iterator[Lack]:
    """All that is lacking, line by line. What is in another's pool is answered as unknown."""
    taker = model.taker(command)
    for want in command.wants:
        lacking = [n for n in want.numbers.exact if n not in held.numbers]
        substitutes = ""
        if want.numbers.is_replaceable:
            lacking = [] if len(held.of_line(want.line)) >= len(want.numbers.exact) else lacking
            substitutes = ", and there are no substitutes"
        unknown = [n for n in lacking if not model.is_known(taker, places.get(n))]
        if unknown:
            yield Lack(want.line, "unknown_number", unknown, "not among ours", "choose others")
        if taken := [n for n in lacking if n not in unknown]:
            yield Lack(want.line, "taken", taken, f"taken meanwhile{substitutes}", "choose others")
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
        others = [n for n in here if held_number(n, held).grade not in rules.grades]
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
    what = "in a row" if numbers.method == "run" else "free"
    return f"{numbers.count} wanted{needed}, {there} {what} in {numbers.where}{which(numbers)}"


def _unavailable(command: HoldNumbers, lack: Lack) -> NumbersUnavailable:
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": lack.reason, "line": lack.line}
    return NumbersUnavailable.model_validate(given | {"numbers": tuple(lack.numbers), "detail": _told(lack)})


def _told(lack: Lack) -> str:
    named = ", ".join(f"+{n}" for n in lack.numbers[:10]) + (" and more" if len(lack.numbers) > 10 else "")
    said = f"{named} {lack.message}" if named else lack.message
    return f"/lines/{lack.line}/numbers: {said}: {lack.remedy}"


def _withdrawn(command: HoldNumbers) -> NumbersUnavailable:
    """The order was taken back before its hold came."""
    return NumbersUnavailable(
        order_id=command.order_id, reseller=command.reseller, reason="withdrawn", detail="the order was taken back"
    )


async def answers(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held], without: Without
) -> dict[UUID, NumbersHeld]:
    """What each order is told that has what it wants: the numbers of each line, graded, in the order in which they were
    asked for; what was given instead where a policy acted; and the lines that it goes on without."""
    acted = [want for command in commands for want in command.wants if want.numbers.policy == "substitute"]
    found = {n for command in commands for want in acted for n in held[command.order_id].of_line(want.line)}
    homes = await queries.homes(db, found) if found else {}
    return {
        command.order_id: _answer(command, held[command.order_id], homes, without.get(command.order_id, ()))
        for command in commands
    }


def _answer(
    command: HoldNumbers, held: Held, homes: Mapping[int, Home], refused: tuple[RefusedLine, ...]
) -> NumbersHeld:
    lines = model.lines_of(command, held.numbers)
    for one in refused:
        del lines[one.line]
    wants = {want.line: want for want in command.wants}
    return NumbersHeld(
        order_id=command.order_id,
        reseller=command.reseller,
        lines=tuple(_line(wants[at], numbers, held, homes) for at, numbers in lines.items()),
        held_until=held.until if held.numbers else datetime.now(UTC),
        refused=refused,
    )


def _line(want: Want, numbers: Sequence[int], held: Held, homes: Mapping[int, Home]) -> HeldLine:
    graded = tuple(held_number(n, held) for n in numbers)
    match want.numbers.policy:
        case "available" if len(numbers) < want.numbers.count:
            note = f"{len(numbers)} of {want.numbers.count} were available"
            return HeldLine(line=want.line, numbers=graded, acted="available", note=note)
        case "substitute" if want.numbers.exact:
            instead_of = dict(zip(want.numbers.exact, numbers, strict=True))
            return _replaced(want, graded, {named: n for named, n in instead_of.items() if named != n})
        case "substitute":
            matches = matcher(model.filter_of(want.numbers))
            others = [one for one in graded if not matches(one.e164, *homes[one.e164], held.overrides.get(one.e164))]
            if others:
                names = ", ".join(f"+{one.e164} ({one.grade})" for one in others[:5])
                names += " and more" if len(others) > 5 else ""
                note = f"{len(others)} of {want.numbers.count} are substitutes: {names}"
                return HeldLine(line=want.line, numbers=graded, acted="substitute", note=note)
    return HeldLine(line=want.line, numbers=graded)


def _replaced(want: Want, graded: tuple[HeldNumber, ...], instead_of: dict[int, int]) -> HeldLine:
    if not instead_of:
        return HeldLine(line=want.line, numbers=graded)
    grades = {one.e164: one.grade for one in graded}
    told = [f"+{n} ({grades[n]}) instead of +{named}" for named, n in instead_of.items()]
    note = ", ".join(told[:5]) + (" and more" if len(told) > 5 else "")
    return HeldLine(line=want.line, numbers=graded, acted="substitute", note=note, instead_of=instead_of)


def held_number(number: int, held: Held) -> HeldNumber:
    """A number that is held, with its grade and why."""
    grade, rule = model.graded(number, held.overrides.get(number))
    return HeldNumber(e164=number, grade=grade, rule=rule[:200])
