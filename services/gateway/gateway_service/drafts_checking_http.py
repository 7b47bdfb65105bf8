"""What is looked at and agreed to before a draft becomes an order, over the public API: settings, prices, the validity
report, terms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import agreeing, bodies, draft_settings, drafts, drafts_openapi, quoting, validity
from gateway_service import drafts_bodies as forms
from gateway_service.draft import Author
from gateway_service.drafts import Desk
from gateway_service.drafts_http import authors
from gateway_service.etags import Seen
from gateway_service.keys import Keys
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.settings_csv import export_csv
from patchbay_chassis.bodies import whole

CSV = "text/csv"


def router(desk: Desk, keys: Keys) -> APIRouter:
    """The routes of a draft's settings, prices, report and terms, for keys with the scope `orders`."""
    routes = Routes()
    for part in (_settings, _prices, _report):
        routes.include_router(part(desk, keys))
    return routes


def _settings(desk: Desk, keys: Keys) -> APIRouter:
    """Settings."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.put("/{id}/services/{key}/settings", **drafts_openapi.SETTINGS)
    async def put_settings(id: UUID, key: str, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.SettingsBody)
        given, number = body.settings, body.number
        return forms.answer(await draft_settings.put(desk, by, id, version, key=key, given=given, number=number))

    @routes.post("/{id}/services/{key}/settings/copy", **drafts_openapi.COPY)
    async def copy_settings(id: UUID, key: str, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.CopyBody)
        changed = await draft_settings.copy(desk, by, id, version, key=key, source=body.source, to=body.to)
        return forms.answer(changed)

    @routes.post("/{id}/services/{key}/settings/apply", **drafts_openapi.APPLY)
    async def apply_settings(id: UUID, key: str, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.SourceBody)
        return forms.answer(await draft_settings.apply_to_all(desk, by, id, version, key=key, source=body.source))

    @routes.post("/{id}/services/{key}/settings/import", **drafts_openapi.IMPORT)
    async def import_settings(id: UUID, key: str, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        bodies.check_kind(request, CSV, "csv")
        content = await whole(request, settings().most_body_bytes, "CSV")
        imported = await draft_settings.import_csv(desk, by, id, version, key=key, content=content)
        bad = [row._asdict() for row in imported.bad]
        return forms.answer(imported.draft, taken=imported.taken, bad=bad)

    @routes.get("/{id}/services/{key}/settings/export", **drafts_openapi.EXPORT)
    async def export_settings(id: UUID, key: str, by: By) -> Response:  # noqa: A002
        draft = await drafts.get(desk, by, id)
        service = drafts.service_of(draft, key)
        known = (await draft_settings.product(desk, draft, service.service_type)).settings
        text = export_csv(service, list(dict.fromkeys(setting.name for setting in known)))
        return Response(text, headers={"Content-Disposition": 'attachment; filename="settings.csv"'}, media_type=CSV)

    return routes


def _prices(desk: Desk, keys: Keys) -> APIRouter:
    """Prices."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.put("/{id}/price-list", **drafts_openapi.PRICE_LIST)
    async def choose_price_list(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.PriceListBody)
        draft = await drafts.get(desk, by, id)
        of = draft.document.services if body.key is None else [drafts.service_of(draft, body.key)]
        lists = {service.key: body.price_list for service in of}
        return forms.answer(await quoting.lock(desk, by, draft, version, lists))

    @routes.post("/{id}/quote", **drafts_openapi.QUOTE)
    async def quote(id: UUID, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await quoting.lock(desk, by, await drafts.get(desk, by, id), version))

    @routes.get("/{id}/prices", **drafts_openapi.PRICES)
    async def prices(id: UUID, by: By) -> Response:  # noqa: A002
        found = await quoting.priced(desk, await drafts.get(desk, by, id))
        quote = found.quote.model_dump(mode="json", exclude={"lines"}) if found.quote else None
        return forms.said({"services": found.keys, "quote": quote} | found.preview.model_dump(mode="json"))

    @routes.post("/{id}/compare", **drafts_openapi.COMPARE)
    async def compare(id: UUID, request: Request, by: By) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.CompareBody)
        found = await quoting.compare(desk, await drafts.get(desk, by, id), body.price_list, body.key)
        return Response(found.model_dump_json(), media_type=bodies.JSON)

    return routes


def _report(desk: Desk, keys: Keys) -> APIRouter:
    """The validity report, and terms."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.get("/{id}/validity", **drafts_openapi.VALIDITY)
    async def report(id: UUID, by: By, seen: bool = False) -> Response:  # noqa: A002
        draft = await drafts.get(desk, by, id)
        found = await validity.report(desk, draft)
        if seen:
            await validity.shown(desk, by, draft, found)
        return forms.said(forms.of_report(found))

    @routes.post("/{id}/waivers", **drafts_openapi.WAIVE)
    async def waive(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.WaiverBody)
        return forms.answer(await validity.waive(desk, by, id, version, **body.model_dump()))

    @routes.post("/{id}/waivers/remove", **drafts_openapi.UNWAIVE)
    async def unwaive(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.UnwaiveBody)
        return forms.answer(await validity.unwaive(desk, by, id, version, **body.model_dump()))

    @routes.get("/{id}/terms", **drafts_openapi.TERMS)
    async def show_terms(id: UUID, by: By) -> Response:  # noqa: A002
        found = await agreeing.terms(desk, await drafts.get(desk, by, id))
        return forms.said({"terms": [terms.model_dump(mode="json") for terms in found]})

    @routes.put("/{id}/agreement", **drafts_openapi.AGREEMENT)
    async def agree(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.AgreementBody)
        return forms.answer(await agreeing.agree(desk, by, id, version, agreed=body.agreed, hashes=body.hashes))

    return routes
