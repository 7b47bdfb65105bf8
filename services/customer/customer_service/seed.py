"""`python -m customer_service.seed`: the demo's resellers and their existing customers."""

import asyncio
import json
from uuid import UUID

from customer_service.pins import keyed_hash
from customer_service.settings import settings
from patchbay_chassis.database import Database

RESELLERS = [
    ("acme", "Acme Telecom", "orders@acme.example", "active"),
    ("borealis", "Borealis Voice", "orders@borealis.example", "active"),
    ("closed", "Closed Ltd", "orders@closed.example", "blocked"),
]
OF_ACME = [UUID(f"00000000-0000-7000-8000-0000000000{n:02}") for n in range(1, 41)]
OF_BOREALIS = [UUID(f"00000000-0000-7000-8000-0000000001{n:02}") for n in range(1, 6)]
BLOCKED = OF_ACME[18]
TRADES = ("Bakery", "Dental Care", "Garage", "Joinery", "Law", "Logistics", "Optics", "Print", "Stores", "Travel")
PLACES = ("Harbour", "Station", "Mill Lane", "Castle", "Riverside")

_RESELLER = "INSERT INTO reseller (id, name, email, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_CUSTOMER = """
    INSERT INTO customer (id, reseller, name, email, pin_hash, state, others) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING"""


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    pepper = settings().pin_pepper.get_secret_value()
    database = Database(settings().database, "customer-seed")
    async with database.transaction() as db:
        await db.executemany(_RESELLER, RESELLERS)
        customers = [("acme", id_) for id_ in OF_ACME] + [("borealis", id_) for id_ in OF_BOREALIS]
        await db.executemany(_CUSTOMER, [_row(reseller, id_, pepper) for reseller, id_ in customers])
    await database.close()


def _row(reseller: str, id_: UUID, pepper: str) -> tuple[object, ...]:
    """A customer with a PIN of 4711; every third has somebody beside it who can be notified."""
    number = int(id_.hex[-2:])
    domain = f"{reseller}-customer.example"
    desk = {"kind": "contact", "name": "Front desk", "email": f"desk{number:02}@{domain}"}
    return (
        id_,
        reseller,
        f"{PLACES[number // 10 % 5]} {TRADES[number % 10]} Ltd",
        f"office{number:02}@{domain}",
        keyed_hash("4711", id_, pepper),
        "blocked" if id_ == BLOCKED else "active",
        json.dumps([desk] if number % 3 == 0 else []),
    )


if __name__ == "__main__":
    asyncio.run(main())
