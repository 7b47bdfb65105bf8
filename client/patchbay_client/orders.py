"""Orders: placed one by one or in bulk, shown, listed, taken back, amended."""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Unpack

from patchbay_client.calls import NDJSON, Call, Stream, change, export, get, post
from patchbay_client.reading_shapes import Asked, OrderFilters
from patchbay_client.shapes import BulkResult, Move, Order, OrderPage, OrderState, OrderSummary, Placed


def place(document: Mapping[str, Any], key: str | None = None) -> Call[Placed]:
    """Place an order. With the key of an order that was placed before, it is that order again."""
    return post("/v1/orders", document, key)


def show(id_: str) -> Call[Order]:
    """One order as it is now."""
    return get(f"/v1/orders/{id_}")


def page(
    state: OrderState | None = None,
    after: str | None = None,
    limit: int = 50,
    labels: Sequence[str] = (),
    **filters: Unpack[OrderFilters],
) -> Call[OrderPage]:
    """A page of orders, the newest first. `labels`: those that they have, all of them, such as `campaign:autumn`."""
    return get("/v1/orders", state=state, after=after, limit=limit, label=labels, **filters)


def every(
    state: OrderState | None = None, labels: Sequence[str] = (), **filters: Unpack[OrderFilters]
) -> Stream[OrderSummary]:
    """All of them, however many, one after another."""
    return export("/v1/orders", state=state, label=labels, **filters)


def cancel(id_: str, reason: str, key: str | None = None) -> Call[Asked]:
    """Take it back while it is under way: it ends failed, with nothing left of it. One that is completed is refused."""
    return post(f"/v1/orders/{id_}/cancel", {"reason": reason}, key)


def amend(id_: str, document: Mapping[str, Any], seen: str = "*", key: str | None = None) -> Call[Asked]:
    """Have an order that waits for numbers wait for others, or for longer. `seen`: its ETag as it was read
    (`with_tag(orders.show(...))`); otherwise whatever it is by now. What became of it is told by the order."""
    return change(f"/v1/orders/{id_}", document, seen, key)


def bulk(
    documents: Iterable[bytes] | AsyncIterable[bytes] | bytes, kind: str = NDJSON, **query: str
) -> Stream[BulkResult]:
    """Place many: a document a line in, a result a line out, while they are read."""
    return Stream("POST", "/v1/orders/bulk", query, documents, {"Content-Type": kind})


def progress(id_: str) -> Stream[Move | Order]:
    """The moves of an order that was placed with `watched`, as they happen, and at last the order that has ended, also
    of one that was not. A stream that ends without it was cut: a new one tells all of them again."""
    return Stream("GET", f"/v1/orders/{id_}/events")


def dry_run(documents: bytes, kind: str = NDJSON) -> Stream[dict[str, Any]]:
    """What each order of a file would come to, and a last piece with the `summary`. Nothing is placed or held."""
    return Stream("POST", "/v1/orders/dry-run", {}, documents, {"Content-Type": kind})
