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


class Move(TypedDict):
    """What happened at one step of an order that is watched: it was `asked`, `done`, `refused` and so on."""

    step: str
    what: str
    note: str
    at: str


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


class DeadLetterSummary(TypedDict):
    """A dead letter in a list. `topic`, `partition`, `offset`: where it was, as far as it says. `times`: so often it
    has been dead by now; `replays`: so often it was replayed; `cut`: what was too large to be kept."""

    id: str
    at: str
    service: str
    reason: str
    detail: str
    topic: str
    partition: int | None
    offset: int | None
    key: str | None
    type: str
    message_id: str
    size: int
    cut: list[str]
    times: int
    replay_of: str | None
    replays: int


class DeadLetterPage(TypedDict):
    """The newest first."""

    dead_letters: list[DeadLetterSummary]
    next: str | None


class Replayed(TypedDict):
    """A replay of a dead letter."""

    id: str
    at: str
    by: str
    reason: str
    forced: bool


class Raw(TypedDict):
    """Bytes: `text` if they are UTF-8, `base64` otherwise; with the `name` of a header."""

    name: NotRequired[str]
    text: NotRequired[str]
    base64: NotRequired[str]


class DeadLetter(DeadLetterSummary):
    """A dead letter whole. `came_back`: letters that came of its replays."""

    headers: list[Raw]
    body: Raw | None
    replayed: list[Replayed]
    came_back: list[str]


class Mended(TypedDict):
    """What was done about a stuck order: `steps` were waited for then."""

    id: str
    order_id: str
    reseller: str
    way: Literal["retry", "skip", "compensate"]
    steps: list[str]
    by: str
    reason: str
    at: str


class StuckOrder(TypedDict):
    """An order that cannot be undone by itself. `waits_for`: steps, and how often they were asked."""

    order_id: str
    reseller: str
    kind: str
    begun_at: str
    moved_at: str
    waits_for: list[dict[str, Any]]
    failed_step: str
    reason: str
    detail: str
    mended: list[Mended]


class StuckPage(TypedDict):
    """The oldest first."""

    orders: list[StuckOrder]
    next: str | None


class Lag(TypedDict):
    """`groups` by `group` and `topic`, `read_models` by `name`: `records`, and `behind_ms`, null if not known."""

    as_of: str
    groups: list[dict[str, Any]]
    read_models: list[dict[str, Any]]


class StepTook(TypedDict):
    """How long a step took; `slowest` is the order that took the longest."""

    step: str
    count: int
    p50_ms: int
    p99_ms: int
    max_ms: int
    slowest: str


class Steps(TypedDict):
    """Of so many `orders`, the oldest of which ended at `since`."""

    as_of: str
    orders: int
    since: str | None
    steps: list[StepTook]


class Replicas(TypedDict):
    """`services` by `service` and `replica`; `search` by `url`, with `state` and `age_ms`."""

    as_of: str
    services: list[dict[str, Any]]
    search: list[dict[str, Any]]
