"""Service types for those who look after them: their versions, what differs and who is affected, drafts, publishing."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, lists, service_types_openapi
from gateway_service.etags import Seen
from gateway_service.keepers import DryRun, Keeper, tagged, unless_changed
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Words, says
from gateway_service.pages.catalogue_books import Shelves, draft_of, in_force
from gateway_service.pages.fields import today
from gateway_service.routes import Routes
from gateway_service.service_types_openapi import PublishServiceType, RetireServiceType, ServiceTypeDraft, ServiceTypes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_contracts.catalogue_changes import PublishVersion, RetireVersion, SaveDraft, Version, VersionListed
from patchbay_contracts.words import Slug

PREFIX = "/v1/service-types"
KeptState = Literal["draft", "in_force", "coming"]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="of the version")]


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes, for keys with the scope `catalogue`."""
    routes = Routes()
    for part in (_reading, _comparing, _changing):
        routes.include_router(part(upstream, keys))
    return routes


def _reading(upstream: Upstream, keys: Keys) -> APIRouter:
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("catalogue"))]  # noqa: N806 - a type

    @routes.get("", **service_types_openapi.ALL)
    async def list_kept(
        caller: Known,
        asked: Annotated[Asked, Depends()],
        text: Words = "",
        state: Annotated[
            KeptState | None, Query(description="those with a draft, with a version in force, or with one to come")
        ] = None,
    ) -> Response:
        shelves = Shelves(upstream, Keeper.of(caller))
        mine, found = await shelves.changeable(), dict[str, list[VersionListed]]()
        for one in await shelves.all():
            found.setdefault(one.service_type, []).append(one)
        rows = [_in_short(id_, versions, may_change=id_ in mine) for id_, versions in found.items()]
        rows = [row for row in rows if says(text, row["id"], row["name"]) and (state is None or row[state])]
        return await lists.answer(asked, "service_types", service_types_openapi.FIELDS, lists.among(rows, "id"))

    @routes.get("/{service_type}", **service_types_openapi.VERSIONS)
    async def list_versions(service_type: Slug, caller: Known) -> Response:
        shelves = Shelves(upstream, Keeper.of(caller))
        mine = await shelves.may_change(service_type)
        found = [_told(shelves, one, mine=mine) for one in await shelves.of_type(service_type)]
        shown = ServiceTypes.model_validate({"service_type": service_type, "may_change": mine, "versions": found})
        return Response(shown.model_dump_json(), media_type=bodies.JSON)

    @routes.get("/{service_type}/versions/{version}", **service_types_openapi.VERSION)
    async def show_version(service_type: Slug, version: Number, caller: Known) -> Response:
        return await _shown(Shelves(upstream, Keeper.of(caller)), service_type, version)

    return routes


def _comparing(upstream: Upstream, keys: Keys) -> APIRouter:
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("catalogue"))]  # noqa: N806 - a type

    @routes.get("/{service_type}/versions/{version}/diff", **service_types_openapi.DIFF)
    async def diff_versions(
        service_type: Slug,
        version: Number,
        caller: Known,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="without it, the one in force")] = None,
    ) -> Response:
        shelves = Shelves(upstream, Keeper.of(caller))
        now = in_force(await shelves.of_type(service_type))
        if before is None and now is None:
            detail = "No version is in force today: say with which one to compare it, as `before`."
            raise Problem(404, "No such version", detail, code="no_such_version")
        other = before or (now.version if now else 0)
        shown = (await shelves.diff(service_type, other, version)).model_dump(mode="json")
        if not await shelves.may_change(service_type):
            shown["differences"] = [one for one in shown["differences"] if one["pointer"] != "/resellers"]
        return Response(orjson.dumps(shown), media_type=bodies.JSON)

    @routes.get("/{service_type}/versions/{version}/affected", **service_types_openapi.AFFECTED)
    async def show_affected(service_type: Slug, version: Number, caller: Known) -> Response:
        shelves = Shelves(upstream, Keeper.of(caller))
        await shelves.version(service_type, version)
        return Response((await shelves.affected(service_type, version)).model_dump_json(), media_type=bodies.JSON)

    return routes


