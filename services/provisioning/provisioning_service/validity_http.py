"""`POST /validity`: what provisioning finds about a draft, by the rules that guard the order in the saga."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running
from patchbay_contracts.availability import LineToNarrow, Narrowed, NarrowedLines, NarrowQuery
from patchbay_contracts.order import Line, Numbers
from patchbay_contracts.validity import (
    MOST_CHECKED_BYTES,
    CheckedLine,
    Finding,
    Findings,
    ManyFindings,
    ValidityQueries,
    ValidityQuery,
)
from provisioning_service import catalogue_queries as queries
from provisioning_service import model, number_faults, terms
from provisioning_service.catalogue import Catalogue
from provisioning_service.catalogue_http import today
from provisioning_service.handlers import catalogue
from provisioning_service.order_faults import Fault, faults

MOST_FINDINGS = 500


def routes(running: Running) -> APIRouter:
    """The validity report's part of provisioning."""
    api = APIRouter()

    @api.post("/validity")
    async def validity(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQuery)
        async with running.database.connection() as db:
            found = await findings(db, asked)
        return bodies.said(Findings(findings=found))

    @api.post("/validity/many")
    async def validity_of_many(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQueries, MOST_CHECKED_BYTES)
        async with running.database.connection() as db:
            found = await findings_of_many(db, asked.queries)
        return bodies.said(ManyFindings(answers=tuple(Findings(findings=one) for one in found)))

    @api.post("/validity/narrowed")
    async def narrowed(request: Request) -> Response:
        """What orders with such lines would have numbers look for."""
        asked = (await bodies.read(request, NarrowQuery, MOST_CHECKED_BYTES)).lines
        async with running.database.connection() as db:
            types = await catalogue.get(db, {line.service_type for line in asked})
        return bodies.said(NarrowedLines(lines=tuple(_narrowed(line, types) for line in asked)))

    return api


def _narrowed(line: LineToNarrow, types: Catalogue) -> Narrowed:
    type_ = types[line.service_type].on(line.day) if line.service_type in types else None
    rules = number_faults.rules_of(type_)
    least = model.least_numbers(line.numbers, line.grouping, type_)
    return Narrowed(numbers=number_faults.narrowed(line.numbers, rules), rules=rules, least=least)


async def findings(db: Connection, asked: ValidityQuery) -> tuple[Finding, ...]:
    """Everything that is wrong with the lines; that there are none is worth a word."""
    (found,) = await findings_of_many(db, [asked])
    return found


async def findings_of_many(db: Connection, asked: Sequence[ValidityQuery]) -> list[tuple[Finding, ...]]:
    """What is wrong with each, as if it were alone."""
    types = await catalogue.get(db, {line.service_type for one in asked for line in one.lines})
    owners = {customer for one in asked if one.lines and (customer := _customer(one)) is not None}
    owned = await queries.has(db, sorted(owners)) if owners else {}
    return [_found(one, types, owned) for one in asked]


def _customer(asked: ValidityQuery) -> tuple[str, UUID] | None:
    if asked.customer is None or asked.customer.id is None:
        return None
    return asked.reseller, asked.customer.id


def _found(
    asked: ValidityQuery, types: Catalogue, owned_by: Mapping[tuple[str, UUID], Mapping[str, int]]
) -> tuple[Finding, ...]:
    day = asked.begins or today()
    ordered = [line.service_type for line in asked.lines]
    of_terms = tuple(map(finding, terms.faults(asked.reseller, asked.terms, ordered, types, day)))
    if not asked.lines:
        return (*of_terms, _nothing_ordered())
    lines = [as_line(line) for line in asked.lines]
    customer = _customer(asked)
    owned = owned_by.get(customer, {}) if customer is not None else {}
    graded = {number: grade for line in asked.lines for number, grade in line.grades.items()}
    wrong = map(finding, faults(asked.reseller, lines, types, day, owned, graded=graded))
    return tuple(islice(chain(of_terms, wrong), MOST_FINDINGS))


def finding(fault: Fault) -> Finding:
    """As the validity report has it."""
    return Finding(
        code=fault.code, severity="error", tab=fault.tab,
        pointer=fault.pointer, message=_sentence(fault.message), remedy=_sentence(fault.remedy),
    )  # fmt: skip


def as_line(checked: CheckedLine) -> Line:
    """A draft's line as the order would have it; nothing is validated, as that is what is asked."""
    return Line.model_construct(
        service_type=checked.service_type,
        price_list=checked.price_list,
        grouping=checked.grouping,
        numbers=checked.wanted or Numbers.model_construct(exact=checked.numbers),
        settings=checked.settings,
        settings_by_number=checked.settings_by_number,
    )


def _nothing_ordered() -> Finding:
    message, remedy = "Only the customer is created, without a service.", "Choose a service type to order one."
    return Finding(
        code="service.none", severity="info", tab="settings", pointer="/lines", message=message, remedy=remedy
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."
