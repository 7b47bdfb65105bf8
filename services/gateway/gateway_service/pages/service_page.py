"""Service Details: everything about one service, what became of it, and where it is changed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, queries
from gateway_service.drafts import Desk
from gateway_service.event_queries import Wanted
from gateway_service.events_tail import tail_of
from gateway_service.pages import called, changes_told, mails, reach, site, streams
from gateway_service.pages.called import Called
from gateway_service.pages.changes_told import Named
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.pages.services import Clerk, states
from gateway_service.pages.streams import Part
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.accounts import ServiceCharges, ServiceChargesQuery
from patchbay_contracts.catalogue import Product, ProductQuery
from patchbay_contracts.mails import MailQuery
from patchbay_contracts.services import History, HistoryQuery, Service, Services, ServicesQuery
from patchbay_contracts.words import Settings

A_PAGE = 20
MOST_MAILS = 200
MOST_NUMBERS = 200
"""So many numbers stand on the page; all are in the list as CSV."""


class Seen(NamedTuple):
    """A service that the operator may see, the name of its reseller, its type, where that is still sold, and what else
    is called how."""

    service: Service
    reseller: str
    product: Product | None
    called: Called

    @property
    def name(self) -> str:
        """What the service's type is called."""
        return self.product.name if self.product else self.called.type(self.service.service_type)


def router(desk: Desk) -> APIRouter:
    """The page, and the stream that it listens to while a change is under way."""
    routes, page = site.routes("/services"), Page(desk)

    @routes.get("/{id_}")
    async def show(
        request: Request, id_: UUID, who: Clerk, change: UUID | None = None, after: str | None = None
    ) -> Response:
        seen = await found(desk.upstream, who, id_)
        return site.render(request, "services-one.html", **await page.shown(seen, change, after and after[:200]))

    @routes.get("/{id_}/events")
    async def follow(request: Request, id_: UUID, change: UUID | None = None) -> Response:
        async def became(who: Operator) -> Part:
            shown = await page.shown(await found(desk.upstream, who, id_), change)
            return Part(site.written(request, "services-shown.html", **shown), not shown["live"])

        try:
            seen = await found(desk.upstream, await site.having("operator")(request), id_)
        except site.Elsewhere:
            return streams.over()
        wanted = Wanted(seen.service.reseller, order=change or seen.service.changing or seen.service.order_id)
        return streams.answer(streams.order(request, tail_of(desk.running.database), wanted, became))

    return routes


class Page:
    """A service's page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def shown(self, seen: Seen, change: UUID | None, after: str | None = None) -> Mapping[str, Any]:
        """What it is written with: `change` is the order that somebody came from, `after` a place in the history. It is
        `live` while a change is under way."""
        upstream, service, resellers = self._desk.upstream, seen.service, (seen.service.reseller,)
        query = HistoryQuery(resellers=resellers, service_id=service.id, count=A_PAGE, after=after)
        answer, names, charges = await asyncio.gather(
            upstream.ask("provisioning", "/services/history", query),
            customer_records.called(upstream, resellers, [service.customer_id]),
            _charges(upstream, service),
        )
        history, named = History.model_validate_json(answer), Named(seen.product, seen.called)
        orders = (service.order_id, *(one.order_id for one in history.changes))
        sent = await mails.found(upstream, MailQuery(resellers=resellers, order_ids=orders, limit=MOST_MAILS))
        async with self._desk.running.database.connection() as db:
            placed = None if change is None else await queries.order(db, service.reseller, change)
        under_way = service.changing is not None or (placed is not None and placed.state not in queries.ENDED)
        return {
            "seen": seen,
            "service": service,
            "words": states(),
            "customer": names.get(service.customer_id) or str(service.customer_id),
            "named": named,
            "numbers": [(number, named.rows(_own(service, number))) for number in service.numbers[:MOST_NUMBERS]],
            "charges": charges,
            "mails": sent,
            "mail_words": mails.states(),
            "changes": [(one, changes_told.differences(one, named)) for one in history.changes],
            "kinds": changes_told.kinds(),
            "outcomes": changes_told.outcomes(),
            "next": history.next,
            "after": after,
            "placed": placed,
            "failed": _failed(placed),
            "live": under_way and after is None,
            "actions": actions(service),
        }


async def found(upstream: Upstream, who: Operator, id_: UUID) -> Seen:
    """The service. Raises Problem 404 for one that is not there or belongs to somebody else."""
    sees = await reach.of(upstream, who)
    answer = await upstream.ask("provisioning", "/services/get", ServicesQuery(resellers=sees.ids, ids=(id_,)))
    services = Services.model_validate_json(answer).services
    if not services:
        raise Problem(404, _("There is no such service"), _("You have no service with this id."))
    (service,) = services
    product, names = await asyncio.gather(_product(upstream, service), called.of(upstream, service.reseller))
    return Seen(service, sees.names[service.reseller], product, names)


async def _product(upstream: Upstream, service: Service) -> Product | None:
    """The service's type as it is sold; None where it is sold no more."""
    query = ProductQuery(resellers=(service.reseller,), service_type=service.service_type)
    try:
        return Product.model_validate_json(await upstream.ask("provisioning", "/catalogue/get", query))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None


async def _charges(upstream: Upstream, service: Service) -> ServiceCharges | None:
    """What it is charged for; None while billing cannot be asked: all else can be shown without it."""
    known = {"service_id": service.id, "order_id": service.order_id, "line": service.line, "numbers": service.numbers}
    query = ServiceChargesQuery.model_validate(known | {"resellers": (service.reseller,)})
    try:
        return ServiceCharges.model_validate_json(await upstream.ask("billing", "/charges/of-service", query))
    except Problem as problem:
        if problem.status < 500:
            raise
        return None


def actions(service: Service) -> Sequence[tuple[str, str, str]]:
    """What can be done with the service as it is: address, text, and the kind of its button."""
    if service.state not in ("active", "suspended"):
        return ()
    rests = service.state == "suspended"
    return (
        ("settings", _("Change settings"), "secondary"),
        ("price-list", _("Change price list"), "secondary"),
        ("add-numbers", _("Add numbers"), "secondary"),
        *((("remove-numbers", _("Remove numbers"), "secondary"),) if service.numbers else ()),
        ("resume", _("Resume"), "secondary") if rests else ("suspend", _("Suspend"), "secondary"),
        ("end", _("End"), "danger"),
    )


def _own(service: Service, number: int) -> Settings:
    return service.settings_by_number.get(number, {})


def _failed(placed: Any) -> tuple[str, str]:
    """Why the change came to nothing, where it did: reason and detail."""
    event = orjson.loads(placed.event) if placed is not None and placed.event else {}
    return event.get("reason", ""), event.get("detail", "")
