"""Searches for numbers of a draft's services: kept as typed, and what they find, with prices."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from gateway_service import drafts
from gateway_service.draft import Author, Document, Draft, DraftService, TypedSearch
from gateway_service.drafts import Desk
from gateway_service.pricing import Costs, priced_rows
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.numbers import Asked, Found, SearchQuery
from patchbay_contracts.words import E164


class Searched(NamedTuple):
    """What a search found, with prices by the service's price list. `faults` instead, for one that makes no sense: each
    names its field of the form."""

    draft: Draft
    found: Found | None
    faults: tuple[Mapping[str, str], ...] = ()


async def search(desk: Desk, author: Author, id_: UUID, key: str, typed: TypedSearch) -> Searched:
    """Search as typed, and keep what was typed whether it makes sense or not."""
    draft = await keep_search(desk, author, id_, key, typed)
    return await look_up(desk, draft, drafts.service_of(draft, key), typed)


async def keep_search(desk: Desk, author: Author, id_: UUID, key: str, typed: TypedSearch) -> Draft:
    """Keep what was typed, whether it makes sense or not."""

    def keep(document: Document) -> Document:
        service = document.service(key)
        return document.with_service(service.model_copy(update={"search": typed})) if service else document

    return await drafts.touch(desk, author, id_, keep)


async def change_search(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, typed: TypedSearch | None, ticked: Sequence[E164]
) -> Draft:
    """The same with what is ticked, as a change of the draft: whoever saw another version overwrites nothing."""

    def to(was: Draft) -> Document:
        update = {"search": typed, "ticked": tuple(ticked)}
        return was.document.with_service(drafts.service_of(was, key).model_copy(update=update))

    return await drafts.change(desk, author, id_, version, to)


async def look_up(desk: Desk, draft: Draft, service: DraftService, typed: TypedSearch) -> Searched:
    """What a search for a service of the draft finds now."""
    try:
        query = read_search(typed, draft.document.customer.id)
    except ValidationError as error:
        return Searched(draft, None, tuple(faults(error)))
    prices = await costs(desk, draft, service, query)
    answer = await desk.upstream.search(Asked[SearchQuery](reseller=draft.reseller, query=query))
    return Searched(draft, Found.model_validate_json(priced_rows(answer, prices)))


def read_search(typed: TypedSearch, customer_id: UUID | None) -> SearchQuery:
    """What was typed, as a query; a customer's pool is the draft's customer's unless another is named. Raises
    ValidationError."""
    given: dict[str, Any] = {
        "prefix": typed.prefix,
        "grades": typed.grades,
        "method": typed.method,
        "segments": tuple(typed.segments.replace(",", " ").split()),
        "in_order": typed.in_order,
        "pattern": typed.pattern.strip(),
        "lowest": typed.lowest,
        "pools": typed.pools or ("public",),
    }
    optional = {
        "count": typed.count.strip(),
        "grade_at_least": typed.grade_at_least,
        "ends_with": typed.ends_with.strip(),
        "after": typed.after,
        "customer_id": typed.customer_id or (customer_id if "customer" in typed.pools else None),
    }
    if typed.aligned.strip():
        given["aligned"] = int(typed.aligned) if typed.aligned.strip().isdecimal() else typed.aligned
    return SearchQuery.model_validate(given | {name: value for name, value in optional.items() if value})


def adds_number_alone(service: DraftService) -> bool:
    """Whether one number more is charged for by itself: it joins others, and so makes no service."""
    return service.grouping == "together" and bool(service.numbers)


async def costs(desk: Desk, draft: Draft, service: DraftService, query: SearchQuery) -> Costs | None:
    """Prices by the service's price list, if there are any: a list that is no use is said by the report."""
    if not (service.price_list and service.service_type):
        return None
    try:
        priced = SearchQuery(price_list=service.price_list, service_type=service.service_type, count=query.count)
        return await desk.pricing.costs(draft.reseller, priced, alone=adds_number_alone(service))
    except (ValidationError, Problem):
        return None
