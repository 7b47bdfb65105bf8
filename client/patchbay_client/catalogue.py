"""What is sold and what it costs, as those see it who buy. Who looks after it uses `service_types` and `prices`."""

from typing import Any, Unpack

from patchbay_client.calls import Call, get
from patchbay_client.reading_shapes import PriceListFilters, PriceListPage, SoldFilters, SoldPage


def page(after: str | None = None, limit: int = 50, **filters: Unpack[SoldFilters]) -> Call[SoldPage]:
    """Service types that can be ordered, by id."""
    return get("/v1/catalogue", after=after, limit=limit, **filters)


def show(service_type: str, on: str | None = None) -> Call[dict[str, Any]]:
    """One with the schema of its settings and the rules of its numbers."""
    return get(f"/v1/catalogue/{service_type}", on=on)


def terms(service_type: str) -> Call[dict[str, Any]]:
    """The terms that an order agrees to, with their version and hash."""
    return get(f"/v1/catalogue/{service_type}/terms")


def price_lists(after: str | None = None, limit: int = 50, **filters: Unpack[PriceListFilters]) -> Call[PriceListPage]:
    """Price lists that can be bought by, by id."""
    return get("/v1/price-lists", after=after, limit=limit, **filters)


def price_list(id_: str, on: str | None = None) -> Call[dict[str, Any]]:
    """One with its prices."""
    return get(f"/v1/price-lists/{id_}", on=on)
