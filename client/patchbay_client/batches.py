"""Batches: bulks under an id of the program's own, so that each line is decided once, however often it is sent."""

from typing import Any

from patchbay_client.calls import NDJSON, Call, Stream, get, query_of
from patchbay_client.shapes import Batch, BatchLine, BatchPage


def show(id_: str) -> Call[Batch]:
    """How far it was accepted, and how many of its lines are in which state."""
    return get(f"/v1/batches/{id_}")


def page(after: str | None = None, limit: int = 50) -> Call[BatchPage]:
    """A page of batches, the newest first."""
    return get("/v1/batches", after=after, limit=limit)


def results(id_: str, after: int = 0) -> Stream[BatchLine]:
    """What became of each line behind that position, in their order."""
    query: dict[str, Any] = {"after": after or None, "format": "ndjson"}
    return Stream("GET", f"/v1/batches/{id_}/results", query_of(query), headers={"Accept": NDJSON})
