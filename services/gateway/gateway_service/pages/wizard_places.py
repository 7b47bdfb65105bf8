"""Where what is said of a draft leads to: the tab, which part of it, and a field that is there."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway_service.draft import Document, Draft, DraftService
from gateway_service.pages.settings_form import at_fields
from gateway_service.pages.settings_form import fields as of_settings
from gateway_service.quoting import lines_of
from patchbay_contracts.catalogue import Product, Setting, shown
from patchbay_contracts.validity import Tab
from patchbay_contracts.words import E164

A_PAGE = 10
"""So many numbers' settings are on one page of the Settings tab."""
ADDRESS_LINES = 3
"""So many lines of an address are shown at the least."""
_OF_CUSTOMER = ("name", "email", "pin", "phone", "reference", "city", "postcode", "country", "reseller")


class Place(NamedTuple):
    """A field of the wizard by its id, on a tab that is asked for with this query; no id where the tab has no field for
    it."""

    tab: Tab
    query: Mapping[str, str]
    id: str

    @property
    def go(self) -> str:
        """What the button says that leads there."""
        return ":".join((self.tab, self.query.get("service", ""), self.query.get("first", ""), self.id))


def field(document: Document, pointer: str) -> str:
    """What a pointer into the draft is called among fields: `/customer/email` is `email`, `/mails/0/subject` is
    `mails-0-subject`. Billing speaks of the lines that can be priced, fields of services."""
    parts = pointer.removeprefix("/customer").split("/")[1:]
    if parts[:1] == ["lines"] and len(parts) > 1:
        keys, places = lines_of(document).keys, {one.key: at for at, one in enumerate(document.services)}
        at = int(parts[1]) if parts[1].isdecimal() else len(keys)
        parts[:2] = ["services", str(places[keys[at]])] if at < len(keys) else parts[:2]
    return "-".join(parts).replace("~1", "/").replace("~0", "~")


def place(document: Document, product: Product | None, tab: Tab, pointer: str) -> Place:
    """Where a finding of the report leads. `product`: what is known of the type of the service that it is about."""
    at, service = _service(document, pointer)
    if tab == "settings" and pointer == "/services":
        tab = "service"
    if tab in {"numbers", "settings"} and service is None:
        at, service = 0, next(iter(document.services), None)
    query = {"service": service.key} if service is not None and tab in {"service", "numbers", "settings"} else {}
    there: Sequence[str] = ()
    if tab == "customer":
        there = customer_fields(document)
    elif tab == "service":
        there = ("services",)
    elif tab == "creation":
        there = ("agreement",)
    elif tab == "notifications":
        there = [f"mails-{n}-{one}" for n in range(len(document.mails)) for one in ("recipient", "subject", "text")]
    elif tab == "billing" and document.ordered:
        there = (f"services-{at}-price_list" if service is not None else "quote",)
    elif tab == "numbers" and service is not None:
        section = f"services-{at}-numbers"
        there = (section, *(f"{section}-{row}" for row in range(len(service.numbers))))
    elif tab == "settings" and service is not None:
        first = _page_of(service, _number_of(pointer))
        query |= {"first": str(first)} if first else {}
        there = settings_fields(service, at, product.settings if product else (), first)
    return Place(tab, query, _nearest(field(document, pointer), there) if pointer else "")


def customer_fields(document: Document) -> Sequence[str]:
    """The fields of the Customer tab as long as no customer was looked for."""
    customer = document.customer
    if customer.kind == "existing":
        return ("find", "reseller")
    lines = [f"address_lines-{at}" for at in range(max(ADDRESS_LINES, len(customer.address_lines)))]
    contacts = range(len(customer.contacts) + 1)
    return (*_OF_CUSTOMER, *lines, *(f"contacts-{at}-{one}" for at in contacts for one in ("kind", "name", "email")))


def settings_fields(service: DraftService, at: int, settings: tuple[Setting, ...], first: int) -> tuple[str, ...]:
    """The fields of the Settings tab, of a service at that place, with the numbers from the first one on."""
    found = of_settings(shown(settings, service.settings), prefix(at))
    for number in service.numbers[first : first + A_PAGE]:
        given = service.settings | service.settings_by_number.get(number.e164, {})
        found += of_settings(shown(settings, given), prefix(at, number.e164))
    return found


def at_settings(
    draft: Draft, service: DraftService, settings: tuple[Setting, ...], first: int, errors: Mapping[str, str]
) -> dict[str, str]:
    """Errors by the field of the Settings tab that shows them, with the numbers from the first one on; those of a
    number on another page by the way to the field there, behind a slash."""
    at = draft.document.services.index(next(one for one in draft.document.services if one.key == service.key))
    names, begins = settings_fields(service, at, settings, first), f"services-{at}-settings_by_number-+"
    found = dict[str, str]()
    for id_, message in at_fields(errors, names).items():
        place_of = id_
        if id_ not in names and id_.startswith(begins):
            page = _page_of(service, id_.removeprefix(begins).partition("-")[0])
            there = settings_fields(service, at, settings, page)
            query = {"service": service.key, "first": str(page)}
            place_of = f"/{Place('settings', query, _nearest(id_, there)).go}"
        found.setdefault(place_of, message)
    return found


def keys(document: Document) -> Mapping[E164, str]:
    """By each chosen number, the key of its service."""
    return {number.e164: service.key for service in document.services for number in service.numbers}


def prefix(at: int, number: E164 | None = None) -> str:
    """What the names of settings' fields begin with; they are the ids to which findings lead."""
    return f"services-{at}-settings-" if number is None else f"services-{at}-settings_by_number-+{number}-"


def _nearest(id_: str, there: Sequence[str]) -> str:
    """The first one for what has no field of its own."""
    (found,) = at_fields({id_: ""}, there)
    return found if found in there else next(iter(there), "")


def _service(document: Document, pointer: str) -> tuple[int, DraftService | None]:
    parts = pointer.split("/")
    at = int(parts[2]) if parts[1:2] == ["services"] and len(parts) > 2 and parts[2].isdecimal() else -1
    return at, document.services[at] if 0 <= at < len(document.services) else None


def _page_of(service: DraftService, number: str) -> int:
    """The first number of the page that shows the settings of this one; of the first page for one that is not there."""
    at = next((at for at, one in enumerate(service.numbers) if str(one.e164) == number), 0)
    return at - at % A_PAGE


def _number_of(pointer: str) -> str:
    """The number whose settings the pointer leads into; nothing for any other."""
    parts = pointer.split("/")
    return parts[4].removeprefix("+") if parts[3:4] == ["settings_by_number"] and len(parts) > 4 else ""
