"""`python -m billing_service.seed`: the demo's price lists."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing_service.settings import settings
from patchbay_chassis.database import Database

VAT, MWST, NONE = "plus 20 % VAT", "plus 19 % VAT", "no VAT is charged"
LISTS = [
    ("standard-gbp", None, "Standard", "GBP", VAT, date(2026, 1, 1), None, Decimal(1)),
    ("standard-eur", None, "Standard, euro", "EUR", MWST, date(2026, 1, 1), None, Decimal("1.15")),
    ("future-gbp", None, "Next century's", "GBP", VAT, date(2099, 1, 1), None, Decimal(2)),
    ("launch-gbp", None, "Launch offer", "GBP", VAT, date(2025, 1, 1), date(2025, 12, 31), Decimal("0.5")),
    ("charity-gbp", None, "Charities", "GBP", NONE, date(2026, 1, 1), None, Decimal("0.7")),
    ("wholesale-gbp", "acme", "Acme wholesale", "GBP", VAT, date(2026, 1, 1), None, Decimal("0.8")),
    ("borealis-gbp", "borealis", "Borealis", "GBP", VAT, date(2026, 1, 1), None, Decimal("0.9")),
]
NOTICE = timedelta(days=60)
"""A coming version begins so long after the seed was first planted."""
SERVICES = {
    "voice-line": ("5.00", "8.50"),
    "sip-trunk": ("25.00", "14.00"),
    "hunt-group": ("10.00", "6.00"),
    "fax-to-email": ("0.00", "4.75"),
    "hosted-pbx": ("50.00", "32.00"),
    "conference-bridge": ("15.00", "12.00"),
}
GRADES = {
    "platinum": ("250.00", "10.00"),
    "gold": ("75.00", "5.00"),
    "silver": ("20.00", "2.50"),
    "bronze": ("5.00", "1.50"),
    "standard": ("0.00", "1.00"),
}

_LIST = """
    INSERT INTO price_list (id, version, reseller, name, currency, tax_note, state, revision, valid_from, valid_to,
                            changed_at, changed_by, why)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, now(), 'seed', $10) ON CONFLICT DO NOTHING"""
_PRICE = """
    INSERT INTO price (price_list, version, service_type, grade, setup, monthly) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING"""


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    database = Database(settings().database, "billing-seed")
    async with database.transaction() as db:
        for id_, reseller, name, currency, tax_note, valid_from, valid_to, factor in LISTS:
            head = (reseller, name, currency, tax_note)
            await db.execute(_LIST, id_, 1, *head, "published", valid_from, valid_to, "the demo's prices")
            await db.executemany(_PRICE, _prices(id_, 1, factor))
        begins = datetime.now(UTC).date() + NOTICE
        coming = (None, "Standard, euro", "EUR", MWST, "published", begins, None, "the yearly increase")
        await db.execute(_LIST, "standard-eur", 2, *coming)
        await db.executemany(_PRICE, _prices("standard-eur", 2, Decimal("1.20")))
        draft = (None, "Standard", "GBP", VAT, "draft", None, None, "the yearly increase, to be agreed")
        await db.execute(_LIST, "standard-gbp", 2, *draft)
        await db.executemany(_PRICE, _prices("standard-gbp", 2, Decimal("1.05")))
    await database.close()


def _prices(id_: str, version: int, factor: Decimal) -> list[tuple[str, int, str, str, Decimal, Decimal]]:
    return [
        (id_, version, service_type, grade, Decimal(setup) * factor, Decimal(monthly) * factor)
        for service_type, own in SERVICES.items()
        for grade, (setup, monthly) in {"": own, **GRADES}.items()
    ]


if __name__ == "__main__":
    asyncio.run(main())
