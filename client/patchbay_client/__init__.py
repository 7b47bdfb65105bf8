"""Patchbay for programs.

What can be asked is a value: `orders.place(...)` is a `Call`, which says what is sent and what comes back. A client
carries it out: `Client` waits for it, `AsyncClient` is awaited.

    with Client("https://patchbay.example", key) as patchbay:
        placed = patchbay(orders.place({"customer": ..., "lines": [...]}))
        order = patchbay(orders.show(placed["id"]))

A call that writes carries an Idempotency-Key of its own, so a client tries again what got no answer, and nothing is
done twice. The same `Call` given again, later or by another process, is the same: keep `call.key` for that.
"""

from patchbay_client import (
    accounts,
    batches,
    catalogue,
    customers,
    dead_letters,
    events,
    inventory,
    keys,
    mails,
    numbers,
    operations,
    orders,
    prices,
    quotes,
    service_types,
    services,
    webhooks,
)
from patchbay_client.calls import Call, Stream, Tagged, with_tag
from patchbay_client.clients import AsyncClient, Client
from patchbay_client.errors import Busy, NotAllowed, NotThere, PatchbayError, Refused, Unavailable

__all__ = [
    "AsyncClient",
    "Busy",
    "Call",
    "Client",
    "NotAllowed",
    "NotThere",
    "PatchbayError",
    "Refused",
    "Stream",
    "Tagged",
    "Unavailable",
    "accounts",
    "batches",
    "catalogue",
    "customers",
    "dead_letters",
    "events",
    "inventory",
    "keys",
    "mails",
    "numbers",
    "operations",
    "orders",
    "prices",
    "quotes",
    "service_types",
    "services",
    "webhooks",
    "with_tag",
]
