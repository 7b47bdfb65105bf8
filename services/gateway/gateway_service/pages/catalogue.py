"""The service catalogue, for administrators: all service types, one with its versions, a version with all it says,
what differs, whom it affects, publishing, retiring, and the log."""

import asyncio
import json
from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import catalogue_diff, settings_explained, site
from gateway_service.pages.catalogue_books import Shelves, draft_of, in_force
from gateway_service.pages.fields import Fields, fits, is_house, refused, seen, today
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue_changes import PublishVersion, RetireVersion, Version, VersionListed
from patchbay_contracts.words import Slug

Administrator = Annotated[Operator, Depends(site.having("administrator"))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PLACES = {"/valid_from": "valid_from", "/valid_to": "valid_to", "/why": "why"}


def router(upstream: Upstream) -> APIRouter:
    """Everything but the drafts' editor."""
    routes = site.routes("/catalogue")

    @routes.get("")
    async def list_all(request: Request, who: Administrator) -> Response:
        found = await Shelves(upstream, who).all()
        by_type = groupby(sorted(found, key=lambda one: one.service_type), key=lambda one: one.service_type)
        types = [_in_short(id_, list(versions)) for id_, versions in by_type]
        return site.render(request, "catalogue.html", types=types, house=is_house(who))

    @routes.get("/{id_}")
    async def show(request: Request, id_: str, who: Administrator, done: str = "") -> Response:
        shelves = Shelves(upstream, who)
        versions = await shelves.of_type(checked(id_))
        return site.render(
            request, "catalogue-one.html", id_=id_, versions=versions, draft=draft_of(versions),
            changes=await shelves.may_change(id_), states=states(), done=done,
        )  # fmt: skip

    @routes.get("/{id_}/log")
    async def log(request: Request, id_: str, who: Administrator, after: str = "") -> Response:
        shelves = Shelves(upstream, who)
        await shelves.check_may_change(checked(id_))
        entries = await shelves.log(id_, after if fits(UUID, after) else "")
        return site.render(request, "catalogue-log.html", id_=id_, log=entries, after=after, verbs=verbs())

    @routes.get("/{id_}/versions/{number}")
    async def version(request: Request, id_: str, number: Number, who: Administrator, done: str = "") -> Response:
        return await page(request, Shelves(upstream, who), checked(id_), number, done=done)

    @routes.get("/{id_}/versions/{number}/diff")
    async def diff(request: Request, id_: str, number: Number, who: Administrator, to: str = "") -> Response:
        return await _diff(request, Shelves(upstream, who), checked(id_), number, to)

    @routes.post("/{id_}/versions/{number}/publish")
    async def publish(request: Request, id_: str, number: Number, who: Administrator) -> Response:
        return await _move(request, Shelves(upstream, who), checked(id_), number, "published")

    @routes.post("/{id_}/versions/{number}/retire")
    async def retire(request: Request, id_: str, number: Number, who: Administrator) -> Response:
        return await _move(request, Shelves(upstream, who), checked(id_), number, "retired")

    return routes


def _in_short(id_: str, versions: list[VersionListed]) -> dict[str, Any]:
    """A service type in the list of all: what is in force, what comes, and the draft."""
    now = in_force(versions)
    coming = [v for v in versions if v.state == "published" and v.valid_from and v.valid_from > today()]
    return {"id": id_, "name": (now or versions[0]).name, "now": now, "coming": coming, "draft": draft_of(versions)}


async def _diff(request: Request, shelves: Shelves, id_: str, number: int, to: str) -> Response:
    """What differs from that version; without one from the version in force."""
    versions = await shelves.of_type(id_)
    if to and to not in {str(one.version) for one in versions}:
        if len(versions) < 2:
            raise Problem(404, _("There is no such version"))
        return await page(request, shelves, id_, number, errors={"to": _("Choose from the list")})
    now = in_force(versions)
    before = int(to) if to else now.version if now else 0
    if not before:
        raise Problem(404, _("No version is in force"), _("There is nothing to compare this version with."))
    found, old, new = await asyncio.gather(
        shelves.diff(id_, before, number), shelves.version(id_, before), shelves.version(id_, number)
    )
    rows = catalogue_diff.rows(found, old, new)
    return site.render(request, "catalogue-diff.html", id_=id_, number=number, before=before, rows=rows)


async def _move(request: Request, shelves: Shelves, id_: str, number: int, to: str) -> Response:
    """Publish or retire what was seen, or say what is wrong."""
    await shelves.check_may_change(id_)
    form = Fields(await site.form(request))
    name = "valid_from" if to == "published" else "valid_to"
    why, day = form.why(), form.day(name)
    form.confirmed(_("Tick the box if that is what you want"))
    if day is not None and not form.errors:
        of: dict[str, Any] = {"by": shelves.who.by, "why": why, "service_type": id_, "version": number}
        of |= {"revision": max(1, seen(form.form)), name: day}
        try:
            if to == "published":
                await shelves.put_in_force(PublishVersion.model_validate(of))
            else:
                await shelves.retire(RetireVersion.model_validate(of))
        except Problem as problem:
            form.errors |= refused(problem, PLACES)
        else:
            return site.go(f"/catalogue/{id_}/versions/{number}?done={to}")
    return await page(request, shelves, id_, number, form)


async def page(
    request: Request,
    shelves: Shelves,
    id_: str,
    number: int,
    form: Fields | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    """A version with all it says, and the forms that publish or retire it; one that was typed has its faults."""
    versions = await shelves.of_type(id_)
    found, now = await shelves.version(id_, number), in_force(versions)
    changes = await shelves.may_change(id_)
    names = ("valid_from", "valid_to", "why", "confirm")
    typed = {name: form.form.text(name) for name in names} if form else dict.fromkeys(names, "")
    if form is None:
        typed |= {"valid_from": str(today()), "valid_to": str(today())}
    errors = form.errors if form else errors
    schema = json.dumps(found.entry.settings_schema, indent=2, ensure_ascii=False)
    return site.render(
        request, "catalogue-version.html", 422 if errors else 200, errors=errors, id_=id_,
        found=found, now=now, others=[one for one in versions if one.version != number], changes=changes,
        resellers=_theirs(shelves, found), schema=schema, states=states(), typed=typed,
        value_called=settings_explained.called,
        affected=await shelves.affected(id_, number) if found.state == "draft" else None, done=done, kinds=kinds(),
    )  # fmt: skip


def _theirs(shelves: Shelves, version: Version) -> list[str]:
    """Who may sell it, as far as the operator acts for them."""
    return [one for one in version.entry.resellers if shelves.who.sees(one)]


def checked(id_: str) -> str:
    """The id, if it can be one. Raises Problem 404."""
    if not fits(Slug, id_):
        raise Problem(404, _("There is no such service type"))
    return id_


def states() -> dict[str, str]:
    """How a version stands."""
    return {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}


def verbs() -> dict[str, str]:
    """What was done with a version."""
    return {"drafted": _("Drafted"), "published": _("Published"), "retired": _("Retired")}


def kinds() -> dict[str, str]:
    """What a setting is."""
    return {
        "text": _("Text"),
        "number": _("Number"),
        "choice": _("Choice"),
        "yes_no": _("Yes or no"),
        "time_plan": _("Time plan"),
        "destination": _("Destination"),
    }
