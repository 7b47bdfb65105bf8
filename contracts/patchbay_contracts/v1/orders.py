"""The facts about orders that everybody may act on. Owner: provisioning."""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from patchbay_contracts.message import Frozen, OrderMessage
from patchbay_contracts.services import ChangeKind
from patchbay_contracts.words import E164, Money, Organisation, Slug

EVENTS = "orders.events.v1"


Moment = Annotated[str, StringConstraints(pattern=r"^\S+ \S+( .*)?$", max_length=5_000)]
"""One moment of an order, in a line: the time (RFC 3339), the type of the message that was said, and, where there is
one, a note. A line, because all who hear of an order's end read it and only the gateway looks into its moments."""


class CreatedService(Frozen):
    """A service that the order created. `note`: which numbers its line was given instead of those asked for."""

    id: UUID
    line: int
    service_type: Slug
    numbers: tuple[E164, ...] = ()
    note: str = Field(default="", exclude_if=not_)


class ToldOfChange(Frozen):
    """What those who are written to about a changed service are told: whose it is, its `numbers` as they are now, and
    the price list that it is charged by from a date on, if that is what changed."""

    customer_name: str
    reseller_name: str
    service_type: Slug
    service_name: str
    numbers: tuple[E164, ...] = ()
    price_list: Slug | None = None
    from_date: date | None = None


class ChangedService(Frozen):
    """The service that an order changed, and which numbers came to it or left it for good. `told`: what a mail about it
    says, where somebody is to get one."""

    id: UUID
    kind: ChangeKind
    added: tuple[E164, ...] = Field(default=(), exclude_if=not_)
    removed: tuple[E164, ...] = Field(default=(), exclude_if=not_)
    told: ToldOfChange | None = Field(default=None, exclude_if=not_)


class LineOutcome(Frozen):
    """What became of a line that was not made as it was asked for: with other numbers, with fewer, or not at all.
    `reason` is a code of `reasons.REASONS`; `detail` says in words what was given, or why nothing was. `instead_of`:
    which number was given for each that was named."""

    line: int
    state: Literal["substituted", "reduced", "refused"]
    reason: str
    detail: str
    instead_of: dict[E164, E164] = Field(default_factory=dict, exclude_if=not_)


class OrderCompleted(OrderMessage, topic=EVENTS, type="orders.OrderCompleted.v1"):
    """Everything the order asked for exists and is active, but for lines that it could do without. An order that
    changed a service names it in `change`; its `monthly` is by how much the charges rise or fall. `lines`: those that
    were not made as they were asked for. `watched`: that its moves were told."""

    customer_id: UUID
    services: tuple[CreatedService, ...] = ()
    setup: tuple[Money, ...] = ()
    monthly: tuple[Money, ...] = ()
    recipients: tuple[Organisation, ...] = ()
    reference: str | None = None
    timeline: tuple[Moment, ...] = ()
    change: ChangedService | None = Field(default=None, exclude_if=not_)
    lines: tuple[LineOutcome, ...] = Field(default=(), exclude_if=not_)
    watched: bool = Field(default=False, exclude_if=not_)


class OrderFailed(OrderMessage, topic=EVENTS, type="orders.OrderFailed.v1"):
    """The order was refused or timed out, and everything done for it was undone. `lines`: those that it went on without
    until then. `watched`: that its moves were told."""

    step: str
    reason: str
    detail: str
    recipients: tuple[Organisation, ...] = ()
    reference: str | None = None
    timeline: tuple[Moment, ...] = ()
    lines: tuple[LineOutcome, ...] = Field(default=(), exclude_if=not_)
    watched: bool = Field(default=False, exclude_if=not_)


class OrderBegun(OrderMessage, topic=EVENTS, type="orders.OrderBegun.v1"):
    """An order that waited, for its start or for numbers, is under way."""


class OrderBackOrdered(OrderMessage, topic=EVENTS, type="orders.OrderBackOrdered.v1"):
    """Numbers that the order wants cannot be had now. It waits for them `until` then, holds nothing meanwhile, and is
    tried again and again. Said anew when what is lacking has changed. `waiting`: the lines
    that wait; `line`: the one that `reason` and `detail` are about. `again`: that all of this was said before, but for
    moments of the timeline."""

    until: AwareDatetime
    step: str
    reason: str
    detail: str
    line: int
    waiting: tuple[int, ...] = ()
    reference: str | None = None
    timeline: tuple[Moment, ...] = ()
    again: bool = Field(default=False, exclude_if=not_)


class OrderAmended(OrderMessage, topic=EVENTS, type="orders.OrderAmended.v1"):
    """An order that waits for numbers is what `provisioning.AmendOrder.v1` with that `id` made of it. With a `reason`
    it cannot be, and waits on as it was."""

    id: UUID
    reason: str = ""
    detail: str = ""


class OrderDelayed(OrderMessage, topic=EVENTS, type="orders.OrderDelayed.v1"):
    """A step did not answer in time: it was asked again, or is being undone. Not said of a healthy order."""

    step: str
    detail: str
    timeline: tuple[Moment, ...] = ()


class OrderStuck(OrderMessage, topic=EVENTS, type="orders.OrderStuck.v1"):
    """An undo does not get through. The order stays open until it does; somebody should look."""

    step: str
    detail: str
    timeline: tuple[Moment, ...] = ()


class Progress(Frozen):
    """What happened to a step. `asked` again, when nobody answered in time; `undoing` is asked too, and once it is done
    the step is `undone`. `note` is for people: what was given instead, or why it was refused."""

    step: str
    what: Literal["asked", "asked_again", "done", "refused", "undoing", "undone"]
    at: AwareDatetime
    note: str = Field(default="", exclude_if=not_)


class OrderProgressed(OrderMessage, topic=EVENTS, type="orders.OrderProgressed.v1"):
    """A watched order moved: what happened in this move, in its order. Said before the event of its end, if the move
    was its last; so whoever hears of the end knows all moves."""

    moves: tuple[Progress, ...] = ()
