"""What a draft costs: priced as it stands, locked as a quote, compared with another price list."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from gateway_service import drafts
from gateway_service.draft import Author, Document, Draft, DraftQuote, DraftService
from gateway_service.draft_settling import settled
from gateway_service.drafts import Desk
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_contracts.prices import Price
from patchbay_contracts.quotes import (
    CompareQuery,
    Comparison,
    GetQuoteQuery,
    Preview,
    PreviewQuery,
    Quote,
    QuoteLine,
    QuoteOwner,
    QuoteQuery,
)


class Lines(NamedTuple):
    """The lines that can be priced, and the service that each comes from."""

    lines: tuple[QuoteLine, ...]
    keys: tuple[str, ...]


class PricesChanged(NamedTuple):
    """What the very same lines cost by the quote that ended, and what they cost now."""

    before: tuple[Price, ...]
    now: tuple[Price, ...]


class Priced(NamedTuple):
    """What the draft costs: by its quote while that is for these lines and lasts, otherwise as of now. `keys` names the
    service of each line; services without a type or a price list have no line."""

    keys: tuple[str, ...]
    preview: Preview
    quote: DraftQuote | None


def lines_of(document: Document) -> Lines:
    """As billing prices them, in the order in which the order will have them."""
    found = [(line, service.key) for service in document.ordered if (line := _line(service)) is not None]
    return Lines(tuple(line for line, _ in found), tuple(key for _, key in found))


def _line(service: DraftService) -> QuoteLine | None:
    grades = Counter(number.grade for number in service.numbers)
    services = len(service.numbers) if service.grouping == "each" and service.numbers else 1
    try:
        return QuoteLine(
            service_type=service.service_type, price_list=service.price_list, services=services, numbers=dict(grades)
        )
    except ValidationError:
        return None


def fingerprint(lines: tuple[QuoteLine, ...]) -> str:
    """Of what is quoted; in whatever order numbers were added, the same."""
    return hashlib.sha256(
        orjson.dumps([line.model_dump(mode="json") for line in lines], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def quote_of(document: Document) -> DraftQuote | None:
    """The quote, if it is for these lines and lasts."""
    quote = document.quote
    if quote is None or quote.locked_until <= drafts.now() or not _is_for(quote, lines_of(document).lines):
        return None
    return quote


def _is_for(quote: DraftQuote | None, lines: tuple[QuoteLine, ...]) -> bool:
    return quote is not None and quote.lines == fingerprint(lines)


async def changed(desk: Desk, draft: Draft, fresh_for: float) -> PricesChanged | None:
    """What the draft cost by a quote that has ended, and now, if that is something else. While billing cannot be asked
    nobody knows, and the report says so."""
    quote, lines = draft.document.quote, lines_of(draft.document).lines
    if quote is None or not _is_for(quote, lines):
        return None
    if quote_of(draft.document) is not None:
        return PricesChanged(quote.before, quote.totals) if quote.before else None
    query = PreviewQuery(reseller=draft.reseller, lines=lines)
    try:
        now = await desk.upstream.recent.ask("billing", "/quotes/preview", query, Preview, fresh_for)
    except (Problem, ValueError):
        return None
    return PricesChanged(quote.totals, now.totals) if not now.unpriced and now.totals != quote.totals else None


async def priced(desk: Desk, draft: Draft) -> Priced:
    """What the draft costs as it stands."""
    lines, keys = lines_of(draft.document)
    quote = quote_of(draft.document)
    if quote is not None:
        asked = GetQuoteQuery(reseller=draft.reseller, id=quote.id)
        found = await desk.upstream.recent.ask("billing", "/quotes/get", asked, Quote)
        if found.state == "open":
            return Priced(keys, Preview(lines=found.lines, totals=found.totals), quote)
    if not lines:
        return Priced((), Preview(), None)
    query = PreviewQuery(reseller=draft.reseller, lines=lines)
    return Priced(keys, await desk.upstream.recent.ask("billing", "/quotes/preview", query, Preview), None)


async def shown(desk: Desk, author: Author, draft: Draft) -> Priced:
    """What the draft costs, locked from now on if it was not: whoever is shown prices can rely on them. The draft keeps
    its version. Nothing is locked while something has no price."""
    lines, keys = lines_of(draft.document)
    if draft.state != "open" or not lines or quote_of(draft.document) is not None:
        return await priced(desk, draft)
    try:
        quote, quoted = await _quoted(desk, draft, lines)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await priced(desk, draft)

    def to(document: Document) -> Document:
        is_new = quote_of(document) is None and fingerprint(lines_of(document).lines) == quoted.lines
        return settled(document, document.but(quote=quoted)) if is_new else document

    touched = await drafts.touch(desk, author, draft.id, to, drafts.OPEN)
    if touched.document.quote != quoted:  # another tab was sooner: its quote is the one that counts
        return await priced(desk, touched)
    return Priced(keys, Preview(lines=quote.lines, totals=quote.totals), quoted)


async def lock(
    desk: Desk, author: Author, draft: Draft, version: int, lists: Mapping[str, str] = MappingProxyType({})
) -> Draft:
    """Quote the draft as it stands, or by other price lists, each by the key of its service, and lock its prices: one
    change. A quote that is still good stays; without lines there is none. Raises Problem with why there is no quote,
    422 with what has no price; then the lists are chosen all the same, and the report goes on saying so."""
    refused, quoted = None, None
    document = _by(draft.document, lists)
    is_chosen, is_quoted = document == draft.document, quote_of(document) is not None
    if is_chosen and is_quoted:
        return draft
    version = draft.version if lists and is_chosen else version
    drafts.check(draft, version)
    lines = lines_of(document).lines
    if lines and not is_quoted:
        try:
            _, quoted = await _quoted(desk, draft, lines)
        except Problem as problem:
            refused = problem

    def to(was: Draft) -> Document:
        return _by(was.document, lists).but(quote=quoted or was.document.quote)

    changed = await drafts.change(desk, author, draft.id, version, to, seen=draft)
    if refused is not None:
        raise refused
    return changed


def _by(document: Document, lists: Mapping[str, str]) -> Document:
    """With these price lists, by the keys of the services."""
    services = tuple(
        service.model_copy(update={"price_list": lists.get(service.key, service.price_list)})
        for service in document.services
    )
    return document.but(services=services)


async def _quoted(desk: Desk, draft: Draft, lines: tuple[QuoteLine, ...]) -> tuple[Quote, DraftQuote]:
    """A new quote of these lines, and what the draft notes of it."""
    query = QuoteQuery(reseller=draft.reseller, lines=lines, owner=QuoteOwner(kind="draft", id=draft.id))
    quote = Quote.model_validate_json(await desk.upstream.ask("billing", "/quotes", query))
    last = draft.document.quote if _is_for(draft.document.quote, lines) else None
    quoted = DraftQuote(
        id=quote.id,
        quoted_at=quote.quoted_at,
        locked_until=quote.locked_until,
        totals=quote.totals,
        before=() if last is None else last.before if last.totals == quote.totals else last.totals,
        lines=fingerprint(lines),
    )
    desk.upstream.recent.told("billing", "/quotes/get", GetQuoteQuery(reseller=draft.reseller, id=quote.id), quote)
    return quote, quoted


async def compare(desk: Desk, draft: Draft, price_list: str | None = None, key: str | None = None) -> Comparison:
    """What the draft, or one service of it, costs as it is and by another price list: by `price_list`, or else by what
    each line's own replaced, which is the list that was chosen before or the version before. Raises Problem 422."""
    lines, keys = lines_of(draft.document)
    replaced = {one.key: one.price_list_before for one in draft.document.services}
    instead = tuple(
        (replaced[of] or None if price_list is None else price_list) if key in (None, of) else None for of in keys
    )
    quote = quote_of(draft.document)
    try:
        query = CompareQuery(
            reseller=draft.reseller,
            lines=lines,
            instead=instead,
            versions_before=price_list is None,
            quote=None if quote is None else quote.id,
        )
    except ValidationError:
        raise invalid_at("/price_list", "this is no price list", "choose one of yours") from None
    return await desk.upstream.recent.ask("billing", "/quotes/compare", query, Comparison)
