"""Services: listed, shown, changed, ended, their history. Each change is an order of its own."""

from collections.abc import Mapping
from typing import Any, Unpack

from patchbay_client.calls import Call, Stream, ask, export, get, post
from patchbay_client.reading_shapes import ServiceFilters, ServicePage, ServiceSummary
from patchbay_client.shapes import Placed


def page(after: str | None = None, limit: int = 50, **filters: Unpack[ServiceFilters]) -> Call[ServicePage]:
    """A page of services, the newest first; with `number` in the order of the numbers."""
    return get("/v1/services", after=after, limit=limit, **filters)


def every(**filters: Unpack[ServiceFilters]) -> Stream[ServiceSummary]:
    """All of them, however many, one after another."""
    return export("/v1/services", **filters)


def show(id_: str) -> Call[dict[str, Any]]:
    """One service with its numbers, settings and state."""
    return get(f"/v1/services/{id_}")


def history(id_: str, after: str | None = None, limit: int = 50) -> Call[dict[str, Any]]:
    """What was changed, the newest first."""
    return get(f"/v1/services/{id_}/changes", after=after, limit=limit)


def change(id_: str, document: Mapping[str, Any], key: str | None = None) -> Call[Placed]:
    """Place a change. The order that carries it is in the answer."""
    return post(f"/v1/services/{id_}/changes", document, key)


def cease(id_: str, version: int, why: str, key: str | None = None) -> Call[Placed]:
    """End it for good, with its charges. `version`: the one that was seen."""
    return change(id_, {"version": version, "wanted": {"kind": "end"}, "why": why}, key)


def check(id_: str, document: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """What would be found about that change, were it placed now. Nothing is changed."""
    return ask(f"/v1/services/{id_}/changes/validity", document)
