"""One order: what was ordered, what became of it, how it went, and who was written to."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, draft_queries, order_queries, queries, views
from gateway_service.draft import Draft
from gateway_service.drafts import Desk
from gateway_service.event_queries import Wanted
from gateway_service.events_tail import tail_of
from gateway_service.pages import called, changes_told, mails, order_forms, reach, site, streams
from gateway_service.pages.called import Called
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk, states
from gateway_service.pages.people import Operator
from gateway_service.pages.settings_form import plain
from gateway_service.pages.streams import Part
from gateway_service.upstream import Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.mails import MailQuery


def router(desk: Desk) -> APIRouter:
    """The page, and the stream that it listens to while the order is under way."""
    page, routes = Page(desk), site.routes("/orders")

    @routes.get("/{id_}")
    async def show(request: Request, id_: UUID, who: Clerk) -> Response:
        return await page.shown(request, await page.found(who, id_))

    @routes.get("/{id_}/events")
    async def follow(request: Request, id_: UUID) -> Response:
        async def became(who: Operator) -> Part:
            seen = await page.found(who, id_)
            ended = seen.row.state in queries.ENDED
            return Part(site.written(request, "orders-became.html", **_shown(seen, views.whole(seen.row))), ended)

        try:
            seen = await page.found(await site.having("operator")(request), id_)
        except site.Elsewhere:
            return streams.over()
        wanted = Wanted(seen.row.reseller, order=id_)
        return streams.answer(streams.order(request, tail_of(desk.running.database), wanted, became))

    return routes


class Seen(NamedTuple):
    """An order of a reseller that somebody acts for, and what that one is called, and what it sells."""

    row: Any
    reseller: str
    called: Called


class Page:
    """An order's page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def found(self, who: Operator, id_: UUID) -> Seen:
        """The order, if the operator may see it. Raises Problem 404."""
        sees = await reach.of(self._desk.upstream, who)
        async with self._desk.running.database.connection() as db:
            row = await order_queries.one(db, sees.ids, id_)
        if row is None:
            raise Problem(404, _("There is no such order"), _("You have no order with this id."))
        return Seen(row, sees.names[row.reseller], await called.of(self._desk.upstream, row.reseller))

    async def shown(
        self,
        request: Request,
        seen: Seen,
        *,
        why: str = "",
        typed: Mapping[str, Any] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        """The page, with what was typed into its forms and what is wrong with it."""
        row, upstream, whole = seen.row, self._desk.upstream, views.whole(seen.row)
        async with self._desk.running.database.connection() as db:
            draft = await draft_queries.of_order(db, (row.reseller,), row.id)
        sent, customer = await asyncio.gather(
            mails.found(upstream, MailQuery(resellers=(row.reseller,), order_id=row.id, limit=200)),
            _customer(upstream, row),
        )
        return site.render(
            request,
            "orders-one.html",
            422 if errors else 200,
            errors=errors or {},
            order=_ordered(row),
            why=why,
            typed=typed or order_forms.shown_in(row),
            seen=views.tag(whole),
            new=mint(),
            customer=customer,
            draft=draft,
            waived=_waived(draft),
            mails=sent,
            mail_words=mails.states(),
            organisations=mails.organisations(),
            outcomes=changes_told.kinds(),
            **_shown(seen, whole),
        )


def _shown(seen: Seen, shown: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the part of the page is written with that says what became of the order; `shown`: the order as a whole."""
    row = seen.row
    return {
        "row": row,
        "reseller": seen.reseller,
        "called": seen.called,
        "words": states(),
        "outcome": _became(row),
        "timeline": shown["timeline"],
        "lines": shown["lines"],
        "back_order": _back_order(shown["back_order"]),
        "cancel": shown["cancel"],
        "amend": shown["amend"],
    }


async def _customer(upstream: Upstream, row: Any) -> str:
    """The name of the order's customer, where that is there."""
    if row.customer_id is None:
        return ""
    try:
        found = await customer_records.get(upstream, [row.reseller], [row.customer_id])
    except Problem as problem:
        if problem.status < 500:
            raise
        return str(row.customer_id)
    return found[0].details.name if found else ""


def _back_order(shown: dict[str, Any] | None) -> dict[str, Any] | None:
    return shown and shown | {"until": datetime.fromisoformat(shown["until"])}


def _ordered(row: Any) -> dict[str, Any]:
    """What was ordered, or which change of a service."""
    document: dict[str, Any] = {"customer": None, "lines": (), "wanted": None} | orjson.loads(row.document)
    return document | {"lines": [_line(line) for line in document["lines"]]}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    numbers = line.get("numbers", {})
    wanted = ", ".join(numbers.get("exact", ()))
    if count := numbers.get("count"):
        wanted = _("%(n)s that match") % {"n": count} + (f" ({numbers['prefix']})" if numbers.get("prefix") else "")
    settings = [f"{name}: {plain(value)}" for name, value in line.get("settings", {}).items()]
    return line | {"wanted": wanted, "each": line.get("grouping") == "each", "settings": settings}


def _became(row: Any) -> dict[str, Any]:
    """What became of it. What there is nothing of is none."""
    nothing = dict.fromkeys(("services", "setup", "monthly", "step", "reason", "detail", "change"))
    event = orjson.loads(row.event) if row.event else {}
    services = [{"numbers": (), "note": ""} | one for one in event.get("services", ())]
    return nothing | event | {"services": services}


def _waived(draft: Draft | None) -> list[tuple[str, str, str]]:
    return [(w.code, w.reason, w.by) for w in draft.document.waivers] if draft else []