def _changing(upstream: Upstream, keys: Keys) -> APIRouter:
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("catalogue"))]  # noqa: N806 - a type

    @routes.put("/{service_type}/draft", **service_types_openapi.DRAFT)
    async def save_draft(
        service_type: Slug, request: Request, caller: Known, seen: Seen, dry_run: DryRun = False
    ) -> Response:
        body, shelves = await bodies.read(request, ServiceTypeDraft), Shelves(upstream, Keeper.of(caller))
        if await shelves.all(service_type):
            await shelves.check_may_change(service_type)
        elif await shelves.exists(service_type):
            raise Problem(409, "The id is taken", "Another reseller has a service type of this id: choose another id.")
        if not shelves.owns(body.entry.resellers):
            message = "only the house sells through other resellers"
            raise invalid_at("/entry/resellers", message, f"name {caller.reseller} alone")
        of = {"by": caller.by, "why": body.why, "service_type": service_type, "revision": seen, "dry_run": dry_run}
        save = shelves.save(SaveDraft(**of, entry=body.entry))
        saved = await unless_changed(save, seen, lambda: _revision_of_draft(shelves, service_type))
        return tagged(saved, seen if dry_run else saved.revision)

    @routes.post("/{service_type}/versions/{version}/publish", **service_types_openapi.PUBLISH)
    async def publish(service_type: Slug, version: Number, request: Request, caller: Known, seen: Seen) -> Response:
        body, shelves = await bodies.read(request, PublishServiceType), Shelves(upstream, Keeper.of(caller))
        asked = PublishVersion(**_move(caller, service_type, version, seen), why=body.why, valid_from=body.valid_from)
        return await _moved(shelves, asked)

    @routes.post("/{service_type}/versions/{version}/retire", **service_types_openapi.RETIRE)
    async def retire(service_type: Slug, version: Number, request: Request, caller: Known, seen: Seen) -> Response:
        body, shelves = await bodies.read(request, RetireServiceType), Shelves(upstream, Keeper.of(caller))
        asked = RetireVersion(**_move(caller, service_type, version, seen), why=body.why, valid_to=body.valid_to)
        return await _moved(shelves, asked)

    return routes


async def _moved(shelves: Shelves, asked: PublishVersion | RetireVersion) -> Response:
    id_, number = asked.service_type, asked.version
    await shelves.check_may_change(id_)
    move = shelves.put_in_force(asked) if isinstance(asked, PublishVersion) else shelves.retire(asked)

    async def now() -> int:
        return (await shelves.version(id_, number)).revision

    await unless_changed(move, asked.revision, now)
    return await _shown(shelves, id_, number)


async def _shown(shelves: Shelves, id_: str, number: int) -> Response:
    mine = await shelves.may_change(id_)
    found = await shelves.version(id_, number)
    return tagged(Version.model_validate(_told(shelves, found, mine=mine)), found.revision)


async def _revision_of_draft(shelves: Shelves, id_: str) -> int:
    draft = draft_of(await shelves.all(id_))
    return draft.revision if draft else 0


def _move(caller: Caller, id_: str, number: int, seen: int) -> dict[str, Any]:
    return {"by": caller.by, "service_type": id_, "version": number, "revision": max(1, seen)}


def _told(shelves: Shelves, one: VersionListed, *, mine: bool) -> dict[str, Any]:
    """A version as those may see it who look after it, and with less those who do not: neither who else may sell it,
    nor who changed it."""
    shown = one.model_dump(mode="json")
    if not mine:
        theirs = [reseller for reseller in one.resellers if shelves.who.sees(reseller)]
        shown |= {"changed_by": "", "resellers": theirs}
        if isinstance(one, Version):
            shown["entry"] |= {"resellers": theirs}
    return shown


def _in_short(id_: str, versions: list[VersionListed], *, may_change: bool) -> dict[str, Any]:
    """A service type in the list of all. The newest version comes first."""
    now, draft = in_force(versions), draft_of(versions)
    coming = [one.version for one in versions if one.state == "published" and (one.valid_from or today()) > today()]
    return {
        "id": id_,
        "name": (now or versions[0]).name,
        "in_force": now.version if now else None,
        "coming": coming,
        "draft": draft.version if draft else None,
        "may_change": may_change,
        "links": {"self": f"{PREFIX}/{id_}"},
    }
