"""Shapes of what is answered, as far as programs usually look. Answers may have more: new fields can come any time."""

from typing import Any, Literal, NotRequired, TypedDict

OrderState = Literal["accepted", "waiting", "back_ordered", "delayed", "stuck", "completed", "failed"]


class Placed(TypedDict):
    """An order that was accepted. It will end; `orders.show` tells how."""

    id: str
    state: str
    links: dict[str, str]


class Moment(TypedDict):
    """One step of an order's timeline. `at`: RFC 3339."""

    at: str
    service: str
    message: str
    topic: str | None
    note: str


class OrderSummary(TypedDict):
    """An order in a list."""

    id: str
    kind: str
    state: OrderState
    reference: str | None
    accepted_at: str
    ended_at: str | None


class Order(OrderSummary):
    """An order with its document, what became of it and of each line, and its timeline."""

    order: dict[str, Any]
    outcome: dict[str, Any] | None
    back_order: NotRequired[dict[str, Any] | None]
    lines: list[dict[str, Any]]
    timeline: list[Moment]


class OrderPage(TypedDict):
    """The newest first. `next`: for the page after this one; null on the last."""

    orders: list[OrderSummary]
    next: str | None


class BulkResult(TypedDict):
    """What became of one line of a bulk: an `id`, or the `error` that it was refused for. `replayed`: it was decided
    when the batch was sent before."""

    line: int
    id: NotRequired[str]
    state: NotRequired[str]
    error: NotRequired[dict[str, Any]]
    replayed: NotRequired[bool]


class Batch(TypedDict):
    """A bulk under an id. Every line up to `accepted_through` is decided for good; `states`: how many are in which."""

    id: str
    kind: Literal["ndjson", "csv"]
    created_at: str
    changed_at: str
    accepted_through: int
    lines: int
    states: dict[str, int]


class BatchPage(TypedDict):
    """The newest first."""

    batches: list[Batch]
    next: str | None


class BatchLine(TypedDict):
    """What became of one line: its order as it is now, or the `reason` that it was refused for."""

    position: int
    reference: str | None
    order: str | None
    state: str
    reason: str | None
    services: list[str]
    numbers: list[str]


class Event(TypedDict):
    """Something that happened. `data` depends on the type."""

    id: str
    type: str
    at: str
    reseller: str
    data: dict[str, Any]


class EventPage(TypedDict):
    """In their order, the oldest first. `next` goes on behind them, also when there are none yet."""

    events: list[Event]
    next: str
    more: bool
