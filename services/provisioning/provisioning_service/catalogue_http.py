"""The service catalogue, as the gateway asks for it: it says which resellers ask, and who changes something."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.catalogue import (
    AgreedTermsQuery,
    AllTerms,
    Catalogue,
    CatalogueQuery,
    ProductQuery,
    TermsInForce,
    TermsQuery,
)
from patchbay_contracts.catalogue_changes import (
    CatalogueLog,
    CatalogueLogQuery,
    Diff,
    DiffQuery,
    PublishVersion,
    RetireVersion,
    SaveDraft,
    Version,
    VersionQuery,
    Versions,
    VersionsQuery,
)
from provisioning_service import catalogue_queries as queries
from provisioning_service import publishing
from provisioning_service.catalogue import ServiceType, ServiceTypes, ends, product, sold, terms_hash
from provisioning_service.handlers import catalogue
from provisioning_service.schemas import described

MOST_CHECKED = 2_000
"""So many services are looked at when it is asked whom a version would affect."""


def routes(running: Running) -> APIRouter:
    """What is sold, and how that changes."""
    api = APIRouter(prefix="/catalogue")
    api.include_router(_selling(running))
    api.include_router(_changing(running))
    return api


def today() -> date:
    """The day by which the catalogue is read."""
    return datetime.now(UTC).date()


def _selling(running: Running) -> APIRouter:
    api = APIRouter()

    async def on_sale(db: Connection, asked: CatalogueQuery) -> dict[str, ServiceType]:
        """What any of the resellers may sell then."""
        types, day = await queries.service_types(db, await queries.sold_by(db, asked.resellers)), asked.on or today()
        current = {id_: one for id_, versions in types.items() if (one := versions.on(day)) is not None}
        return {id_: one for id_, one in current.items() if any(map(one.sold_by, asked.resellers))}

    @api.post("/list")
    async def listed(request: Request) -> Response:
        asked = await bodies.read(request, CatalogueQuery)
        async with running.database.connection() as db:
            found = [sold(one, asked.resellers) for one in (await on_sale(db, asked)).values()]
        return bodies.said(Catalogue(service_types=tuple(sorted(found, key=lambda one: (one.name, one.service_type)))))

    @api.post("/get")
    async def details(request: Request) -> Response:
        asked = await bodies.read(request, ProductQuery)
        async with running.database.connection() as db:
            types = (await queries.service_types(db, [asked.service_type])).get(asked.service_type)
        found = types.on(asked.on or today()) if types is not None else None
        if types is None or found is None or not any(map(found.sold_by, asked.resellers)):
            raise Problem(
                404,
                "No such service type",
                "It is not sold today: see the catalogue for what is.",
                code="no_such_service_type",
            )
        return bodies.said(product(found, ends(types, found)))

    @api.post("/terms")
    async def terms(request: Request) -> Response:
        asked = await bodies.read(request, TermsQuery)
        async with running.database.connection() as db:
            found = await on_sale(db, asked)
        wanted = [found[id_] for id_ in dict.fromkeys(asked.service_types) if id_ in found]
        return bodies.said(AllTerms(terms=tuple(_terms(one) for one in wanted)))

    @api.post("/terms/agreed")
    async def agreed(request: Request) -> Response:
        asked = await bodies.read(request, AgreedTermsQuery)
        async with running.database.connection() as db:
            sellable = await queries.sold_by(db, asked.resellers)
            wanted = {one.service_type for one in asked.terms}.intersection(sellable)
            types = await queries.service_types(db, sorted(wanted))
        return bodies.said(AllTerms(terms=tuple(_as_agreed(types, asked))))

    return api


def _as_agreed(types: Mapping[str, ServiceTypes], asked: AgreedTermsQuery) -> Iterator[TermsInForce]:
    """Every version that was ever published is kept, and those that have the same terms have the same text."""
    for one in asked.terms:
        versions = types[one.service_type].versions if one.service_type in types else ()
        sold = (_terms(version) for version in versions if any(map(version.sold_by, asked.resellers)))
        yield from islice((terms for terms in sold if (terms.version, terms.hash) == (one.version, one.hash)), 1)


def _terms(type_: ServiceType) -> TermsInForce:
    terms, hash_ = type_.entry.terms, terms_hash(type_.entry)
    of = {"service_type": type_.id, "name": type_.entry.name, "version": terms.version, "language": terms.language}
    return TermsInForce(**of, hash=hash_, text=terms.text)


def _changing(running: Running) -> APIRouter:
    api = APIRouter()

    @api.post("/versions")
    async def versions(request: Request) -> Response:
        asked = await bodies.read(request, VersionsQuery)
        async with running.database.connection() as db:
            rows = await queries.versions(db, asked.service_type)
        found = publishing.all_versions(rows, today())
        return bodies.said(Versions(versions=tuple(map(publishing.listed, found))))

    @api.post("/version")
    async def version(request: Request) -> Response:
        asked = await bodies.read(request, VersionQuery)
        async with running.database.connection() as db:
            return bodies.said(await _version(db, asked.service_type, asked.version))

    @api.post("/draft")
    async def draft(request: Request) -> Response:
        asked = await bodies.read(request, SaveDraft)
        if problem := publishing.entry_problem(asked.entry):
            raise problem
        async with running.turn() as turn:
            return bodies.said(_described(await _draft(turn.db, asked)))

    @api.post("/publish")
    async def publish(request: Request) -> Response:
        asked = await bodies.read(request, PublishVersion)
        async with running.turn() as turn:
            rows = await queries.locked(turn.db, asked.service_type)
            done = await _moved(turn.db, publishing.published(rows, asked, today()), asked)
        return bodies.said(done)

    @api.post("/retire")
    async def retire(request: Request) -> Response:
        asked = await bodies.read(request, RetireVersion)
        async with running.turn() as turn:
            rows = await queries.locked(turn.db, asked.service_type)
            done = await _moved(turn.db, publishing.retired(rows, asked, today()), asked)
        return bodies.said(done)

    @api.post("/diff")
    async def diff(request: Request) -> Response:
        asked = await bodies.read(request, DiffQuery)
        async with running.database.connection() as db:
            before = await _version(db, asked.service_type, asked.before)
            after = await _version(db, asked.service_type, asked.after)
        return bodies.said(Diff(differences=publishing.differences(before.entry, after.entry)))

    @api.post("/affected")
    async def affected(request: Request) -> Response:
        asked = await bodies.read(request, VersionQuery)
        async with running.database.connection() as db:
            of = await _version(db, asked.service_type, asked.version)
            counts = await queries.by_reseller(db, asked.service_type)
            services = await queries.services(db, asked.service_type, MOST_CHECKED)
        return bodies.said(publishing.affected(of, counts, services, today()))

    @api.post("/log")
    async def log(request: Request) -> Response:
        asked = await bodies.read(request, CatalogueLogQuery)
        async with running.database.connection() as db:
            entries = await queries.log(db, asked.service_type, asked.after, asked.most)
        more = entries[-1].id if len(entries) == asked.most else None
        return bodies.said(CatalogueLog(entries=tuple(entries), next=more))

    return api


async def _version(db: Connection, id_: str, number: int) -> Version:
    rows = await queries.versions(db, id_)
    for one in publishing.all_versions(rows, today()):
        if one.version == number:
            return _described(one)
    raise Problem(
        404,
        "No such version",
        f"{id_} has no version {number}. See the versions that there are.",
        code="no_such_version",
    )


def _described(one: Version) -> Version:
    return one.model_copy(update={"settings": described(one.entry.settings_schema)})


async def _draft(db: Connection, asked: SaveDraft) -> Version:
    rows = await queries.locked(db, asked.service_type)
    if (again := publishing.same_draft(rows, asked)) is not None:
        return publishing.version(again, False)
    replaced = publishing.draft_of(rows, asked)
    number = replaced.version if replaced is not None else 1 + max((row.version for row in rows), default=0)
    if asked.dry_run:
        if problem := publishing.terms_problem(rows, asked.entry):
            raise problem
        return publishing.draft(asked, number, datetime.now(UTC))
    save = queries.draft if replaced is None else queries.replace
    row = await save(db, asked.service_type, number, asked.entry, asked.by)
    if row is None:
        raise publishing.stale(asked.revision, 1)
    saved = publishing.version(row, False)
    await queries.note(db, saved, "drafted", asked.why, {"revision": saved.revision})
    return saved


async def _moved(db: Connection, to: Version | None, asked: PublishVersion | RetireVersion) -> Version:
    """Write the new state and note it; what is so already is neither written nor noted again."""
    if to is not None:
        await queries.set_state(db, to)
        dates = {"valid_from": str(to.valid_from)} | ({"valid_to": str(to.valid_to)} if to.valid_to else {})
        await queries.note(db, to, to.state, asked.why, dates)
        db.after_commit(catalogue.forget)
    return await _version(db, asked.service_type, asked.version)
