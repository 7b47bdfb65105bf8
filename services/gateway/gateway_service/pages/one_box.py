"""The one box on top of a list: whatever somebody types to find an order or a service."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from gateway_service import looking
from gateway_service.drafts import Desk
from gateway_service.order_queries import Like
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import fits
from gateway_service.pages.fields import sentence as as_sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.services import ServicePage, ServiceQuery
from patchbay_contracts.words import Text

FIND = "find"
"""What the box is called in addresses."""


async def orders(
    desk: Desk, resellers: Sequence[str], filters: Filters, customer_id: UUID | None = None
) -> Like | None:
    """Orders by their id, their reference, a number of what they created, or whose they are; all of it, or of that
    customer. None if nothing is typed, or with what is wrong in `filters`."""
    if not (text := _text(filters)):
        return None
    if (id_ := looking.id_in(text)) is not None:
        return Like(ids=(id_,), customers=(id_,))
    number, upstream, database = looking.number_in(text), desk.upstream, desk.running.database
    try:
        return Like(
            ids=await looking.orders_of_number(upstream, database, resellers, number, customer_id) if number else (),
            reference=text,
            customers=() if customer_id else await looking.customers(upstream, resellers, text),
        )
    except Problem as problem:
        _wrong(filters, problem)
        return None


async def services(upstream: Upstream, resellers: Sequence[str], filters: Filters) -> Mapping[str, Any]:
    """Services by a number, or by whose they are where no service has such a number."""
    if not (text := _text(filters)):
        return {}
    if (number := looking.number_in(text)) is not None:
        query = ServiceQuery(resellers=tuple(resellers), number=number, count=1)
        page = ServicePage.model_validate_json(await upstream.ask("provisioning", "/services/search", query))
        if page.services:
            return {"number": number}
    try:
        return {"customers": await looking.customers(upstream, resellers, text)}
    except Problem as problem:
        _wrong(filters, problem)
        return {}


def _text(filters: Filters) -> str:
    text = filters[FIND]
    if text and not fits(Text, text):
        filters.errors[FIND] = _("Enter 200 characters at the most, without control characters")
        return ""
    return text


def _wrong(filters: Filters, problem: Problem) -> None:
    faults = problem.body.get("errors", ())
    if problem.status != 422 or not faults:
        raise problem
    filters.errors[FIND] = as_sentence(said(faults[0]))
