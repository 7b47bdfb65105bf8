"""What orders would come to, without placing them or holding anything: findings, prices, numbers.

Owners are asked once for some hundreds of orders, by the rules that guard the orders in the saga.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple, TypeVar
from uuid import UUID

from gateway_service import dry_run_policies, references
from gateway_service.accepting import sealed
from gateway_service.dry_run_findings import (
    GONE,
    NAMED_BEFORE,
    in_order,
    in_use,
    replaced,
    too_few,
    twice_in_file,
    unwanted,
)
from gateway_service.dry_run_numbers import BREATH, available, day_of
from gateway_service.upstream import Owner, Upstream
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.availability import LineAvailability
from patchbay_contracts.numbers import AsOf
from patchbay_contracts.order import Line, NewCustomer, OrderDocument
from patchbay_contracts.quotes import OrderPreviewQuery, Preview, PreviewQueries, Previews, QuoteLine
from patchbay_contracts.validity import (
    MOST_CHECKED,
    CheckedContact,
    CheckedCustomer,
    CheckedLine,
    Finding,
    ManyFindings,
    ValidityQueries,
    ValidityQuery,
)
from patchbay_contracts.words import Grade

L = TypeVar("L")
MOST_ASKED_BYTES = 4 * 1024 * 1024
AT_ONCE = 4
"""Questions under way to one owner."""
UNGRADED: tuple[Owner, ...] = ("customer", "numbers")
GRADED: tuple[Owner, ...] = ("provisioning", "billing")
"""Those who judge by the grades of numbers; they are asked when these are known."""


class Order(NamedTuple):
    """An order to look at: its line in the file, its document, and how large that is."""

    line: int
    document: OrderDocument
    size: int = 0


class Outcome(NamedTuple):
    """What an order would come to. `available` has an entry for each line of the order."""

    line: int
    findings: tuple[Finding, ...]
    preview: Preview
    available: tuple[LineAvailability, ...]

    @property
    def is_refused(self) -> bool:
        """Whether something would be an error."""
        return any(finding.severity == "error" for finding in self.findings)


class Outcomes(NamedTuple):
    """Of each order, in their order; and how fresh what is said of numbers is."""

    orders: tuple[Outcome, ...]
    as_of: AsOf


async def dry_run(upstream: Upstream, database: Database, reseller: str, orders: Sequence[Order]) -> Outcomes:
    """Look at them. Raises Problem 503 if an owner cannot be asked. Orders that would go on without some of their lines
    are looked at again without these, as the saga does."""
    found = await _looked_at(upstream, database, reseller, orders)
    outs = [dry_run_policies.left_out(of.document, one.findings) for of, one in zip(orders, found.orders, strict=True)]
    shorter = [
        of._replace(document=dry_run_policies.without(of.document, out))
        for of, out in zip(orders, outs, strict=True)
        if out
    ]
    if not shorter:
        return found
    rests = iter((await dry_run(upstream, database, reseller, shorter)).orders)
    outcomes = (_without(one, next(rests), out) if out else one for one, out in zip(found.orders, outs, strict=True))
    return Outcomes(tuple(outcomes), found.as_of)


def _without(whole: Outcome, rest: Outcome, out: Collection[int]) -> Outcome:
    many = len(whole.available)
    return Outcome(
        whole.line,
        tuple(dry_run_policies.findings(whole.findings, rest.findings, out, many)),
        dry_run_policies.prices(rest.preview, out, many),
        tuple(dry_run_policies.put_back(whole.available, rest.available, out)),
    )


async def _looked_at(upstream: Upstream, database: Database, reseller: str, orders: Sequence[Order]) -> Outcomes:
    documents = [order.document for order in orders]
    pieces, queries, written = _pieces(orders), list[ValidityQuery](), list[bytes]()
    for piece in pieces:
        queries += [_query(reseller, order.document) for order in orders[piece]]
        written.append(_written(queries[piece]))
        await asyncio.sleep(0)  # others have their turn
    limits = {owner: asyncio.Semaphore(AT_ONCE) for owner in (*UNGRADED, *GRADED)}

    async def ask(owner: Owner, path: str, body: bytes) -> bytes:
        async with limits[owner]:
            try:
                return await upstream.ask(owner, path, body)
            except Problem as problem:  # nothing is changed by it, so it may be asked again
                if problem.status != 503:
                    raise
                return await upstream.ask(owner, path, body)

    async def found(owner: Owner, bodies: Iterable[bytes]) -> list[tuple[Finding, ...]]:
        answers = await asyncio.gather(*(ask(owner, "/validity/many", body) for body in bodies))
        return [one.findings for answer in answers for one in ManyFindings.model_validate_json(answer).answers]

    (wanted, there), by_owner = await asyncio.gather(
        available(upstream, reseller, documents, [query.held_by for query in queries]),
        asyncio.gather(*(found(owner, written) for owner in UNGRADED)),
    )
    wanted_by, of_orders = _split(orders, wanted), _split(orders, there.lines)
    to_check, bodies = list[bytes](), list[bytes]()
    for piece in pieces:
        priced = [_with_grades(query, of_orders[at]) for at, query in enumerate(queries[piece], piece.start)]
        to_check.append(_written(priced))
        quoted = PreviewQueries(queries=tuple(map(_quoted, priced)))
        bodies.append(quoted.model_dump_json().encode())
        await asyncio.sleep(0)
    by_grades, previews = await asyncio.gather(
        asyncio.gather(*(found(owner, to_check) for owner in GRADED)),
        asyncio.gather(*(ask("billing", "/quotes/preview/many", body) for body in bodies)),
    )
    prices = [one for answer in previews for one in Previews.model_validate_json(answer).previews]
    async with database.connection() as db:
        holders = await references.holders(db, reseller, [one.reference for one in documents if one.unique_reference])
    again, taken = twice_in_file(documents), in_use(documents, holders)
    outcomes = []
    for at, order in enumerate(orders):
        owners = (*by_owner, *by_grades)
        said = [in_order(order.document, one) for owner in owners for one in owner[at]]
        lacking = (*too_few(order.document, of_orders[at]), *unwanted(wanted_by[at], of_orders[at]))
        told = replaced(order.document, of_orders[at], (*said, *lacking, taken[at]), GONE)
        told += replaced(order.document, of_orders[at], again[at], NAMED_BEFORE)
        outcomes.append(Outcome(order.line, tuple(told), prices[at], tuple(of_orders[at])))
        if at % BREATH == 0:
            await asyncio.sleep(0)
    return Outcomes(tuple(outcomes), there.as_of)


def _pieces(orders: Sequence[Order]) -> list[slice]:
    """The orders in pieces that one question may hold."""
    pieces, begin, size = list[slice](), 0, 0
    for at, order in enumerate(orders):
        if at - begin == MOST_CHECKED or (at > begin and size + order.size > MOST_ASKED_BYTES):
            pieces.append(slice(begin, at))
            begin, size = at, 0
        size += order.size
    return [*pieces, slice(begin, len(orders))]


def _written(queries: Sequence[ValidityQuery]) -> bytes:
    return ValidityQueries(queries=tuple(queries)).model_dump_json().encode()


def _query(reseller: str, document: OrderDocument) -> ValidityQuery:
    """The order as owners are asked about drafts. Its PIN is sealed for this question alone."""
    asked_by = document.held_by or mint()
    return ValidityQuery(
        reseller=reseller,
        held_by=asked_by,
        customer=_customer(document, asked_by),
        lines=tuple(map(_line, document.lines)),
        quote=document.quote,
        terms=document.terms,
        begins=day_of(document.start),
        starts=_time_of(document.start),
    )


def _time_of(start: datetime | date | None) -> datetime | None:
    if start is None or isinstance(start, datetime):
        return start
    return datetime.combine(start, time(), UTC)


def _customer(document: OrderDocument, asked_by: UUID) -> CheckedCustomer:
    customer = document.customer
    if not isinstance(customer, NewCustomer):
        return CheckedCustomer(id=customer.id)
    address = customer.address
    return CheckedCustomer(
        name=customer.name,
        email=customer.email,
        sealed_pin=sealed(customer.pin.get_secret_value(), asked_by),
        phone=customer.phone or "",
        reference=customer.reference or "",
        address_lines=address.lines if address else (),
        city=(address and address.city) or "",
        postcode=(address and address.postcode) or "",
        country=(address and address.country) or "",
        contacts=tuple(CheckedContact(kind=one.kind, name=one.name, email=one.email) for one in customer.contacts),
    )


def _line(line: Line) -> CheckedLine:
    return CheckedLine(
        service_type=line.service_type,
        price_list=line.price_list,
        grouping=line.grouping,
        numbers=line.numbers.exact,
        settings=line.settings,
        settings_by_number=line.settings_by_number,
        wanted=line.numbers,
    )


def _split(orders: Sequence[Order], lines: Sequence[L]) -> list[Sequence[L]]:
    found, at = [], 0
    for order in orders:
        found.append(lines[at : at + len(order.document.lines)])
        at += len(order.document.lines)
    return found


def _with_grades(query: ValidityQuery, available: Sequence[LineAvailability]) -> ValidityQuery:
    lines = []
    for line, found in zip(query.lines, available, strict=True):
        if line.numbers:
            lines.append(
                line.model_copy(update={"grades": {one.instead_of or one.e164: one.grade for one in found.given}})
            )
        else:
            lines.append(line.model_copy(update={"given": dict(Counter(one.grade for one in found.given))}))
    return query.model_copy(update={"lines": tuple(lines)})


def _quoted(query: ValidityQuery) -> OrderPreviewQuery:
    lines = tuple(_quote_line(line) for line in query.lines)
    return OrderPreviewQuery(reseller=query.reseller, lines=lines, day=query.begins)


def _quote_line(line: CheckedLine) -> QuoteLine:
    grades: Counter[Grade] = Counter(line.grades.values())
    grades.update(line.given)
    services = max(line.many, 1) if line.grouping == "each" else 1
    return QuoteLine(
        service_type=line.service_type, price_list=line.price_list, services=services, numbers=dict(grades)
    )
