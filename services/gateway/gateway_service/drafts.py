"""What can be done to a draft: the wizard's pages and the API call these functions alike.

Every change names the version that its author saw. One that is stale changes nothing and is told so (412), unless what
it asks for is so already: so each can be repeated safely.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import get_args
from uuid import UUID

from gateway_service import accepting, draft_queries
from gateway_service.draft import (
    Author,
    Changed,
    CustomerFields,
    Document,
    Draft,
    DraftMail,
    DraftService,
    Note,
    State,
    for_another_reseller,
)
from gateway_service.draft_settling import settled
from gateway_service.pricing import Pricing
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_chassis.service import Running
from patchbay_contracts.message import RESELLER
from patchbay_contracts.numbers import Asked, HoldOwner, Released, ReleaseQuery
from patchbay_contracts.words import E164

OPEN: tuple[State, ...] = ("open",)
ANY_STATE: tuple[State, ...] = get_args(State)
Write = Callable[[Connection, Sequence[str] | None, Draft], Awaitable[Draft | None]]
UNTIL_FINISHED: tuple[State, ...] = ("open", "created")


@dataclass(frozen=True)
class Desk:
    """Where drafts are worked on: the database, and the owners that are asked about them."""

    running: Running
    upstream: Upstream
    pricing: Pricing


def desk(running: Running, upstream: Upstream) -> Desk:
    """One for the process."""
    return Desk(running, upstream, Pricing(upstream))


async def begin(desk: Desk, author: Author, reseller: str | None = None, id_: UUID | None = None) -> Draft:
    """A new draft; the one that was made then, where the reseller gave that id before. Raises Problem 422."""
    of = reseller or (author.resellers or ("",))[0]
    if not re.fullmatch(RESELLER, of) or not author.sees(of):
        raise invalid_at("/reseller", "this is none of your resellers", "choose one of yours")
    new = mint() if id_ is None else _own(id_, of)
    async with desk.running.database.transaction() as db:
        await draft_queries.add(db, new, of, author.by, Document())
        found = await draft_queries.draft(db, author.resellers, new)
    return _there(found, new)


def _own(given: UUID, reseller: str) -> UUID:
    """The id of what a reseller begins under the id that it gives, as new as that one. Others may give the same, so
    that nobody learns from it which ids there are."""
    said = blake2b(given.bytes + reseller.encode(), digest_size=10).digest()
    version, variant = bytes([0x70 | said[0] & 0x0F]), bytes([0x80 | said[2] & 0x3F])  # RFC 9562, section 5.7
    return UUID(bytes=given.bytes[:6] + version + said[1:2] + variant + said[3:])


async def get(desk: Desk, author: Author, id_: UUID) -> Draft:
    """A draft. Raises Problem 404."""
    async with desk.running.database.connection() as db:
        found = await draft_queries.draft(db, author.resellers, id_)
    return _there(found, id_)


async def page(
    desk: Desk, author: Author, before: UUID, states: Sequence[State] = ("open", "created"), limit: int = 50
) -> list[Draft]:
    """Drafts that were begun before that one, newest first; without being told otherwise those to go on with."""
    async with desk.running.database.connection() as db:
        return await draft_queries.page(db, author.resellers, before, states, limit)


async def change(
    desk: Desk,
    author: Author,
    id_: UUID,
    version: int | None,
    to: Callable[[Draft], Document | Draft],
    *,
    states: Collection[State] = OPEN,
    seen: Draft | None = None,
) -> Draft:
    """The draft after the change. Raises Problem 404; 409 for one that is past changing; 412 with the present
    `version` when it is another one than its author saw. `None`: any will do. Who has just `seen` it need not read it
    again."""

    def changed(was: Draft) -> Draft:
        return _changed(was, version, to, states)

    return await _written(desk, author, id_, changed, draft_queries.store, seen=seen)


async def change_in(
    db: Connection,
    author: Author,
    id_: UUID,
    version: int | None,
    to: Callable[[Draft], Document | Draft],
    *,
    states: Collection[State] = OPEN,
) -> Draft:
    """The same, as a part of that transaction."""
    was = _there(await draft_queries.lock(db, author.resellers, id_), id_)
    if (new := _changed(was, version, to, states)) == was:
        return was
    stored = await draft_queries.store(db, author.resellers, new)
    assert stored is not None
    return stored


def _changed(
    was: Draft, version: int | None, to: Callable[[Draft], Document | Draft], states: Collection[State]
) -> Draft:
    """As it shall be. What is so already is changed in no version and no state."""
    given = to(was)
    new = given if isinstance(given, Draft) else was._replace(document=given)
    new = new._replace(document=settled(was.document, new.document))
    if new != was:
        check(was, version, states)
    return new


async def touch(
    desk: Desk,
    author: Author,
    id_: UUID,
    to: Callable[[Document], Document],
    states: Collection[State] = ANY_STATE,
    *,
    seen: Draft | None = None,
) -> Draft:
    """Note what is no change: the draft keeps its version, so nobody's tab becomes stale."""

    def touched(was: Draft) -> Draft:
        return was._replace(document=to(was.document)) if was.state in states else was

    return await _written(desk, author, id_, touched, draft_queries.touch, seen=seen)


