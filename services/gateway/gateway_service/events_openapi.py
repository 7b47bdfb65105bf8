"""What OpenAPI says about public events: what is told of each type, and how it is read."""

from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.event_bodies import Type
from patchbay_contracts.services import ChangeKind

Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", examples=["+441214960000"])]


class Told(BaseModel):
    """Within an event. Readers ignore fields that they do not know: there may be more of them one day."""

    model_config = ConfigDict(extra="forbid")


class Amount(Told):
    """An amount in a currency (ISO 4217); a decimal as text, never a float."""

    amount: Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class MadeService(Told):
    """A service that the order made. `note`: which numbers its line was given in place of those asked for."""

    id: UUID
    line: int
    service_type: str
    numbers: list[Number]
    note: str


class LineTold(Told):
    """A line that was not made as it was asked for. `instead_of`: which number was given for each that was named."""

    line: int
    state: Literal["substituted", "reduced", "refused"]
    reason: str
    detail: str
    instead_of: dict[str, str] = {}


class CompletedOrder(Told):
    """`order.completed`: everything it asked for is there, but for what `lines` says. `monthly` of a change: by how
    much charges rise or fall."""

    order_id: UUID
    reference: str | None
    customer_id: UUID
    services: list[MadeService]
    setup: list[Amount]
    monthly: list[Amount]
    lines: list[LineTold] = []


class FailedOrder(Told):
    """`order.failed`: it was refused or took too long, and what was done for it is undone. `lines`: those that it had
    gone on without."""

    order_id: UUID
    reference: str | None
    step: str
    reason: str
    detail: str
    lines: list[LineTold] = []


class OpenOrder(Told):
    """`order.delayed`, `order.stuck`: it is still under way. `order.back_ordered`: numbers of `line` cannot be had now,
    for a `reason`; it holds nothing, and is tried again `until` then. Told anew when what is lacking has changed.
    `order.amended`: what was asked of an order that waits is done; with a `reason` it was refused."""

    order_id: UUID
    step: str
    detail: str
    reference: str | None = None
    until: AwareDatetime | None = None
    line: int | None = None
    reason: str | None = None


class Move(Told):
    """What happened to a step of an order."""

    step: str
    what: Literal["asked", "asked_again", "done", "refused", "undoing", "undone"]
    at: AwareDatetime
    note: str


class MovedOrder(Told):
    """`order.progressed`: an order that was placed with `watched` moved."""

    order_id: UUID
    moves: list[Move]


class ChangedOne(Told):
    """`service.changed`: the order that changed it is completed as well."""

    service_id: UUID
    kind: ChangeKind
    added: list[Number]
    removed: list[Number]
    customer_id: UUID
    order_id: UUID


class DisabledWebhook(Told):
    """`webhook.disabled`: nothing is sent to it any more, until it is enabled again."""

    webhook_id: UUID
    url: str
    reason: str


DATA: dict[str, type[Told]] = {
    "order.completed": CompletedOrder,
    "order.failed": FailedOrder,
    "order.back_ordered": OpenOrder,
    "order.amended": OpenOrder,
    "order.delayed": OpenOrder,
    "order.stuck": OpenOrder,
    "order.progressed": MovedOrder,
    "service.changed": ChangedOne,
    "webhook.disabled": DisabledWebhook,
}
"""What `data` is by type."""
MODELS = tuple(dict.fromkeys(DATA.values()))

_ID = {"type": "string", "format": "uuid"}
_DATA = {"anyOf": [ref(model.__name__) for model in MODELS]}
SCHEMAS = {
    "Event": object_of(
        id=_ID,
        type={"enum": list(get_args(Type))},
        at={"type": "string", "format": "date-time"},
        reseller={"type": "string"},
        data=_DATA,
    ),
    "HubEvent": object_of(
        id=_ID,
        type={"type": "string", "pattern": r"^tmf\.[A-Za-z]+Event$"},
        at={"type": "string", "format": "date-time"},
        reseller={"type": "string"},
        data={"type": "object"},
        eventId=_ID,
        eventTime={"type": "string", "format": "date-time"},
        eventType={"type": "string"},
        title={"type": "string"},
        event={"type": "object"},
    )
    | {"description": "What hubs of the TM Forum APIs are told; it is in the log of those resellers who have one."},
    "Events": object_of(
        events={"type": "array", "items": {"anyOf": [ref("Event"), ref("HubEvent")]}},
        next={"type": "string", "description": "the place from which to go on"},
        more={"type": "boolean", "description": "whether there is more now; a page may be empty and more come"},
    ),
}
EXAMPLE: dict[str, Any] = {
    "id": "01997c1e-53a1-7c7e-a6f4-2d0b6f2b3c11",
    "type": "order.completed",
    "at": "2026-11-27T10:15:02.123456Z",
    "reseller": "acme",
    "data": {
        "order_id": "01997c1e-4f00-7b1a-9a55-0f9f5d1f7a10",
        "reference": "PO-1",
        "customer_id": "01997c1e-5012-7d4e-8f3a-6b1c2d3e4f50",
        "services": [
            {
                "id": "01997c1e-5200-7a2b-8c3d-4e5f60718293",
                "line": 0,
                "service_type": "voice-line",
                "numbers": ["+441217370000"],
                "note": "",
            }
        ],
        "setup": [{"amount": "25.00", "currency": "GBP"}],
        "monthly": [{"amount": "9.00", "currency": "GBP"}],
    },
}

REPLAY = route(
    "Read events again",
    "Anything of the last 30 days, in order and without a gap, each event in the bytes in which it was told first."
    " With `wait` an empty page comes only when nothing happened for so long."
    " Go on with `after` = `next`, also after an empty page: a cursor older than that is answered 410. Events of"
    " one order stand in the order in which they happened.",
    answers(
        "A page of events",
        content(ref("Events"), {"events": [EXAMPLE], "next": "AAAAAAAAA-gAAAAAAAAABWko", "more": False}),
        401, 403, 410, 422, 429, 503,
    ),
)  # fmt: skip
STREAM = route(
    "Follow events",
    "Server-sent events: each event's `data` are the same bytes that the replay has. Begins now, or behind the event"
    " whose id is in `Last-Event-ID`; ids are cursors, so a replay can go on from them as well. A comment comes every"
    " 10 seconds in which nothing happens.",
    answers(
        "Events",
        content({"type": "string"}, "id: AAAAAAAAA-gAAAAAAAAABWko\ndata: {...}\n\n", kind="text/event-stream"),
        401, 403, 410, 422, 429, 503,
    ),
)  # fmt: skip
