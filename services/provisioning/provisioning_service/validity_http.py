"""`POST /validity`: what provisioning finds about a draft, by the rules that guard the order in the saga."""

from collections.abc import Iterator
from itertools import islice

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running
from patchbay_contracts.order import Line, Numbers
from patchbay_contracts.validity import CheckedLine, Finding, Findings, ValidityQuery
from provisioning_service import catalogue_queries as queries
from provisioning_service.catalogue_http import today
from provisioning_service.handlers import catalogue
from provisioning_service.order_faults import faults

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

    return api


async def findings(db: Connection, asked: ValidityQuery) -> tuple[Finding, ...]:
    """Everything that is wrong with the lines; that there are none is worth a word."""
    if not asked.lines:
        return (_nothing_ordered(),)
    types = await catalogue.get(db, (line.service_type for line in asked.lines))
    lines = [as_line(line) for line in asked.lines]
    owned: dict[str, int] = {}
    if asked.customer is not None and asked.customer.id is not None:
        customer = (asked.reseller, asked.customer.id)
        owned = (await queries.has(db, [customer])).get(customer, {})
    wrong: Iterator[Finding] = (
        Finding(
            code=fault.code, severity="error", tab=fault.tab,
            pointer=fault.pointer, message=_sentence(fault.message), remedy=_sentence(fault.remedy),
        )
        for fault in faults(asked.reseller, lines, types, today(), owned)
    )  # fmt: skip
    return tuple(islice(wrong, MOST_FINDINGS))


def as_line(checked: CheckedLine) -> Line:
    """A draft's line as the order would have it; nothing is validated, as that is what is asked."""
    return Line.model_construct(
        service_type=checked.service_type,
        price_list=checked.price_list,
        grouping=checked.grouping,
        numbers=Numbers.model_construct(exact=checked.numbers),
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
