"""The wizard's draft: what an operator or a program typed so far. Kept as it was typed, whether it will do or not."""

from collections.abc import Mapping
from operator import not_
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from patchbay_contracts.mails import AttachmentKind, RecipientKind
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_LINES, MOST_NUMBERS
from patchbay_contracts.patterns import pattern
from patchbay_contracts.prices import Price
from patchbay_contracts.validity import Finding, Raw, Tab
from patchbay_contracts.words import E164, Grade, Pool, Reseller, Settings

State = Literal["open", "created", "finished", "abandoned"]
Key = Annotated[str, pattern(r"^[a-z0-9-]{1,36}$", "use up to 36 lower-case letters, digits and -")]
"""What a service is called within its draft, chosen by who adds it; so adding it again adds nothing."""
Long = Annotated[str, StringConstraints(max_length=20_000)]
"""A mail's text as it was typed."""
TypedPin = Annotated[str, StringConstraints(max_length=64)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Written(Frozen):
    """What callers write: a field that nobody reads is refused, and a number may stand where a text is meant."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class Author(NamedTuple):
    """Who is writing: a program by its key, or an operator. `resellers`: whose drafts they may see and change; None:
    all of them. `by` as owners write it down, `address` where they call from."""

    resellers: tuple[str, ...] | None
    by: str
    address: str = ""

    def sees(self, reseller: str) -> bool:
        """Whether they may see and change what belongs to that reseller."""
        return self.resellers is None or reseller in self.resellers


class DraftContact(Written):
    """A contact or supplier as it was typed."""

    kind: Literal["contact", "supplier"] = "contact"
    name: Raw = ""
    email: Raw = ""


class CustomerFields(Written):
    """A customer as it was typed: an existing one by its `id`, or a new one. What was typed of a new one stays when an
    existing one is chosen, so nothing is lost by changing one's mind."""

    kind: Literal["new", "existing"] = "new"
    id: UUID | None = None
    name: Raw = ""
    email: Raw = ""
    phone: Raw = ""
    reference: Raw = ""
    address_lines: tuple[Raw, ...] = Field(default=(), max_length=6)
    city: Raw = ""
    postcode: Raw = ""
    country: Raw = ""
    contacts: tuple[DraftContact, ...] = Field(default=(), max_length=20)


class DraftCustomer(CustomerFields):
    """The customer as it is kept. The PIN is sealed, bound to the draft's id, and never shown again. `find`,
    `find_reseller`: what was typed to find an existing customer, and its reseller."""

    sealed_pin: str | None = None
    find: Raw = Field(default="", exclude_if=not_)
    find_reseller: Raw = Field(default="", exclude_if=not_)


class TypedSearch(Written):
    """A search as it was typed. `segments`: groups of digits, with spaces or commas between them."""

    count: Raw = ""
    prefix: Raw = ""
    grades: tuple[Raw, ...] = Field(default=(), max_length=5)
    grade_at_least: Raw = ""
    method: Raw = "next"
    segments: Raw = ""
    in_order: bool = False
    ends_with: Raw = ""
    pattern: Raw = ""
    aligned: Raw = ""
    pools: tuple[Raw, ...] = Field(default=(), max_length=3)
    customer_id: Raw = ""
    lowest: bool = False
    after: Raw = Field(default="", exclude_if=not_)


class DraftNumber(Frozen):
    """A number that was chosen, and until when it is held. Once that is over somebody else may take it."""

    e164: E164
    national: str = ""
    area: str = ""
    grade: Grade
    rule: str
    pool: Pool = "public"
    held_until: AwareDatetime


class DraftService(Frozen):
    """A service type with what was chosen for it: one service with all numbers, or one for each. `settings` hold for
    all numbers, `settings_by_number` are laid over them. `price_list_before`: the one that was chosen before this;
    `ticked`: numbers that were found, and were not added so far; `aside`: settings that are not there while others are
    as they are, as they were typed before that, also those of numbers."""

    key: Key
    service_type: Raw = ""
    price_list: Raw = ""
    price_list_before: Raw = Field(default="", exclude_if=not_)
    grouping: Literal["together", "each"] = "together"
    numbers: tuple[DraftNumber, ...] = ()
    search: TypedSearch | None = None
    ticked: tuple[E164, ...] = Field(default=(), exclude_if=not_)
    settings: Settings = Field(default_factory=dict)
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)
    begun: Settings = Field(default_factory=dict, exclude_if=not_)
    aside: Settings = Field(default_factory=dict, exclude_if=not_)
    aside_by_number: dict[E164, Settings] = Field(default_factory=dict, exclude_if=not_)


class DraftQuote(Frozen):
    """What billing quoted. `lines` says which lines it is for: once they are others, it is no quote for this draft.
    `before`: what the very same cost by the quote that ended before this one, if that was something else."""

    id: UUID
    quoted_at: AwareDatetime
    locked_until: AwareDatetime
    totals: tuple[Price, ...] = ()
    before: tuple[Price, ...] = Field(default=(), exclude_if=not_)
    lines: str


