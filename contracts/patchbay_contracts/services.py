"""Services: how they are found and shown, and how a change of one is asked for. Answered by provisioning over HTTP.

Each change is an order of its own: it is placed, and ends completed or failed with everything as it was.
"""

from datetime import date
from operator import not_
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_NUMBERS, Numbers
from patchbay_contracts.times import WrittenDay
from patchbay_contracts.words import E164, Code, InternationalPrefix, OrganisationKind, Reseller, Settings, Slug, Text

MOST_LISTED = 200
MOST_SHOWN = 200

Resellers = Annotated[tuple[Reseller, ...], Field(min_length=1, max_length=1_000)]
"""Those whose services the caller may see."""
ServiceState = Literal["planned", "active", "suspended", "ended", "refused", "withdrawn"]
ChangeKind = Literal["settings", "price_list", "add_numbers", "remove_numbers", "suspend", "resume", "end"]
Cursor = Annotated[str, StringConstraints(max_length=200)]


class Asking(Frozen):
    """What callers write: a field that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class NewSettings(Asking):
    """The settings as they are to be, all of them; those of single numbers are laid over the others."""

    kind: Literal["settings"] = "settings"
    settings: Settings = Field(default_factory=dict)
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)


class NewPriceList(Asking):
    """Everything that the service is charged for costs by that price list from that date on. Set-up is not charged
    again."""

    kind: Literal["price_list"] = "price_list"
    price_list: Slug
    from_date: WrittenDay


class AddNumbers(Asking):
    """More numbers: named, or so many that match. Named ones may have settings of their own."""

    kind: Literal["add_numbers"] = "add_numbers"
    numbers: Numbers
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.numbers.exact and not self.numbers.count:
            raise FieldFault("no number is wanted: name numbers, or give a count", "numbers")
        return self


class RemoveNumbers(Asking):
    """These numbers leave the service and rest."""

    kind: Literal["remove_numbers"] = "remove_numbers"
    numbers: tuple[E164, ...] = Field(min_length=1, max_length=MOST_NUMBERS)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.numbers)) < len(self.numbers):
            raise FieldFault("a number stands twice: name each number once", "numbers", repeated(self.numbers))
        return self


class Suspend(Asking):
    """The service rests: it keeps its numbers and its charges, and works again when it is resumed."""

    kind: Literal["suspend"] = "suspend"


class Resume(Asking):
    """A suspended service works again."""

    kind: Literal["resume"] = "resume"


class End(Asking):
    """The service ends for good, with its charges; its numbers rest."""

    kind: Literal["end"] = "end"


Wanted = Annotated[
    NewSettings | NewPriceList | AddNumbers | RemoveNumbers | Suspend | Resume | End, Field(discriminator="kind")
]


class Waived(Asking):
    """A warning of the validity report that was put aside, by its name and place, and why. Errors cannot be."""

    code: Code
    pointer: Annotated[str, StringConstraints(max_length=400)] = ""
    reason: Text


class ChangeBody(Frozen):
    """What a change's document and the message that places it share. `version` is that of the service as its caller saw
    it: if somebody else has changed the service meanwhile, the change is refused. `held_by`: the draft or basket whose
    held numbers the change may take over. `waived` is kept in the service's history. `notify`: who gets a mail when the
    change is done; the reseller, if it is among them, when it came to nothing too."""

    version: int = Field(ge=1)
    wanted: Wanted
    why: Text
    reference: Text | None = None
    held_by: UUID | None = Field(default=None, exclude_if=not_)
    waived: tuple[Waived, ...] = Field(default=(), max_length=20, exclude_if=not_)
    notify: tuple[OrganisationKind, ...] = Field(default=(), max_length=4, exclude_if=not_)


class ServiceChange(ChangeBody):
    """A change of a service as it is posted."""

    model_config = ConfigDict(extra="forbid")


class ChangeQuery(Asking):
    """Whether a change could be carried out as things stand. Pointers of findings lead into `change`."""

    reseller: Reseller
    service_id: UUID
    change: ServiceChange


class ServiceQuery(Asking):
    """Which services, the newest first (with `number`: in the order of the numbers). Everything that is given has to be
    true of a service. `customers`: it is one's of these. `number`: one of its numbers, or how one begins. A service is
    found as soon as it is more than planned. `after` is `next` of the answer before."""

    resellers: Resellers
    customer_id: UUID | None = None
    customers: tuple[UUID, ...] | None = Field(
        default=None, max_length=MOST_LISTED, exclude_if=lambda given: given is None
    )
    order_id: UUID | None = None
    service_type: Slug | None = None
    state: ServiceState | None = None
    number: InternationalPrefix | None = None
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    count: int = Field(default=50, ge=1, le=MOST_LISTED)
    after: Cursor | None = None


class ListedService(Frozen):
    """A service in a list, with the first of its numbers."""

    id: UUID
    version: int
    reseller: Reseller
    customer_id: UUID
    order_id: UUID
    service_type: Slug
    price_list: Slug
    state: ServiceState
    numbers: tuple[E164, ...] = ()
    many_numbers: int
    created_at: AwareDatetime


class ServicePage(Frozen):
    """A page of services."""

    services: tuple[ListedService, ...] = ()
    next: str | None = None


class ServicesQuery(Asking):
    """These services, of those resellers."""

    resellers: Resellers
    ids: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_SHOWN)


class PriceListToCome(Frozen):
    """By which price list the service is charged from a date on."""

    price_list: Slug
    from_date: date


class NetworkState(Frozen):
    """What is still to be done on the network, how often that was tried, and what the network said last."""

    to_do: str | None = None
    tries: int = 0
    detail: str = ""


class Service(Frozen):
    """Everything about a service. `changing` is the change (an order) that is under way, `type_version` the version of
    its service type that it was ordered by, where that is known. `taken_in`: it exists elsewhere, and Patchbay keeps
    record of it alone."""

    id: UUID
    version: int
    reseller: Reseller
    customer_id: UUID
    order_id: UUID
    line: int
    service_type: Slug
    type_version: int | None = None
    price_list: Slug
    price_list_to_come: PriceListToCome | None = None
    state: ServiceState
    numbers: tuple[E164, ...] = ()
    settings: Settings = Field(default_factory=dict)
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)
    changing: UUID | None = None
    network: NetworkState = NetworkState()
    created_at: AwareDatetime
    taken_in: bool = Field(default=False, exclude_if=not_)


class Services(Frozen):
    """Those that there are, in the order in which they were asked for."""

    services: tuple[Service, ...] = ()


class HistoryQuery(Asking):
    """The changes of a service, the newest first. `after` is `next` of the answer before."""

    resellers: Resellers
    service_id: UUID
    count: int = Field(default=50, ge=1, le=MOST_LISTED)
    after: Cursor | None = None


class ServiceAspects(Frozen):
    """What a change is about, before it or after it; what it does not touch is left out."""

    state: ServiceState | None = None
    price_list: Slug | None = None
    from_date: date | None = None
    numbers: tuple[E164, ...] | None = None
    settings: Settings | None = None
    settings_by_number: dict[E164, Settings] | None = None


class PastChange(Frozen):
    """A change of a service: `refused` ones were none, `failed` ones were taken back. `after` is what is wanted while
    it is under way."""

    order_id: UUID
    kind: ChangeKind
    outcome: Literal["under_way", "done", "refused", "failed"]
    detail: str = ""
    by: str
    why: str
    waived: tuple[Waived, ...] = Field(default=(), exclude_if=not_)
    before: ServiceAspects
    after: ServiceAspects
    asked_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class History(Frozen):
    """A page of changes."""

    changes: tuple[PastChange, ...] = ()
    next: str | None = None


class NumberQuery(Asking):
    """Which customers have a number like that in service."""

    resellers: Resellers
    number: InternationalPrefix
    count: int = Field(default=50, ge=1, le=MOST_LISTED)


class NumberOfCustomer(Frozen):
    """A customer, and the lowest number of its that was looked for."""

    customer_id: UUID
    reseller: Reseller
    e164: E164


class CustomersFound(Frozen):
    """Customers in the order of their numbers; `more`: there are others."""

    customers: tuple[NumberOfCustomer, ...] = ()
    more: bool = False
