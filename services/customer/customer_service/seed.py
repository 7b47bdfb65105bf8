"""`python -m customer_service.seed`: the demo's resellers and their existing customers."""

import asyncio
import json
from uuid import UUID

from sqlalchemy import text

from customer_service.pins import keyed_hash
from customer_service.settings import settings
from patchbay_chassis.database import connect

RESELLERS = [
    {"id": "acme", "name": "Acme Telecom", "email": "orders@acme.example", "state": "active"},
    {"id": "borealis", "name": "Borealis Voice", "email": "orders@borealis.example", "state": "active"},
    {"id": "closed", "name": "Closed Ltd", "email": "orders@closed.example", "state": "blocked"},
]
OF_ACME = [UUID(f"00000000-0000-7000-8000-0000000000{n:02}") for n in range(1, 41)]
OF_BOREALIS = [UUID(f"00000000-0000-7000-8000-0000000001{n:02}") for n in range(1, 6)]
BLOCKED = OF_ACME[18]
TRADES = ("Bakery", "Dental Care", "Garage", "Joinery", "Law", "Logistics", "Optics", "Print", "Stores", "Travel")
PLACES = ("Harbour", "Station", "Mill Lane", "Castle", "Riverside")

_RESELLER = text(
    "INSERT INTO reseller (id, name, email, state) VALUES (:id, :name, :email, :state) ON CONFLICT DO NOTHING"
)
_CUSTOMER = text(
    "INSERT INTO customer (id, reseller, name, email, pin_hash, state, others)"
    " VALUES (:id, :reseller, :name, :email, :pin_hash, :state, :others) ON CONFLICT DO NOTHING"
)


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    pepper = settings().pin_pepper.get_secret_value()
    engine = connect(settings().database, "customer-seed")
    async with engine.begin() as db:
        await db.execute(_RESELLER, RESELLERS)
        customers = [("acme", id_) for id_ in OF_ACME] + [("borealis", id_) for id_ in OF_BOREALIS]
        await db.execute(_CUSTOMER, [_row(reseller, id_, pepper) for reseller, id_ in customers])
    await engine.dispose()


def _row(reseller: str, id_: UUID, pepper: str) -> dict[str, object]:
    """A customer with a PIN of 4711; every third has somebody beside it who can be notified."""
    number = int(id_.hex[-2:])
    domain = f"{reseller}-customer.example"
    desk = {"kind": "contact", "name": "Front desk", "email": f"desk{number:02}@{domain}"}
    return {
        "id": id_,
        "reseller": reseller,
        "name": f"{PLACES[number // 10 % 5]} {TRADES[number % 10]} Ltd",
        "email": f"office{number:02}@{domain}",
        "pin_hash": keyed_hash("4711", id_, pepper),
        "state": "blocked" if id_ == BLOCKED else "active",
        "others": json.dumps([desk] if number % 3 == 0 else []),
    }


if __name__ == "__main__":
    asyncio.run(main())