class SeenTerms(Frozen):
    """Terms by version and hash."""

    service_type: str
    version: str
    hash: str


class Agreement(Frozen):
    """That the terms were agreed to: which, when, by whom, from where."""

    terms: tuple[SeenTerms, ...]
    at: AwareDatetime
    by: str
    address: str = ""


class Waiver(Frozen):
    """A warning that was read and put aside, by whom and why."""

    code: str
    pointer: str
    reason: str
    by: str
    at: AwareDatetime


class DraftMail(Written):
    """A mail for when all is done, as it was typed. It is sent if it is `wanted`."""

    purpose: Raw = "service_created"
    kind: RecipientKind = "customer"
    name: Raw = ""
    email: Raw = ""
    wanted: bool = False
    subject: Raw = ""
    text: Long = ""
    html: bool = True
    attachments: tuple[AttachmentKind, ...] = Field(default=(), max_length=3)


class Document(Frozen):
    """All that was typed. `report_seen`, `findings_seen`: what the report held when it was last shown. `failed_orders`:
    those that were made from it and undone. `reasons`: why warnings may be so, by their fingerprints, as typed so far.
    `after`: where to go in the end; `tab`: where the operator was."""

    customer: DraftCustomer = DraftCustomer()
    only_customer: bool = False
    services: tuple[DraftService, ...] = Field(default=(), max_length=MOST_LINES)
    quote: DraftQuote | None = None
    agreement: Agreement | None = None
    waivers: tuple[Waiver, ...] = ()
    reasons: dict[str, Raw] = Field(default_factory=dict, exclude_if=not_)
    report_seen: tuple[str, ...] | None = None
    findings_seen: tuple[Finding, ...] = ()
    mails: tuple[DraftMail, ...] = Field(default=(), max_length=50)
    failed_orders: tuple[UUID, ...] = ()
    after: Raw = ""
    tab: Tab | Literal["start"] = "start"

    def service(self, key: str) -> DraftService | None:
        """The service of that key."""
        return next((service for service in self.services if service.key == key), None)

    def with_service(self, service: DraftService) -> "Document":
        """With this service in the place of the one of its key, or at the end."""
        if self.service(service.key) is None:
            return self.but(services=(*self.services, service))
        return self.but(services=tuple(service if s.key == service.key else s for s in self.services))

    def but(self, **changes: Any) -> "Document":
        """The same but for these fields."""
        return self.model_copy(update=changes)

    @property
    def ordered(self) -> tuple[DraftService, ...]:
        """The services that will be ordered."""
        return () if self.only_customer else self.services

    @property
    def numbers(self) -> tuple[E164, ...]:
        """All numbers that were chosen, of all services."""
        return tuple(number.e164 for service in self.services for number in service.numbers)


class Draft(NamedTuple):
    """A draft as it is stored. `version` counts what was changed; that a hold was put off, or where the operator is,
    does not count."""

    id: UUID
    reseller: Reseller
    version: int
    by: str
    document: Document
    state: State
    order_id: UUID | None
    created_at: AwareDatetime
    changed_at: AwareDatetime


NoteCode = Literal[
    "numbers_given_back",
    "customer_unset",
    "price_lists_unset",
    "taken_instead",
    "rows_taken",
    "bad_rows",
    "bad_row",
    "settings_left_out",
    "cut",
    "discarded",
]


class Note(NamedTuple):
    """What else a change did, for whoever made it: a code, and what it speaks of. Pages have a sentence for it."""

    code: NoteCode
    given: Mapping[str, str | int] = {}


class Changed(NamedTuple):
    """A draft after a change, and what else that did."""

    draft: Draft
    notes: tuple[Note, ...] = ()


_CHOSEN_OF_RESELLER = {"numbers": (), "settings_by_number": {}, "aside_by_number": {}, "price_list": ""}
_FOR_NO_RESELLER = {**_CHOSEN_OF_RESELLER, "search": None, "ticked": ()}
_KEPT_BY_RESELLER = {"quote": None, "agreement": None, "waivers": (), "report_seen": None, "findings_seen": ()}


def for_another_reseller(document: Document) -> tuple[Document, tuple[Note, ...]]:
    """The document without what belonged to the reseller that it was for, and what that was."""
    notes = []
    if document.numbers:
        notes.append(Note("numbers_given_back", {"count": len(document.numbers)}))
    if document.customer.id is not None:
        notes.append(Note("customer_unset"))
    if any(service.price_list for service in document.services):
        notes.append(Note("price_lists_unset"))
    services = tuple(service.model_copy(update=_FOR_NO_RESELLER) for service in document.services)
    customer = document.customer.model_copy(update={"id": None})
    return document.but(customer=customer, services=services, **_KEPT_BY_RESELLER), tuple(notes)


def most_reached(document: Document, more: int) -> bool:
    """Whether so many more numbers are more than an order may have."""
    return len(document.numbers) + more > MOST_NUMBERS
