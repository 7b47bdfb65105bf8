"""Whether the numbers that a change of a service wants could be had: its hold is tried, and everything rolled back."""

from collections.abc import Iterator
from datetime import timedelta

from numbers_service import holding, picture, rules, validity
from numbers_service.holding import Lack
from numbers_service.matching import Choose
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running
from patchbay_contracts.change_checks import HoldFindings
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.validity import CheckedCustomer, CheckedLine, Finding, ValidityQuery

WANTED = "/change/wanted/numbers"
_HELD_FOR = timedelta(minutes=1)


class _Tried(Exception):
    """Everything was tried: carries what was found, and has the transaction rolled back."""

    def __init__(self, found: HoldFindings) -> None:
        super().__init__("rolled back")
        self.found = found


async def findings(running: Running, choose: Choose, command: HoldNumbers) -> HoldFindings:
    """What the hold would be refused for, by holding for real, and the numbers that it would give. Nothing stays."""
    try:
        await running.turns.carry_out(lambda turn: _try(turn.db, choose, command))
    except _Tried as tried:
        return tried.found
    raise AssertionError("a trial never ends well")


async def _try(db: Connection, choose: Choose, command: HoldNumbers) -> None:
    await rules.heed(db)
    warnings = await _warnings(db, command)
    held = (await holding.hold(db, choose, [command], _HELD_FOR))[command.order_id]
    missing = {n for want in command.wants for n in want.numbers.exact if n not in held.numbers}
    places = await picture.places(db, missing) if missing else {}
    found = [one for lack in holding.lacks(command, held, places) for one in _found(command, lack)]
    graded = tuple(holding.held_number(number, held) for number in sorted(held.numbers))
    raise _Tried(HoldFindings(findings=tuple([*found, *warnings][: validity.MOST]), numbers=graded))


def _found(command: HoldNumbers, lack: Lack) -> Iterator[Finding]:
    """A finding for each number that is named; else one for what is looked for."""
    exact = command.wants[lack.line].numbers.exact
    for number in lack.numbers if exact else ():
        yield _finding(lack, f"{WANTED}/exact/{exact.index(number)}", f"+{number}: {lack.message}")
    if not exact:
        named = "".join(f"+{number}: " for number in lack.numbers[:1])
        yield _finding(lack, f"{WANTED}/count", f"{named}{lack.message}")


def _finding(lack: Lack, pointer: str, message: str) -> Finding:
    return Finding(
        code=f"numbers.{lack.reason}", severity="error", tab="numbers", pointer=pointer, message=message[:500],
        remedy=lack.remedy,
    )  # fmt: skip


async def _warnings(db: Connection, command: HoldNumbers) -> list[Finding]:
    """What the author's draft or basket was to hold and does not, or not for long."""
    exact = command.wants[0].numbers.exact
    if command.held_by is None or not exact:
        return []
    customer = CheckedCustomer(id=command.customer_id)
    query = ValidityQuery(
        reseller=command.reseller, held_by=command.held_by, customer=customer, lines=(CheckedLine(numbers=exact),)
    )
    found = (await validity.findings(db, query)).findings
    return [
        one.model_copy(update={"pointer": one.pointer.replace("/lines/0/numbers", f"{WANTED}/exact", 1)})
        for one in found
        if one.severity == "warning"
    ]
