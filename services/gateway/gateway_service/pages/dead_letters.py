"""Dead letters, for administrators of all resellers: the list of what was not handled, one whole, and its replay."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import dead_letter_queries, dead_letters, views
from gateway_service.dead_letter_queries import Wanted
from gateway_service.dead_letters import SERVICES, Replay
from gateway_service.lists import FIRST, LAST
from gateway_service.pages import site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.operations import Runner, is_a
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.operations import Why

PAGE = 50
MOST_SHOWN = 20_000
"""So many characters of a body are shown; the API has all of it."""
REPLAYED = ("yes", "no")


def router(running: Running) -> APIRouter:
    """The list, one, and its replay."""
    routes = site.routes("/operations/dead-letters")

    @routes.get("")
    async def show_all(request: Request, _who: Runner) -> Response:
        filters, wanted = _asked(request)
        rows: list[Any] = []
        if not filters.errors:
            async with running.database.connection() as db:
                before = views.from_cursor(filters.after)
                rows = list(await dead_letter_queries.page(db, wanted, before, PAGE + 1))
        next_ = filters.page(views.cursor(rows[PAGE - 1].id)) if len(rows) > PAGE else None
        return site.render(
            request, "dead-letters.html", 422 if filters.errors else 200, errors=filters.errors, filters=filters,
            services=[(one, one) for one in SERVICES], replayed=[("yes", _("Yes")), ("no", _("No"))],
            rows=[dead_letters.in_short(row) for row in rows[:PAGE]], next=next_,
        )  # fmt: skip

    @routes.get("/{id_}")
    async def show(request: Request, id_: UUID, _who: Runner, done: str = "") -> Response:
        return await _one(request, id_, done=done == "yes")

    @routes.post("/{id_}")
    async def replay(request: Request, id_: UUID, who: Runner) -> Response:
        form = await site.form(request)
        reason, force, own = form.text("reason"), form.ticked("force"), form.text("id")
        errors = {} if is_a(Why, reason) else {"reason": _("Enter why, in 3 to 500 characters on one line")}
        if not errors:
            wanted = Replay(UUID(own) if is_a(UUID, own) else mint(), who.by, reason, force)
            try:
                await dead_letters.replay(running, id_, wanted)
            except Problem as problem:
                if problem.status != 409:
                    raise
                again = problem.body["type"].endswith("dead_letter_replayed")
                errors = {"force": _("It was replayed already: tick this to do it once more")} if again else {}
                errors = errors or {"": _("This letter cannot be replayed")}
            else:
                return site.go(f"/operations/dead-letters/{id_}?done=yes")
        return await _one(request, id_, reason=reason, force=force, errors=errors)

    async def _one(
        request: Request,
        id_: UUID,
        *,
        reason: str = "",
        force: bool = False,
        done: bool = False,
        errors: dict[str, str] | None = None,
    ) -> Response:
        letter = await dead_letters.show(running, id_)
        body = next(iter((letter["body"] or {}).items()), ("text", ""))
        return site.render(
            request, "dead-letter.html", 422 if errors else 200, errors=errors, letter=letter, kind=body[0],
            body=body[1][:MOST_SHOWN], shortened=len(body[1]) > MOST_SHOWN, reason=reason, force=force, done=done,
            id_=mint(),
        )  # fmt: skip

    return routes


def _asked(request: Request) -> tuple[Filters, Wanted]:
    """The filters, and what they mean."""
    filters = Filters(request, "service", "reason", "replayed", "from", "to")
    try:
        views.from_cursor(filters.after)
    except ValueError:
        filters.errors[""] = _("This page of the list is not there. Begin with the first one.")
    replayed = filters.choice("replayed", REPLAYED)
    return filters, Wanted(
        filters.choice("service", SERVICES),
        filters["reason"].replace("\0", "") or None,
        filters.day("from") or FIRST,
        filters.day("to", over=True) or LAST,
        None if replayed is None else replayed == "yes",
    )
