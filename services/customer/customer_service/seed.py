"""`python -m customer_service.seed`: the demo's resellers and their existing customers."""

import asyncio
import json
from uuid import UUID

from customer_service.names import SEPARATOR, lexemes
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
TOWNS = (("Birmingham", "B4 6GA", "0121"), ("Leeds", "LS1 4AP", "0113"), ("Bristol", "BS1 5TR", "0117"))
PEOPLE = ("Amara Okafor", "Ben Whitlock", "Chloe Marsh", "Dev Patel", "Erin Kavanagh", "Farid Haddad", "Gwen Price")

_RESELLER = "INSERT INTO reseller (id, name, email, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_CUSTOMER = """
    INSERT INTO customer (id, reseller, name, email, pin_hash, state, others, phone, reference, address, words)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, array_to_tsvector(string_to_array($11, E'\\x1f')))
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
    """A customer with a PIN of 4711; every third has somebody beside it who can be notified, every fifth a supplier."""
    number = int(id_.hex[-2:])
    domain = f"{reseller}-customer.example"
    name, email = f"{PLACES[number // 10 % 5]} {TRADES[number % 10]} Ltd", f"office{number:02}@{domain}"
    town, postcode, area = TOWNS[number % 3]
    reference = f"{reseller[:2].upper()}-{1000 + number}"
    address = {"lines": [f"{number} {PLACES[number // 10 % 5]} Road"], "city": town, "postcode": postcode}
    return (
        id_,
        reseller,
        name,
        email,
        keyed_hash("4711", id_, pepper),
        "blocked" if id_ == BLOCKED else "active",
        json.dumps(_others(number, domain)),
        f"{area} 496 0{100 + number}",
        reference,
        json.dumps(address | {"country": "GB"}),
        SEPARATOR.join(lexemes(reseller, name, email, reference)),
    )


def _others(number: int, domain: str) -> list[dict[str, str]]:
    others = []
    if number % 3 == 0:
        others.append({"kind": "contact", "name": "Front desk", "email": f"desk{number:02}@{domain}"})
    if number % 4 == 1:
        person = PEOPLE[number % len(PEOPLE)]
        address = f"{person.partition(' ')[0].lower()}{number:02}@{domain}"
        others.append({"kind": "contact", "name": person, "email": address})
    if number % 5 == 0:
        others.append({"kind": "supplier", "name": "Cables and More", "email": "orders@cables.example"})
    return others


if __name__ == "__main__":
    asyncio.run(main())
