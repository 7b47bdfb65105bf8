"""`python -m billing_service.seed`: the demo's price lists."""

import asyncio
from datetime import date
from decimal import Decimal

from billing_service.settings import settings
from patchbay_chassis.database import Database

LISTS = [
    ("standard-gbp", None, "Standard", "GBP", date(2026, 1, 1), Decimal(1)),
    ("standard-eur", None, "Standard, euro", "EUR", date(2026, 1, 1), Decimal("1.15")),
    ("future-gbp", None, "Next century's", "GBP", date(2099, 1, 1), Decimal(2)),
    ("wholesale-gbp", "acme", "Acme wholesale", "GBP", date(2026, 1, 1), Decimal("0.8")),
    ("borealis-gbp", "borealis", "Borealis", "GBP", date(2026, 1, 1), Decimal("0.9")),
]
SERVICES = {
    "voice-line": ("5.00", "8.50"),
    "sip-trunk": ("25.00", "14.00"),
    "hunt-group": ("10.00", "6.00"),
    "fax-to-email": ("0.00", "4.75"),
    "hosted-pbx": ("50.00", "32.00"),
}
GRADES = {
    "platinum": ("250.00", "10.00"),
    "gold": ("75.00", "5.00"),
    "silver": ("20.00", "2.50"),
    "bronze": ("5.00", "1.50"),
    "standard": ("0.00", "1.00"),
}

_LIST = """
    INSERT INTO price_list (id, reseller, name, currency, valid_from) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO NOTHING"""
_PRICE = """
    INSERT INTO price (price_list, service_type, grade, setup, monthly) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING"""


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    database = Database(settings().database, "billing-seed")
    async with database.transaction() as db:
        for id_, reseller, name, currency, valid_from, factor in LISTS:
            await db.execute(_LIST, id_, reseller, name, currency, valid_from)
            prices = [
                (id_, service_type, grade, Decimal(setup) * factor, Decimal(monthly) * factor)
                for service_type, own in SERVICES.items()
                for grade, (setup, monthly) in {"": own, **GRADES}.items()
            ]
            await db.executemany(_PRICE, prices)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
