"""What a dry run says of orders that go on without some of their lines. No IO."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from patchbay_contracts.order import OrderDocument
from patchbay_contracts.quotes import Preview
from patchbay_contracts.validity import Finding

CREDIT = "billing.credit_exceeded"
T = TypeVar("T")


def left_out(document: OrderDocument, findings: Iterable[Finding]) -> Collection[int]:
    """The lines without which the order would go on; none, if it would be refused or has nothing to leave out. Beyond
    the customer's credit the last line drops out first."""
    errors = [finding for finding in findings if finding.severity == "error"]
    out = {line for one in errors if (line := _line(one)) is not None}
    optional = {at for at, line in enumerate(document.lines) if document.goes_on_without(line)}
    others = {one.code for one in errors if _line(one) is None}
    if not out <= optional or not others <= {CREDIT}:
        return ()
    if others and not out:
        out = {max(optional)} if optional else set()
    return out if len(out) < len(document.lines) else ()


def without(document: OrderDocument, out: Collection[int]) -> OrderDocument:
    """The order without these lines."""
    return document.model_copy(update={"lines": tuple(_left(document.lines, out))})


def findings(of_all: Iterable[Finding], of_rest: Iterable[Finding], out: Collection[int], many: int) -> list[Finding]:
    """What is said of the lines that are left out refuses nothing; of the rest it is said what is found without them.
    `many`: lines of the whole order."""
    kept = [at for at in range(many) if at not in out]
    said = [one.model_copy(update={"severity": "warning"}) for one in of_all if _line(one) in out]
    said += [_left_out(at) for at in sorted(out)]
    return said + [_moved(one, kept) for one in of_rest]


def prices(of_rest: Preview, out: Collection[int], many: int) -> Preview:
    """Those of the rest, by the places in the whole order."""
    kept = [at for at in range(many) if at not in out]
    lines = tuple(line.model_copy(update={"line": kept[line.line]}) for line in of_rest.lines)
    unpriced = tuple(line.model_copy(update={"line": kept[line.line]}) for line in of_rest.unpriced)
    return of_rest.model_copy(update={"lines": lines, "unpriced": unpriced})


def put_back(of_all: Sequence[T], of_rest: Sequence[T], out: Collection[int]) -> list[T]:
    """What was found for the rest in its places, beside what was found for the lines that are left out."""
    rest = iter(of_rest)
    return [one if at in out else next(rest) for at, one in enumerate(of_all)]


def _left(lines: Sequence[T], out: Collection[int]) -> Iterator[T]:
    return (line for at, line in enumerate(lines) if at not in out)


def _line(finding: Finding) -> int | None:
    parts = finding.pointer.split("/")
    return int(parts[2]) if parts[1:2] == ["lines"] and len(parts) > 2 else None


def _moved(finding: Finding, kept: Sequence[int]) -> Finding:
    if (line := _line(finding)) is None:
        return finding
    parts = finding.pointer.split("/")
    return finding.model_copy(update={"pointer": "/".join([*parts[:2], str(kept[line]), *parts[3:]])})


def _left_out(line: int) -> Finding:
    return Finding(
        code="order.line_left_out",
        severity="warning",
        tab="creation",
        pointer=f"/lines/{line}",
        message="the order would go on without this line",
        remedy="see to what is said of it, or leave it out",
    )
