"""Shapes of what is read of customers, services, numbers, quotes, mails and of what is sold; and what lists are asked
for. Answers may have more: new fields can come any time."""

from typing import Any, Literal, NotRequired, TypedDict

ServiceState = Literal["planned", "active", "suspended", "ended", "refused", "withdrawn"]


class Since(TypedDict, total=False):
    """Times with their zone, such as 2026-06-01T00:00:00Z."""

    created_from: str
    created_before: str


class OrderFilters(Since, total=False):
    """What orders have. `customer`: words of its name, its e-mail address, your reference of it, or its id; `number`:
    one that they want or brought, or how one begins; `service_type`: what a line asks for; `starts_from` and
    `starts_before`: when those begin that were to wait."""

    reference: str
    customer_id: str
    customer: str
    number: str
    service_type: str
    starts_from: str
    starts_before: str


class CustomerFilters(Since, total=False):
    """`text`: beginnings of words of the name, an e-mail address, or your reference."""

    text: str
    state: Literal["active", "blocked"]


class ServiceFilters(Since, total=False):
    """`customer`: words of its name, its e-mail address, your reference of it, or its id; `number`: one of its numbers,
    or how one begins."""

    customer_id: str
    customer: str
    order_id: str
    service_type: str
    state: ServiceState
    number: str


class NumberFilters(TypedDict, total=False):
    """In service (`assigned`), which is so without a `state`, or `held` for a draft or basket."""

    state: Literal["assigned", "held"]
    number: str
    service_id: str
    customer_id: str
    grade: str
    pool: str


class QuoteFilters(Since, total=False):
    """`owner_id`: the draft or customer that it is for; `order_id`: the order that used it."""

    state: Literal["open", "used", "ended"]
    owner_id: str
    customer_id: str
    order_id: str
    price_list: str


class MailFilters(Since, total=False):
    """`order_id`: the order that it is about; `kind`: whose mail it is."""

    order_id: str
    customer_id: str
    recipient: str
    state: str
    kind: str
    purpose: str


class SoldFilters(TypedDict, total=False):
    """`text`: beginnings of words; `on`: a day, such as 2026-12-01, otherwise today."""

    text: str
    on: str


class PriceListFilters(SoldFilters, total=False):
    """`service_type`: those that price it."""

    service_type: str
    currency: str


class CustomerSummary(TypedDict):
    """A customer in a list."""

    id: str
    name: str
    email: str
    phone: str | None
    reference: str | None
    state: Literal["active", "blocked"]
    created_at: str


class Customer(CustomerSummary):
    """A customer. A change of it is made from its `version`. `order_id`: the order that made it."""

    version: int
    address: dict[str, Any] | None
    contacts: list[dict[str, Any]]
    order_id: NotRequired[str | None]


class CustomerPage(TypedDict):
    """The newest first. `next`: for the page after this one; null on the last."""

    customers: list[CustomerSummary]
    next: str | None


class ServiceSummary(TypedDict):
    """A service in a list, with the first of its numbers."""

    id: str
    version: int
    customer_id: str
    order_id: str
    service_type: str
    price_list: str
    state: ServiceState
    numbers: list[str]
    many_numbers: int
    created_at: str


class ServicePage(TypedDict):
    """The newest first; with `number` in the order of the numbers."""

    services: list[ServiceSummary]
    next: str | None


class Number(TypedDict):
    """A number that is in service, or held until a time."""

    e164: str
    state: Literal["assigned", "held"]
    service_id: str | None
    customer_id: str | None
    held_until: str | None


class NumberPage(TypedDict):
    """In their order."""

    numbers: list[Number]
    next: str | None


class QuoteSummary(TypedDict):
    """A quote in a list. `used_by`: the order that was charged by it."""

    id: str
    state: Literal["open", "used", "ended"]
    quoted_at: str
    locked_until: str
    used_by: str | None


class QuotePage(TypedDict):
    """The newest first."""

    quotes: list[QuoteSummary]
    next: str | None


class Mail(TypedDict):
    """A mail in a list: `order_id`, `purpose` and `recipient` name it."""

    order_id: str
    recipient: str
    purpose: str
    subject: str
    state: str
    tries: int
    asked_at: str


class MailPage(TypedDict):
    """The newest first."""

    mails: list[Mail]
    next: str | None


class SoldPage(TypedDict):
    """What is sold, by `service_type`."""

    service_types: list[dict[str, Any]]
    next: str | None


class PriceListPage(TypedDict):
    """What can be bought by, by `price_list`."""

    price_lists: list[dict[str, Any]]
    next: str | None


class Asked(TypedDict):
    """What an order was asked to be; how it stands is with the order."""

    id: str
    state: str
    links: NotRequired[dict[str, str]]
