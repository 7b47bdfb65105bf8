"""What a draft orders: its services, or only a customer account."""

from collections.abc import Sequence
from uuid import UUID

from gateway_service import drafts
from gateway_service.draft import Author, Document, Draft, DraftService
from gateway_service.draft_settings import of_type
from gateway_service.drafts import Desk
from patchbay_chassis.problems import invalid_at
from patchbay_contracts.catalogue import Setting
from patchbay_contracts.order import MOST_LINES
from patchbay_contracts.words import E164


async def only_customer(desk: Desk, author: Author, id_: UUID, version: int, only: bool) -> Draft:
    """Only Create a Customer Account, or services as well. Those that were chosen stay, for who changes their mind."""
    return await drafts.change(desk, author, id_, version, lambda was: was.document.but(only_customer=only))


async def put_service(
    desk: Desk,
    author: Author,
    id_: UUID,
    version: int,
    key: str,
    *,
    service_type: str | None = None,
    grouping: str | None = None,
    price_list: str | None = None,
    settings: Sequence[Setting] | None = None,
) -> Draft:
    """Add a service under a key of the caller's choice, or change the one of that key; what is None stays. A new one
    has the price list of the one before it. `settings`: those of its type, for whom it begins with their defaults."""

    def to(was: Draft) -> Document:
        document = was.document
        service = document.service(key)
        if service is None:
            if len(document.services) >= MOST_LINES:
                raise invalid_at("/key", f"{MOST_LINES} services are as many as an order has", "begin another draft")
            last = document.services[-1].price_list if document.services else ""
            service = DraftService(key=key, price_list=last)
        given = {"service_type": service_type, "grouping": grouping, "price_list": price_list}
        was_type = service.service_type
        service = service.model_copy(update={name: value for name, value in given.items() if value is not None})
        if settings is not None and service.service_type != was_type:
            service = of_type(service, settings)
        return document.with_service(service).but(only_customer=False)

    return await drafts.change(desk, author, id_, version, to)


async def remove_service(desk: Desk, author: Author, id_: UUID, version: int, key: str) -> Draft:
    """Take a service out, and give its numbers back."""
    numbers = list[E164]()

    def to(was: Draft) -> Document:
        gone = was.document.service(key)
        numbers[:] = [number.e164 for number in gone.numbers] if gone else []
        return was.document.but(services=tuple(s for s in was.document.services if s.key != key))

    changed = await drafts.change(desk, author, id_, version, to)
    if numbers:
        await drafts.give_back(desk, changed.reseller, id_, numbers)
    return changed
