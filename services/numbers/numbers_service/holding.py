"""Holding for a batch of orders: all that an order wants or nothing of it, and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from numbers_service import matching, model, queries
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.numbers import HeldLine, HoldNumbers, NumbersHeld, NumbersUnavailable
from patchbay_contracts.words import HeldNumber

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Held:
    """What one order holds: its numbers with their lines, and until when (the earliest end)."""

    numbers: dict[int, int] = field(default_factory=dict)
    until: datetime = LAST

    def add(self, number: int, line: int, until: datetime) -> None:
        """One number more."""
        self.numbers[number] = line
        self.until = min(self.until, until)


async def hold(db: Connection, commands: Sequence[HoldNumbers], hold_for: timedelta) -> dict[UUID, Held]:
    """Hold what the orders name, and find what they describe; what each of them has then, be it enough or not."""
    held = {command.order_id: Held() for command in commands}
    line_of = {
        (command.order_id, n): want.line for command in commands for want in command.wants for n in want.numbers.exact
    }
    named = {n: (taker, line_of[taker.order_id, n]) for n, taker in model.exact(commands).items()}
    for number, owner, until in await queries.hold(db, named, hold_for):
        held[owner].add(number, line_of[owner, number], until)
    searching = [command for command in commands if any(want.numbers.count for want in command.wants)]
    if searching:
        await _search(db, searching, held, hold_for)
    return held


async def _search(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held], hold_for: timedelta
) -> None:
    """An order that comes again finds what it holds already; only what is missing is looked for."""
    orders = [command.order_id for command in commands]
    for number, owner, line, until in await queries.held_by(db, orders):
        held[owner].add(number, line, until)
    searches = []
    for command in commands:
        for search in model.searches(command):
            there = sum(1 for line in held[command.order_id].numbers.values() if line == search.line)
            if there < search.count:
                searches.append(model.Search(search.taker, search.line, search.criteria, search.count - there))
    if searches and await matching.hold(db, searches, hold_for):
        for number, owner, line, until in await queries.held_by(db, orders):
            held[owner].add(number, line, until)


async def refusals(
    db: Connection, commands: Sequence[HoldNumbers], held: Mapping[UUID, Held]
) -> dict[UUID, NumbersUnavailable]:
    """The orders that lack something, each with the first reason."""
    short = [command for command in commands if _missing(command, held[command.order_id])]
    if not short:
        return {}
    missing = {n for command in short for n in _missing_names(command, held[command.order_id])}
    pools = await queries.pools(db, missing) if missing else {}
    taken_back = await undone.forbidden(db, queries.STEP, [command.order_id for command in short])
    return {
        command.order_id: _withdrawn(command)
        if command.order_id in taken_back
        else _refusal(command, held[command.order_id], pools)
        for command in short
    }


def _missing_names(command: HoldNumbers, held: Held) -> list[int]:
    return [n for want in command.wants for n in want.numbers.exact if n not in held.numbers]


def _missing(command: HoldNumbers, held: Held) -> bool:
    return len(held.numbers) < sum(len(want.numbers.exact) + want.numbers.count for want in command.wants)


def _refusal(command: HoldNumbers, held: Held, pools: Mapping[int, tuple[str, str]]) -> NumbersUnavailable:
    """The first line that lacks something decides the reason. What is in another's pool is answered as unknown."""
    taker = model.taker(command)
    open_to = {("public", ""), ("reseller", taker.reseller), ("customer", taker.owner_of("customer"))}
    for want in command.wants:
        lacking = [n for n in want.numbers.exact if n not in held.numbers]
        unknown = [n for n in lacking if pools.get(n) not in open_to]
        if unknown:
            return _unavailable(command, want.line, "unknown_number", unknown, "not among ours: choose others")
        if lacking:
            return _unavailable(command, want.line, "taken", lacking, "taken meanwhile: choose others")
        there = sum(1 for line in held.numbers.values() if line == want.line)
        if there < want.numbers.count:
            pool = f"the {want.numbers.pool} pool"
            with_prefix = f" with prefix {want.numbers.prefix}" if want.numbers.prefix else ""
            detail = f"{want.numbers.count} wanted, {there} free in {pool}{with_prefix}: take a shorter prefix or fewer"
            return _unavailable(command, want.line, "too_few", [], detail)
    raise AssertionError("only for an order that lacks something")


def _unavailable(
    command: HoldNumbers, line: int, reason: str, numbers: Sequence[int], detail: str
) -> NumbersUnavailable:
    names = ", ".join(f"+{n}" for n in numbers[:10]) + (" and more" if len(numbers) > 10 else "")
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": reason, "line": line}
    where = f"/lines/{line}/numbers: "
    return NumbersUnavailable.model_validate(
        given | {"numbers": tuple(numbers), "detail": f"{where}{names} {detail}" if names else f"{where}{detail}"}
    )


def _withdrawn(command: HoldNumbers) -> NumbersUnavailable:
    """The order was taken back before its hold came."""
    return NumbersUnavailable(
        order_id=command.order_id, reseller=command.reseller, reason="withdrawn", detail="the order was taken back"
    )


def answer(command: HoldNumbers, held: Held) -> NumbersHeld:
    """The numbers of each line, graded, in the order in which they were asked for."""
    lines = model.lines_of(command, held.numbers)
    return NumbersHeld(
        order_id=command.order_id,
        reseller=command.reseller,
        lines=tuple(HeldLine(line=at, numbers=tuple(map(_graded, numbers))) for at, numbers in lines.items()),
        held_until=held.until if held.numbers else datetime.now(UTC),
    )


def _graded(number: int) -> HeldNumber:
    grade, rule = model.grade(number)
    return HeldNumber(e164=number, grade=grade, rule=rule)
