"""`python -m numbers_service.seed`: the demo's blocks, in every pool."""

import asyncio

from sqlalchemy import text

from numbers_service.settings import settings
from patchbay_chassis.database import connect

BLOCKS = [
    (441214960000, 1_000, "Birmingham", "public", ""),
    (441217370000, 10_000, "Birmingham", "public", ""),
    (442079460000, 1_000, "London", "public", ""),
    (441614960000, 1_000, "Manchester", "public", ""),
    (441314960000, 1_000, "Edinburgh", "reseller", "acme"),
    (441414960000, 1_000, "Glasgow", "reseller", "borealis"),
    (441134960000, 100, "Leeds", "customer", "00000000-0000-7000-8000-000000000001"),
]

_INSERT = text(
    "INSERT INTO block (first, last, country, trunk, area, pool, owner)"
    " VALUES (:first, :last, '44', '0', :area, :pool, :owner) ON CONFLICT (first) DO NOTHING"
)


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    engine = connect(settings().database, "numbers-seed")
    async with engine.begin() as db:
        for first, size, area, pool, owner in BLOCKS:
            values = {"first": first, "last": first + size - 1, "area": area, "pool": pool, "owner": owner}
            await db.execute(_INSERT, values)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
