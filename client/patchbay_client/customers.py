"""Customers: listed, shown, changed. Orders make them."""

from collections.abc import Mapping
from typing import Any, Unpack

from patchbay_client.calls import Call, Stream, change, export, get
from patchbay_client.reading_shapes import Customer, CustomerFilters, CustomerPage, CustomerSummary


def page(after: str | None = None, limit: int = 50, **filters: Unpack[CustomerFilters]) -> Call[CustomerPage]:
    """A page of customers, the newest first."""
    return get("/v1/customers", after=after, limit=limit, **filters)


def every(**filters: Unpack[CustomerFilters]) -> Stream[CustomerSummary]:
    """All of them, however many, one after another."""
    return export("/v1/customers", **filters)


def show(id_: str) -> Call[Customer]:
    """All about one but its PIN."""
    return get(f"/v1/customers/{id_}")


def amend(id_: str, document: Mapping[str, Any], version: int, key: str | None = None) -> Call[Customer]:
    """Change what the document names; null empties. `version`: the one that was seen; if somebody else has changed the
    customer meanwhile, it is refused."""
    return change(f"/v1/customers/{id_}", document, f'"{version}"', key)
