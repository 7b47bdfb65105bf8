"""Which tabs of a draft were begun: of what is missing where nothing was done yet, nobody is told."""

from gateway_service.draft import Document
from gateway_service.validity import Found
from patchbay_contracts.validity import Tab


def begun(document: Document, tab: Tab, key: str | None = None) -> bool:
    """Whether there is anything on that tab yet, of the service of that key if there is one."""
    customer, alone = document.customer, document.only_customer
    services = [one for one in document.services if key in (None, one.key)]
    return {
        "customer": customer != type(customer)(),
        "service": alone or any(one.service_type for one in services),
        "numbers": alone or any(one.numbers for one in services),
        "settings": alone or any(one.settings != one.begun or one.settings_by_number for one in services),
        "billing": alone or any(one.price_list for one in services),
        "creation": document.agreement is not None or document.report_seen is not None,
        "notifications": bool(document.mails),
    }[tab]


def timely(document: Document, found: Found) -> bool:
    """Whether one is told on the tab: of what is missing where nothing was begun, or of a customer who has to be found
    first, not before the report said so."""
    begins = found.finding.code != "draft.no_customer" and begun(document, found.finding.tab, found.service)
    return begins or begun(document, "creation")