async def _written(
    desk: Desk, author: Author, id_: UUID, to: Callable[[Draft], Draft], write: Write, *, seen: Draft | None = None
) -> Draft:
    """The draft as it shall be. Whoever was sooner counts, and it is done again after that: nobody waits for a lock."""
    async with desk.running.database.connection() as db:
        while True:
            was = seen or _there(await draft_queries.draft(db, author.resellers, id_), id_)
            if (new := to(was)) == was:
                return was
            if (written := await write(db, author.resellers, new)) is not None:
                return written
            seen = None


def check(draft: Draft, version: int | None, states: Collection[State] = OPEN) -> None:
    """Raises Problem 409 for a draft past changing, 412 for a version that is not the present one."""
    if draft.state not in states:
        detail = f"This draft is {draft.state}: it is kept as it is. Begin another one."
        raise Problem(409, "The draft is past that", detail, code="draft_closed")
    if version is not None and version != draft.version:
        detail = f"It was changed meanwhile: you saw version {version}, it is {draft.version} now. Load it, then try."
        tag = {"ETag": f'"{draft.version}"'}
        problem = Problem(412, "The draft is another one now", detail, headers=tag, code="draft_changed")
        problem.body["version"] = draft.version
        raise problem


async def set_customer(
    desk: Desk,
    author: Author,
    id_: UUID,
    version: int,
    fields: CustomerFields,
    *,
    reseller: str | None = None,
    pin: str | None = None,
    looked_for: Mapping[str, str] | None = None,
) -> Changed:
    """The customer as typed, and whose it is. `pin`: None leaves it, an empty one removes it; `looked_for`: what was
    typed to find one. For another reseller everything that belonged to the one before is given back, and the notes say
    so."""
    if reseller is not None and not (re.fullmatch(RESELLER, reseller) and author.sees(reseller)):
        raise invalid_at("/reseller", "this is none of your resellers", "choose one of yours")
    notes, given_back = list[Note](), list[str]()

    def to(was: Draft) -> Draft:
        notes.clear()
        given_back.clear()
        document, of = was.document, was.reseller
        if reseller is not None and reseller != of:
            document, said = for_another_reseller(document)
            notes.extend(said)
            given_back.append(of)
            of = reseller
        chosen = None if given_back and fields.id == was.document.customer.id else fields.id
        sealed = document.customer.sealed_pin
        if pin is not None and pin != accepting.unsealed(sealed, id_):
            sealed = accepting.sealed(pin, id_) if pin else None
        typed = {name: getattr(fields, name) for name in CustomerFields.model_fields} | {"id": chosen}
        typed |= looked_for or {}
        customer = document.customer.model_copy(update={**typed, "sealed_pin": sealed})
        return was._replace(reseller=of, document=document.but(customer=customer))

    changed = await change(desk, author, id_, version, to)
    for of in given_back:
        await give_back(desk, of, id_)
    return Changed(changed, tuple(notes))


async def set_mails(
    desk: Desk, author: Author, id_: UUID, version: int, mails: Sequence[DraftMail], *, after: str = ""
) -> Draft:
    """The mails as typed, and where to go in the end."""

    def to(was: Draft) -> Document:
        return was.document.but(mails=tuple(mails), after=after)

    return await change(desk, author, id_, version, to, states=UNTIL_FINISHED)


async def at_tab(desk: Desk, author: Author, draft: Draft, tab: str) -> Draft:
    """Note where the operator is, so that the draft is resumed there."""
    return await touch(desk, author, draft.id, lambda document: document.but(tab=tab), seen=draft)


async def abandon(desk: Desk, author: Author, id_: UUID, version: int | None = None) -> Draft:
    """Give up: all numbers are given back, and the draft is forgotten after a while."""

    def to(was: Draft) -> Draft:
        customer = was.document.customer.model_copy(update={"sealed_pin": None})
        return was._replace(document=was.document.but(customer=customer), state="abandoned")

    gone = await change(desk, author, id_, version, to)
    await give_back(desk, gone.reseller, id_)
    return gone


async def give_back(desk: Desk, reseller: str, id_: UUID, numbers: Sequence[E164] = ()) -> tuple[E164, ...]:
    """Release these numbers, or all that the draft holds. If that fails they are free when their holds end."""
    query = ReleaseQuery(owner=HoldOwner(kind="draft", id=id_), numbers=tuple(numbers))
    try:
        answer = await desk.upstream.ask(
            "numbers", "/holds/release", Asked[ReleaseQuery](reseller=reseller, query=query)
        )
    except Problem as problem:
        log.warning("draft.numbers_not_released", draft=str(id_), status=problem.status)
        return ()
    return Released.model_validate_json(answer).numbers


def now() -> datetime:
    """The time of an agreement or a waiver."""
    return datetime.now(UTC)


def _there(found: Draft | None, id_: UUID) -> Draft:
    if found is None:
        detail = f"You have no draft {id_}. Drafts that nobody touches are forgotten."
        raise Problem(404, "No such draft", detail, code="no_such_draft")
    return found


def service_of(draft: Draft, key: str) -> DraftService:
    """The draft's service of that key. Raises Problem 404."""
    found = draft.document.service(key)
    if found is None:
        detail = f"The draft has no service {key!r}: add it first."
        raise Problem(404, "No such service", detail, code="no_such_service")
    return found
