"""Numbers that somebody else was faster with when they were added: which, what was taken instead, and the next best,
with grades and prices."""

from collections.abc import Sequence
from typing import NamedTuple, get_args

from gateway_service import draft_search
from gateway_service.draft import Draft, DraftService, Note
from gateway_service.draft_numbers import Added
from gateway_service.drafts import Desk
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import ngettext
from gateway_service.pages.wizard_typed import whole
from gateway_service.pages.wording import word
from gateway_service.pricing import Costs
from patchbay_contracts.numbers import FoundNumber, HeldNow, Lost, SearchQuery
from patchbay_contracts.taken_in import NumberKnown, NumbersGet, NumbersKnown
from patchbay_contracts.words import E164, Grade

MOST_OFFERS = 20


class Gone(NamedTuple):
    """A number that was lost, its grade, and the next best, as far as they are known."""

    e164: E164
    grade: str = ""
    offer: E164 | None = None

    def __str__(self) -> str:
        """As an address has it."""
        return "-".join(str(part) for part in self if part)


class Offered(NamedTuple):
    """The next best, and what it is offered for."""

    gone: Gone
    number: FoundNumber


def gone_of(lost: Sequence[Lost]) -> list[Gone]:
    """What is told of these; the next best of the first ones."""
    offers = [one.offer.e164 if one.offer is not None and at < MOST_OFFERS else None for at, one in enumerate(lost)]
    return [Gone(one.e164, one.grade or "", offer) for one, offer in zip(lost, offers, strict=True)]


def read(texts: Sequence[str]) -> list[Gone]:
    """The same from an address; what makes no sense is left out."""
    parts = [(*text.split("-"), "", "")[:3] for text in texts]
    return [
        Gone(number, grade if grade in get_args(Grade) else "", whole(offer))
        for lost, grade, offer in parts
        if (number := whole(lost)) is not None
    ]


async def offered(desk: Desk, draft: Draft, service: DraftService | None, gone: Sequence[Gone]) -> Sequence[Offered]:
    """What is offered and still free, with prices as a search shows them."""
    wanted = tuple(dict.fromkeys(one.offer for one in gone if one.offer is not None))[:MOST_OFFERS]
    if service is None or not wanted:
        return ()
    answer = await desk.upstream.ask("numbers", "/numbers/get", NumbersGet(reseller=draft.reseller, numbers=wanted))
    known = {one.e164: one for one in NumbersKnown.model_validate_json(answer).numbers if one.state == "free"}
    costs = await draft_search.costs(desk, draft, service, SearchQuery())
    return [Offered(one, _row(known[one.offer], costs)) for one in gone if one.offer in known]


def _row(number: NumberKnown, costs: Costs | None) -> FoundNumber:
    found = number.model_dump(include={*FoundNumber.model_fields}, exclude_none=True)
    price = costs.by_grade.get(number.grade, {}) if costs is not None and number.grade else {}
    return FoundNumber.model_validate(found | dict(price))


def taken_instead(added: Added) -> Sequence[Note]:
    """That numbers were taken in place of others, with their grade where that is another."""
    grades = {one.e164: one.grade for one in added.lost}
    taken = [_taken(one, grades.get(one.instead_of)) for one in added.held if one.instead_of is not None]
    return [Note("taken_instead", {"numbers": ", ".join(taken)})] if taken else ()


def _taken(number: HeldNow, lost: Grade | None) -> str:
    if lost in (None, number.grade):
        return f"+{number.e164}"
    of = {"number": number.e164, "grade": word("grade", number.grade), "lost": word("grade", lost)}
    return _("+%(number)s, which is %(grade)s where %(lost)s was lost") % of


def said(gone: Sequence[Gone]) -> str:
    """That these were lost."""
    if not gone:
        return ""
    text = ngettext("%(numbers)s was taken by somebody else.", "%(numbers)s were taken by somebody else.", len(gone))
    return text % {"numbers": ", ".join(f"+{one.e164}" for one in gone)}
