"""Price lists, for the billing role: all of them, one with its versions, a version with its prices, and publishing."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.fields import Fields, fits, refused, seen, today
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import BOM
from gateway_service.pages.people import Operator
from gateway_service.pages.price_list_books import Books, draft_of, in_force
from gateway_service.pages.prices_form import exact, grade_names, rows_of, written_csv
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.price_lists import PublishQuery, VersionRef
from patchbay_contracts.words import Slug

Billing = Annotated[Operator, Depends(site.having("billing"))]
Number = Annotated[int, Path(ge=1, le=32_000)]
PLACES = {"/valid_from": "valid_from", "/valid_to": "valid_to", "/why": "why"}


def router(upstream: Upstream) -> APIRouter:
    """Everything but the drafts' editor."""
    routes = site.routes("/price-lists")

    @routes.get("")
    async def list_all(request: Request, who: Billing) -> Response:
        found = sorted(await Books(upstream, who).lists(), key=lambda one: (one.reseller or "", one.price_list))
        groups = [(reseller, list(lists)) for reseller, lists in groupby(found, key=lambda one: one.reseller or "")]
        return site.render(request, "price-lists.html", groups=groups, stands=stands())

    @routes.get("/{id_}")
    async def show(request: Request, id_: str, who: Billing, done: str = "") -> Response:
        books = Books(upstream, who)
        versions = await books.versions(checked(id_))
        return site.render(
            request, "price-lists-one.html", id_=id_, versions=versions, newest=versions[0], draft=draft_of(versions),
            now=in_force(versions), affected=await books.affected(id_), changes=books.may_change(versions[0]),
            stands=stands(), done=done,
        )  # fmt: skip

    @routes.get("/{id_}/versions/{number}.csv")
    async def download(request: Request, id_: str, number: Number, who: Billing) -> Response:
        found = await Books(upstream, who).version(checked(id_), number)
        body = BOM + written_csv(found.prices)
        response = site.answer(request, body.encode(), kind="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{id_}-{number}.csv"'
        return response

    @routes.get("/{id_}/versions/{number}")
    async def version(request: Request, id_: str, number: Number, who: Billing, done: str = "") -> Response:
        return await page(request, Books(upstream, who), id_, number, done=done)

    @routes.get("/{id_}/versions/{number}/diff")
    async def diff(request: Request, id_: str, number: Number, who: Billing, to: str = "") -> Response:
        books = Books(upstream, who)
        if to not in {"", id_, *(one.price_list for one in await books.lists())}:
            return await page(request, books, id_, number, errors={"to": _("Choose from the list")})
        before = VersionRef(price_list=checked(to or id_))
        after = VersionRef(price_list=checked(id_), version=number)
        found = await books.diff(before, after)
        return site.render(
            request, "price-lists-diff.html", id_=id_, number=number, diff=found, names=grade_names(), exact=exact
        )

    @routes.post("/{id_}/versions/{number}/publish")
    async def publish(request: Request, id_: str, number: Number, who: Billing) -> Response:
        return await _publish(request, Books(upstream, who), checked(id_), number)

    return routes


async def _publish(request: Request, books: Books, id_: str, number: int) -> Response:
    """Publish what was seen, or say what is wrong."""
    form, who = Fields(await site.form(request)), books.who
    why, begins, ends = form.why(), form.day("valid_from"), form.day("valid_to", needed=False)
    form.confirmed(_("Tick the box if you want to publish it: a published version is never changed again"))
    if begins and ends and ends < begins:
        form.errors["valid_to"] = _("Enter a day that is not before the first, or leave it empty")
    if begins is not None and not form.errors:
        asked = PublishQuery(
            resellers=who.resellers, by=who.by, why=why, price_list=id_, version=number,
            revision=seen(form.form), valid_from=begins, valid_to=ends,
        )  # fmt: skip
        try:
            await books.put_in_force(asked)
        except Problem as problem:
            form.errors |= refused(problem, PLACES)
        else:
            return site.go(f"/price-lists/{id_}/versions/{number}?done=published")
    return await page(request, books, id_, number, form)


async def page(
    request: Request,
    books: Books,
    id_: str,
    number: int,
    form: Fields | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    """One version, with the form that publishes it; a form that was typed has its faults."""
    versions = await books.versions(checked(id_))
    found = await books.version(id_, number)
    others = sorted({one.price_list for one in await books.lists()} - {id_})
    names = ("valid_from", "valid_to", "why", "confirm")
    typed = {name: form.form.text(name) for name in names} if form else dict.fromkeys(names, "")
    errors = form.errors if form else errors
    return site.render(
        request, "price-lists-version.html", 422 if errors else 200, errors=errors, id_=id_,
        found=found, rows=rows_of(found.prices), names=grade_names(), now=in_force(versions), others=others,
        typed=typed if form else typed | {"valid_from": str(today())}, changes=books.may_change(found),
        affected=await books.affected(id_) if found.state == "draft" else None, stands=stands(), done=done,
    )  # fmt: skip


def checked(id_: str) -> str:
    """The id, if it can be one. Raises Problem 404."""
    if not fits(Slug, id_):
        raise Problem(404, _("There is no such price list"))
    return id_


def stands() -> Mapping[str, str]:
    """How a version stands, in words."""
    return {
        "draft": _("Draft"),
        "coming": _("Coming"),
        "in_force": _("In force"),
        "replaced": _("Replaced"),
        "ended": _("Ended"),
    }
