"""The inventory of the house, for keys with the scope `inventory`: blocks or numbers are loaded from CSV."""

from collections.abc import AsyncIterable, Iterable
from typing import Any, Literal

from patchbay_client.calls import CSV, Call, Stream, get, query_of


def load(
    rows: Iterable[bytes] | AsyncIterable[bytes] | bytes, kind: Literal["blocks", "numbers"], why: str
) -> Stream[dict[str, Any]]:
    """Load a CSV with a head line, and hear how far it is; the last piece is the sum. It is safe to send again: what
    is there already is left as it is."""
    return Stream("POST", "/v1/inventory/loads", query_of({"kind": kind, "why": why}), rows, {"Content-Type": CSV})


def loaded(load_id: str) -> Call[dict[str, Any]]:
    """How far a load is."""
    return get(f"/v1/inventory/loads/{load_id}")


def refused(load_id: str) -> Call[str]:
    """The rows that it refused, as CSV, with the reason before each: corrected, they can be loaded as they are."""
    return get(f"/v1/inventory/loads/{load_id}/refused")
