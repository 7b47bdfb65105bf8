"""Settings of a draft: for all numbers of a service, for one, copied, and as a CSV in both directions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError

from gateway_service import drafts
from gateway_service.draft import Author, Document, Draft, DraftService
from gateway_service.drafts import Desk
from gateway_service.settings_csv import BadRow, read_csv
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Product, ProductQuery, Setting, shown
from patchbay_contracts.words import E164, Settings

_KEPT: TypeAdapter[Settings] = TypeAdapter(Settings)


class Imported(NamedTuple):
    """The draft with the rows that were taken, and those that were not."""

    draft: Draft
    taken: int
    bad: tuple[BadRow, ...]


async def product(desk: Desk, draft: Draft, service_type: str) -> Product:
    """What is to be known of a service type. Raises Problem 404 when this reseller does not sell it."""
    try:
        query = ProductQuery(resellers=(draft.reseller,), service_type=service_type)
    except ValidationError:
        raise Problem(
            404, "No such service type", "Choose one of the catalogue.", code="no_such_service_type"
        ) from None
    return await desk.upstream.recent.ask("provisioning", "/catalogue/get", query, Product, or_last=True)


def with_defaults(
    settings: Sequence[Setting], given: Settings, *, but: Collection[str] = (), aside: Mapping[str, JsonValue] = {}
) -> Settings:
    """What is given, with the defaults of those settings that are there then, but for these: who saw them had the
    choice. What lies `aside` goes before a default."""
    found, everything = dict(given), tuple(settings)
    values = {**dict.fromkeys(but), **found}
    while new := next((one for one in shown(everything, found) if one.name not in values), None):
        values[new.name] = aside.get(new.name, new.default)
        if values[new.name] is not None:
            found[new.name] = values[new.name]
    return found


def of_type(service: DraftService, settings: Sequence[Setting]) -> DraftService:
    """The service, of another type now that has these settings: those that it does not have go, for nobody could see
    them any more, and its defaults are given."""
    names = {one.name for one in settings}

    def kept(given: Settings) -> Settings:
        usual = service.begun
        return {name: value for name, value in given.items() if name in names and usual.get(name) != value}

    own = {number: one for number, given in service.settings_by_number.items() if (one := kept(given))}
    was = kept(service.settings)
    everywhere = with_defaults(settings, was)
    begun = {} if was or own else everywhere
    update = {"settings": everywhere, "settings_by_number": own, "begun": begun}
    return service.model_copy(update=update | {"aside": {}, "aside_by_number": {}})


async def put(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, given: Settings, number: E164 | None = None
) -> Draft:
    """The settings of a service as typed; or of one of its numbers, laid over them. Raises Problem 422 for what
    cannot be kept."""
    try:
        kept = _KEPT.validate_python(given)
    except ValidationError as error:
        fault = {"pointer": "/settings", "message": error.errors()[0]["msg"], "remedy": "write it in another way"}
        raise Problem(422, "The settings cannot be kept", errors=[fault], code="settings_refused") from None

    def to(service: DraftService) -> DraftService:
        if number is None:
            return service.model_copy(update={"settings": kept})
        if number not in {n.e164 for n in service.numbers}:
            raise Problem(
                404, "No such number", f"The service has no number +{number}: add it first.", code="no_such_number"
            )
        return _laid_over(service, {number: kept})

    return await _changed(desk, author, id_, version, of=key, to=to)


async def copy(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, source: E164, to: Sequence[E164] = ()
) -> Draft:
    """Give these numbers of the service, or all of them, what one of its numbers has."""

    def copied(service: DraftService) -> DraftService:
        own = service.settings_by_number.get(source, {})
        numbers = {n.e164 for n in service.numbers}
        return _laid_over(service, {number: own for number in to or sorted(numbers) if number in numbers})

    return await _changed(desk, author, id_, version, of=key, to=copied)


async def apply_to_all(desk: Desk, author: Author, id_: UUID, version: int, *, key: str, source: E164) -> Draft:
    """What one number has becomes what all have, and none has anything of its own any more."""

    def applied(service: DraftService) -> DraftService:
        if source not in {n.e164 for n in service.numbers}:
            raise Problem(
                404, "No such number", f"The service has no number +{source}: add it first.", code="no_such_number"
            )
        everywhere = service.settings | service.settings_by_number.get(source, {})
        return service.model_copy(update={"settings": everywhere, "settings_by_number": {}})

    def unless_done(service: DraftService) -> DraftService:
        return applied(service) if service.settings_by_number else service

    return await _changed(desk, author, id_, version, of=key, to=unless_done)


async def import_csv(desk: Desk, author: Author, id_: UUID, version: int, *, key: str, content: bytes) -> Imported:
    """Lay the settings of a CSV (a column `number`, and one for each setting) over the service's. A row that cannot be
    read is named and left out; the others are taken. An empty cell leaves the setting as it is."""
    draft = await drafts.get(desk, author, id_)
    service = drafts.service_of(draft, key)
    known = {setting.name: setting for setting in (await product(desk, draft, service.service_type)).settings}
    rows, bad = read_csv(content, service, known)

    def laid(service: DraftService) -> DraftService:
        there = {n.e164 for n in service.numbers}
        own = service.settings_by_number
        return _laid_over(service, {n: own.get(n, {}) | given for n, given in rows.items() if n in there})

    return Imported(await _changed(desk, author, id_, version, of=key, to=laid), len(rows), bad)


def _laid_over(service: DraftService, given: Mapping[E164, Settings]) -> DraftService:
    return service.model_copy(update={"settings_by_number": {**service.settings_by_number, **given}})


async def _changed(
    desk: Desk, author: Author, id_: UUID, version: int, *, of: str, to: Callable[[DraftService], DraftService]
) -> Draft:
    def changed(was: Draft) -> Document:
        return was.document.with_service(to(drafts.service_of(was, of)))

    return await drafts.change(desk, author, id_, version, changed)
