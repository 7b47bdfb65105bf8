"""Numbers of a draft: chosen and held, held longer while somebody works, given back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from gateway_service import draft_search, drafts
from gateway_service.draft import Author, Document, Draft, DraftNumber, DraftService, most_reached
from gateway_service.drafts import Desk
from gateway_service.pricing import priced_offers
from patchbay_chassis.problems import Problem
from patchbay_contracts.numbers import (
    Asked,
    ExtendQuery,
    HeldNow,
    HoldOwner,
    HoldQuery,
    Holds,
    Lost,
    SearchQuery,
)
from patchbay_contracts.order import MOST_NUMBERS
from patchbay_contracts.words import E164

HOLD_MINUTES = 30
EXTEND_BELOW = timedelta(minutes=20)
"""A hold that ends sooner is put off when its draft is looked at."""


class Added(NamedTuple):
    """The draft with what is held now, and what was lost to somebody else; `instead_of` says for which a number was
    taken."""

    draft: Draft
    held: tuple[HeldNow, ...]
    lost: tuple[Lost, ...]


class Extended(NamedTuple):
    """The draft, with the numbers of which the hold was lost, by each the next best; they stay until taken out."""

    draft: Draft
    lost: tuple[Lost, ...]


class Missed(NamedTuple):
    """The draft, with the numbers whose hold is over and that nobody has, and those that were lost, by each the next
    best."""

    draft: Draft
    over: tuple[E164, ...]
    lost: tuple[Lost, ...]


async def add(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, numbers: Sequence[E164], take: bool = False
) -> Added:
    """Hold these numbers for the draft and add what was had to the service. Of what was lost to somebody else the next
    best by the last search is offered, or with `take` taken instead."""
    draft = await drafts.get(desk, author, id_)
    service = drafts.service_of(draft, key)
    there = {number.e164 for number in service.numbers}
    new = tuple(number for number in dict.fromkeys(numbers) if number not in there)
    if not new:
        return Added(draft, (), ())
    drafts.check(draft, version)
    elsewhere = set(draft.document.numbers) & set(new)
    if elsewhere:
        message = f"{', '.join(f'+{n}' for n in sorted(elsewhere))} belong to another service of this draft"
        raise _fault("/numbers", message, "remove them there first")
    if most_reached(draft.document, len(new)):
        raise _fault("/numbers", f"an order has {MOST_NUMBERS} numbers at the most", "begin another draft")
    holds = await _hold(desk, draft, service, new, "take" if take else "offer")
    return Added(await _keep(desk, author, draft, key, holds), holds.held, holds.lost)


def _last_search(service: DraftService, customer_id: UUID | None) -> SearchQuery | None:
    if service.search is None:
        return None
    try:
        return draft_search.read_search(service.search, customer_id).model_copy(update={"after": None})
    except ValidationError:
        return None


async def _keep(desk: Desk, author: Author, seen: Draft, key: str, holds: Holds) -> Draft:
    """Add what is held, whatever was added meanwhile. For a service that is gone, it is given back."""
    held = tuple(_number(number) for number in holds.held)

    def to(was: Draft) -> Document:
        service = drafts.service_of(was, key)
        if was.reseller != seen.reseller:
            drafts.check(was, seen.version)
        fresh = {number.e164 for number in held}
        kept = tuple(number for number in service.numbers if number.e164 not in fresh)
        return was.document.with_service(service.model_copy(update={"numbers": kept + held}))

    try:
        return await drafts.change(desk, author, seen.id, None, to, seen=seen)
    except Problem:
        await drafts.give_back(desk, seen.reseller, seen.id, [number.e164 for number in held])
        raise


async def remove(desk: Desk, author: Author, id_: UUID, version: int, numbers: Sequence[E164]) -> Draft:
    """Take these numbers out, with their settings, and give them back."""
    gone = set(numbers)
    there = list[E164]()

    def to(was: Draft) -> Document:
        there[:] = [number for number in was.document.numbers if number in gone]
        services = tuple(_without(service, gone) for service in was.document.services)
        return was.document.but(services=services)

    changed = await drafts.change(desk, author, id_, version, to)
    if there:
        await drafts.give_back(desk, changed.reseller, id_, there)
    return changed


def _without(service: DraftService, gone: set[E164]) -> DraftService:
    if not any(number.e164 in gone for number in service.numbers):
        return service
    kept = tuple(number for number in service.numbers if number.e164 not in gone)
    by_number = {number: own for number, own in service.settings_by_number.items() if number not in gone}
    return service.model_copy(update={"numbers": kept, "settings_by_number": by_number})


async def extend(desk: Desk, author: Author, draft: Draft) -> Extended:
    """Put off the holds of a draft that somebody is looking at, when one of them ends soon. What is lost is held again
    if nobody has it; otherwise it is named."""
    wanted = [number for service in draft.document.services for number in service.numbers]
    soon = drafts.now() + EXTEND_BELOW
    if draft.state != "open" or not any(number.held_until < soon for number in wanted):
        return Extended(draft, ())
    asked = ExtendQuery(
        owner=HoldOwner(kind="draft", id=draft.id), numbers=tuple(n.e164 for n in wanted), minutes=HOLD_MINUTES
    )
    answer = await desk.upstream.ask(
        "numbers", "/holds/extend", Asked[ExtendQuery](reseller=draft.reseller, query=asked)
    )
    holds = Holds.model_validate_json(answer)
    again, lost = await _hold_again(desk, draft, {one.e164 for one in holds.lost})
    held = {number.e164: number.held_until for number in holds.held} | again
    return Extended(await _noted(desk, author, draft, held), lost)


async def missed(desk: Desk, author: Author, draft: Draft, missing: Mapping[E164, bool]) -> Missed:
    """What there is to say of numbers that are not held any more (by each, whether somebody else has it). One that can
    be had again by now is held; of the others the draft knows that they are not, and so holds them again as soon as
    somebody works on it."""
    again, lost = await _hold_again(desk, draft, {number for number, taken in missing.items() if taken})
    held = dict.fromkeys(missing, drafts.now()) | again
    over = tuple(number for number in draft.document.numbers if missing.get(number) is False)
    return Missed(await _noted(desk, author, draft, held), over, lost)


async def _hold_again(desk: Desk, draft: Draft, ended: set[E164]) -> tuple[dict[E164, datetime], tuple[Lost, ...]]:
    """Hold those again whose holds have ended: until when they are held, and what is lost, with the next best."""
    found = list[Holds]()
    for service in draft.document.services:
        if numbers := sorted(ended & {number.e164 for number in service.numbers}):
            found.append(await _hold(desk, draft, service, numbers, "offer"))
    until = {number.e164: number.held_until for holds in found for number in holds.held}
    return until, tuple(lost for holds in found for lost in holds.lost)


async def _noted(desk: Desk, author: Author, draft: Draft, held: Mapping[E164, datetime]) -> Draft:
    """The draft, which knows until when its numbers are held. What was taken out of it meanwhile is given back."""
    touched = await drafts.touch(desk, author, draft.id, lambda document: _put_off(document, held))
    if gone := held.keys() - set(touched.document.numbers):
        await drafts.give_back(desk, draft.reseller, draft.id, sorted(gone))
    return touched


def _put_off(document: Document, held: Mapping[E164, datetime]) -> Document:
    def of(number: DraftNumber) -> DraftNumber:
        return number.model_copy(update={"held_until": held.get(number.e164, number.held_until)})

    services = (s.model_copy(update={"numbers": tuple(map(of, s.numbers))}) for s in document.services)
    return document.but(services=tuple(services))


async def _hold(
    desk: Desk, draft: Draft, service: DraftService, numbers: Sequence[E164], instead: Literal["offer", "take"]
) -> Holds:
    """Hold them for the draft; what is offered for those that are lost has its price."""
    filter_ = _last_search(service, draft.document.customer.id)
    query = HoldQuery(
        owner=HoldOwner(kind="draft", id=draft.id),
        numbers=tuple(numbers),
        customer_id=(filter_.customer_id if filter_ else None) or draft.document.customer.id,
        minutes=HOLD_MINUTES,
        instead=instead,
        filter=filter_,
    )
    costs = await draft_search.costs(desk, draft, service, filter_ or SearchQuery())
    answer = await desk.upstream.ask("numbers", "/holds", Asked[HoldQuery](reseller=draft.reseller, query=query))
    return Holds.model_validate_json(priced_offers(answer, costs))


def _number(held: HeldNow) -> DraftNumber:
    return DraftNumber(**{name: getattr(held, name) for name in DraftNumber.model_fields})


def _fault(pointer: str, message: str, remedy: str) -> Problem:
    return Problem(
        422,
        "Not these numbers",
        errors=[{"pointer": pointer, "message": message, "remedy": remedy}],
        code="numbers_refused",
    )
