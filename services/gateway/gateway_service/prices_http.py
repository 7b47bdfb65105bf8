"""Price lists for those who look after them: their versions, what differs, who pays by them, drafts, publishing."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, lists, prices_openapi
from gateway_service.etags import Seen
from gateway_service.keepers import DryRun, Keeper, tagged, unless_changed
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Words, says
from gateway_service.pages.price_list_books import Books, draft_of
from gateway_service.prices_openapi import PriceListDraft, PriceLists, PublishPriceList
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem, faults, invalid_fields
from patchbay_contracts.price_lists import (
    Diff,
    DraftQuery,
    PriceListVersion,
    PublishQuery,
    Stands,
    VersionHead,
    VersionRef,
)
from patchbay_contracts.words import Currency, Slug

PREFIX = "/v1/prices"
Number = Annotated[int, Path(ge=1, le=32_000, description="of the version")]
M = TypeVar("M", bound=BaseModel)
AUTHORS = ("changed_at", "changed_by", "why")


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes, for keys with the scope `prices`."""
    routes = Routes()
    for part in (_reading, _changing):
        routes.include_router(part(upstream, keys))
    return routes


def _reading(upstream: Upstream, keys: Keys) -> APIRouter:
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("prices"))]  # noqa: N806 - a type

    @routes.get("", **prices_openapi.ALL)
    async def list_kept(  # noqa: PLR0917
        caller: Known,
        asked: Annotated[Asked, Depends()],
        text: Words = "",
        state: Annotated[Stands | None, Query(description="how the version stands that is shown")] = None,
        currency: Currency | None = None,
        service_type: Annotated[Slug | None, Query(description="those that price it")] = None,
    ) -> Response:
        books = Books(upstream, Keeper.of(caller))
        meant = [
            one
            for one in await books.lists()
            if says(text, one.price_list, one.name)
            and state in (None, one.stands)
            and currency in (None, one.currency)
            and (service_type is None or service_type in one.service_types)
        ]
        rows = [_told(books, one) | _more(books, one) for one in meant]
        return await lists.answer(asked, "price_lists", prices_openapi.FIELDS, lists.among(rows, "price_list"))

    @routes.get("/{price_list}", **prices_openapi.VERSIONS)
    async def list_versions(price_list: Slug, caller: Known) -> Response:
        books = Books(upstream, Keeper.of(caller))
        found = await books.versions(price_list)
        of = {"price_list": price_list, "may_change": books.may_change(found[0])}
        shown = PriceLists.model_validate(of | {"versions": [_told(books, one) for one in found]})
        return Response(shown.model_dump_json(), media_type=bodies.JSON)

    @routes.get("/{price_list}/affected", **prices_openapi.AFFECTED)
    async def show_affected(price_list: Slug, caller: Known) -> Response:
        return Response(
            (await Books(upstream, Keeper.of(caller)).affected(price_list)).model_dump_json(), media_type=bodies.JSON
        )

    @routes.get("/{price_list}/versions/{version}", **prices_openapi.VERSION)
    async def show_version(price_list: Slug, version: Number, caller: Known) -> Response:
        books = Books(upstream, Keeper.of(caller))
        return _shown(books, await books.version(price_list, version))

    @routes.get("/{price_list}/versions/{version}/diff", **prices_openapi.DIFF)
    async def diff_versions(
        price_list: Slug,
        version: Number,
        caller: Known,
        before: Annotated[int | None, Query(ge=1, le=32_000, description="without it, the one in force")] = None,
    ) -> Response:
        books = Books(upstream, Keeper.of(caller))
        refs = [VersionRef(price_list=price_list, version=number) for number in (before, version)]
        found = await books.diff(*refs)
        heads = {"before": _told(books, found.before), "after": _told(books, found.after)}
        shown = Diff.model_validate(found.model_dump() | heads)
        return Response(shown.model_dump_json(), media_type=bodies.JSON)

    return routes


def _changing(upstream: Upstream, keys: Keys) -> APIRouter:
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("prices"))]  # noqa: N806 - a type

    @routes.put("/{price_list}/draft", **prices_openapi.DRAFT)
    async def save_draft(
        price_list: Slug, request: Request, caller: Known, seen: Seen, dry_run: DryRun = False
    ) -> Response:
        body, books = await bodies.read(request, PriceListDraft), Books(upstream, Keeper.of(caller))
        of: dict[str, Any] = body.model_dump() | {"resellers": books.who.resellers, "by": caller.by, "revision": seen}
        if books.who.resellers is not None:
            of["reseller"] = body.reseller or caller.reseller

        asked = _asked(DraftQuery, of | {"price_list": price_list, "dry_run": dry_run})
        saved = await unless_changed(books.save(asked), seen, lambda: _revision_of_draft(books, price_list))
        return tagged(saved, seen if dry_run else saved.revision)

    @routes.post("/{price_list}/versions/{version}/publish", **prices_openapi.PUBLISH)
    async def publish(price_list: Slug, version: Number, request: Request, caller: Known, seen: Seen) -> Response:
        body, books = await bodies.read(request, PublishPriceList), Books(upstream, Keeper.of(caller))
        of = body.model_dump() | {"resellers": books.who.resellers, "by": caller.by, "revision": seen}

        asked = _asked(PublishQuery, of | {"price_list": price_list, "version": version})

        async def now() -> int:
            return (await books.version(price_list, version)).revision

        return _shown(books, await unless_changed(books.put_in_force(asked), seen, now))

    return routes


async def _revision_of_draft(books: Books, id_: str) -> int:
    """0 where there is none, or where the list is another reseller's."""
    try:
        draft = draft_of(await books.versions(id_))
    except Problem as problem:
        if problem.status != 404:
            raise
        return 0
    return draft.revision if draft else 0


def _asked(kind: type[M], given: dict[str, Any]) -> M:
    """What billing is asked. Raises Problem 422 for what does not go together."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise invalid_fields(faults(error)) from None


def _shown(books: Books, found: PriceListVersion) -> Response:
    return tagged(PriceListVersion.model_validate(_told(books, found)), found.revision)


def _told(books: Books, one: VersionHead) -> dict[str, Any]:
    """A version as those may see it who look after it; of others' lists it is not said who changed them, and why."""
    shown = one.model_dump(mode="json")
    return shown if books.may_change(one) else shown | dict.fromkeys(AUTHORS)


def _more(books: Books, one: VersionHead) -> dict[str, Any]:
    return {"may_change": books.may_change(one), "links": {"self": f"{PREFIX}/{one.price_list}"}}
