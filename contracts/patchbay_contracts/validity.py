"""The validity report: what the gateway asks each owner about a draft or an order, and what each finds.

The owners' rules are those that guard the order in the saga; so what the report calls an error would be refused there.
"""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from patchbay_contracts.message import Frozen
from patchbay_contracts.order import AcceptedTerms, Numbers
from patchbay_contracts.words import E164, Code, Grade, Reseller, Settings

Severity = Literal["error", "warning", "info"]
Tab = Literal["customer", "service", "numbers", "settings", "billing", "creation", "notifications"]
MOST_CHECKED = 500
"""Orders in one question."""
MOST_CHECKED_BYTES = 16 * 1024 * 1024
Raw = Annotated[str, StringConstraints(max_length=2_000)]
"""As it was typed: whether it will do is what is asked."""


class Finding(Frozen):
    """One thing that was found. `pointer` (RFC 6901) leads into the `ValidityQuery`; `about` are things that it speaks
    of, such as the customers that a new one resembles."""

    code: Code
    severity: Severity
    tab: Tab
    pointer: str
    message: str
    remedy: str
    about: tuple[UUID, ...] = Field(default=(), exclude_if=not_)


class Findings(Frozen):
    """What an owner found, in the order of the tabs' fields; nothing if all is well."""

    findings: tuple[Finding, ...] = ()


class CheckedContact(Frozen):
    """A contact or supplier as it was typed."""

    kind: Raw = "contact"
    name: Raw = ""
    email: Raw = ""


class CheckedCustomer(Frozen):
    """The customer as it stands: an existing one by its `id`, or a new one as it was typed. `sealed_pin` is bound to
    the query's `held_by`."""

    id: UUID | None = None
    name: Raw = ""
    email: Raw = ""
    sealed_pin: str | None = None
    phone: Raw = ""
    reference: Raw = ""
    address_lines: tuple[Raw, ...] = ()
    city: Raw = ""
    postcode: Raw = ""
    country: Raw = ""
    contacts: tuple[CheckedContact, ...] = ()


class CheckedLine(Frozen):
    """A line as it stands. `numbers` are those that were chosen, all of them held for `held_by` when they were;
    `grades` their grades, as far as they are known. An order may ask for any numbers that match instead: `wanted` says
    which and how many, `given` the grades of those that it would get."""

    service_type: Raw = ""
    price_list: Raw = ""
    grouping: Literal["together", "each"] = "together"
    numbers: tuple[E164, ...] = ()
    grades: dict[E164, Grade] = Field(default_factory=dict, exclude_if=not_)
    settings: Settings = Field(default_factory=dict)
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)
    wanted: Numbers | None = Field(default=None, exclude_if=not_)
    given: dict[Grade, int] = Field(default_factory=dict, exclude_if=not_)

    @property
    def many(self) -> int:
        """How many numbers the line would have."""
        return len(self.numbers) or (self.wanted.count if self.wanted is not None else 0)


class CheckedMail(Frozen):
    """A mail that is to be sent when all is done."""

    recipient: Raw = ""
    subject: Raw = ""


class ValidityQuery(Frozen):
    """A draft as it stands, asked of every owner at once. Of an order also the `terms` that were agreed to, and the day
    by which it is judged, on which it `begins`: today, if none is named. `starts`: at which time, if it is to wait."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    held_by: UUID
    customer: CheckedCustomer | None = None
    lines: tuple[CheckedLine, ...] = ()
    quote: UUID | None = None
    mails: tuple[CheckedMail, ...] = ()
    terms: tuple[AcceptedTerms, ...] = Field(default=(), exclude_if=not_)
    begins: date | None = Field(default=None, exclude_if=lambda day: day is None)
    starts: AwareDatetime | None = Field(default=None, exclude_if=lambda at: at is None)


class ValidityQueries(Frozen):
    """Many orders at once, each looked at as if it were alone. Customers with nearly the same name are not looked for:
    that is a question for one order at a time."""

    model_config = ConfigDict(extra="forbid")

    queries: tuple[ValidityQuery, ...] = Field(max_length=MOST_CHECKED)


class ManyFindings(Frozen):
    """What was found about each, in the order in which they were asked."""

    answers: tuple[Findings, ...]
