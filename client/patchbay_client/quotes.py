"""Quotes: prices that are locked until a time. An order names the quote that it was seen with."""

from collections.abc import Mapping
from typing import Any, Unpack

from patchbay_client.calls import Call, Stream, ask, export, get, post
from patchbay_client.reading_shapes import QuoteFilters, QuotePage, QuoteSummary


def make(document: Mapping[str, Any], key: str | None = None) -> Call[dict[str, Any]]:
    """Price these lines, and lock that."""
    return post("/v1/quotes", document, key)


def preview(document: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """What these lines cost now. Nothing is locked."""
    return ask("/v1/quotes/preview", document)


def compare(document: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """What these lines cost by several price lists."""
    return ask("/v1/quotes/compare", document)


def page(after: str | None = None, limit: int = 50, **filters: Unpack[QuoteFilters]) -> Call[QuotePage]:
    """A page of quotes, the newest first."""
    return get("/v1/quotes", after=after, limit=limit, **filters)


def every(**filters: Unpack[QuoteFilters]) -> Stream[QuoteSummary]:
    """All of them, however many, one after another."""
    return export("/v1/quotes", **filters)


def show(id_: str) -> Call[dict[str, Any]]:
    """One with its lines."""
    return get(f"/v1/quotes/{id_}")
