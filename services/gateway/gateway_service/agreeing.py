"""Terms and conditions: read as they are in force, and agreed to by version and hash."""

from collections.abc import Collection, Sequence
from uuid import UUID

from gateway_service import drafts
from gateway_service.draft import Agreement, Author, Draft, SeenTerms
from gateway_service.drafts import Desk
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import AllTerms, TermsInForce, TermsQuery


async def in_force(desk: Desk, draft: Draft, fresh_for: float = 0) -> tuple[TermsInForce, ...] | None:
    """The terms in force of what will be ordered, each once; None if they could not be asked for."""
    types = tuple(dict.fromkeys(service.service_type for service in draft.document.ordered if service.service_type))
    if not types:
        return ()
    try:
        asked = TermsQuery(resellers=(draft.reseller,), service_types=types)
        return (await desk.upstream.recent.ask("provisioning", "/catalogue/terms", asked, AllTerms, fresh_for)).terms
    except (Problem, ValueError):
        return None


def is_agreed(
    agreement: Agreement | None, terms: Sequence[TermsInForce] | None, just_now: Collection[str] = ()
) -> bool:
    """Whether these very terms were agreed to, before or `just_now` by their hashes. Where there are none, nothing need
    be agreed to."""
    if terms is None:
        return False
    if just_now and {one.hash for one in terms} <= set(just_now):
        return True
    return set(_seen(terms)) <= set(agreement.terms if agreement else ())


async def terms(desk: Desk, draft: Draft) -> tuple[TermsInForce, ...]:
    """The terms to agree to. Raises Problem 503 when they cannot be read."""
    found = await in_force(desk, draft)
    if found is None:
        raise Problem(503, "Try again soon", "The terms cannot be read just now.", headers={"Retry-After": "1"})
    return found


async def agree(
    desk: Desk, author: Author, id_: UUID, version: int, *, agreed: bool, hashes: Sequence[str] = ()
) -> Draft:
    """Agree to the terms in force, or take that back. `hashes`: those of the terms that were shown, if any were;
    others in force by now are not agreed to. Raises Problem 409 then."""
    draft = await drafts.get(desk, author, id_)
    now = await terms(desk, draft) if agreed else ()
    if hashes and not is_agreed(None, now, hashes):
        raise changed()
    if agreed and is_agreed(draft.document.agreement, now):
        return draft
    agreement = agreement_of(author, now) if agreed else None
    return await drafts.change(
        desk, author, id_, version, lambda was: was.document.but(agreement=agreement), seen=draft
    )


def agreement_of(author: Author, terms: Sequence[TermsInForce]) -> Agreement:
    """Who agrees to these terms, when and from where."""
    return Agreement(terms=_seen(terms), at=drafts.now(), by=author.by, address=author.address)


def changed() -> Problem:
    """What was agreed to is not in force any more."""
    detail = "They changed while they were read: read them again, then agree."
    return Problem(409, "The terms changed", detail, code="terms_changed")


def _seen(terms: Sequence[TermsInForce]) -> tuple[SeenTerms, ...]:
    return tuple(SeenTerms(service_type=t.service_type, version=t.version, hash=t.hash) for t in terms)
