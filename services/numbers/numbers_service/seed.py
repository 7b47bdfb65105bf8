"""`python -m numbers_service.seed`: the demo's blocks, in every pool."""

import asyncio

from numbers_service.settings import settings
from patchbay_chassis.database import Database

Block = tuple[int, int, str, str, str]

NAMED: list[Block] = [
    (441214960000, 1_000, "Birmingham", "public", ""),
    (441217370000, 10_000, "Birmingham", "public", ""),
    (442079460000, 1_000, "London", "public", ""),
    (442079470000, 10_000, "London", "public", ""),
    (441614960000, 1_000, "Manchester", "public", ""),
    (441172300000, 10_000, "Bristol", "reseller", "acme"),
    (441172310000, 10_000, "Bristol", "reseller", "acme"),
    (441314960000, 1_000, "Edinburgh", "reseller", "acme"),
    (441414960000, 1_000, "Glasgow", "reseller", "borealis"),
    (441134960000, 100, "Leeds", "customer", "acme/00000000-0000-7000-8000-000000000001"),
    (441134970000, 1_000, "Leeds", "customer", "acme/00000000-0000-7000-8000-000000000001"),
    (441134980000, 1_000, "Leeds", "customer", "acme/00000000-0000-7000-8000-000000000002"),
]
AREAS = {"Leeds": (441132200000, 12), "Birmingham": (441217400000, 15), "Edinburgh": (441315500000, 6),
         "Manchester": (441612200000, 9), "London": (442071000000, 15)}  # fmt: skip
"""Where an area's row of blocks begins, and how many there are: enough for many runs of the demo."""

BLOCKS: list[Block] = NAMED + [
    (first + at * 10_000, 10_000, area, "public", "") for area, (first, many) in AREAS.items() for at in range(many)
]

_INSERT = """
    INSERT INTO block (first, last, country, trunk, area, pool, owner) VALUES ($1, $2, '44', '0', $3, $4, $5)
    ON CONFLICT (first) DO NOTHING"""


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    database = Database(settings().database, "numbers-seed")
    async with database.transaction() as db:
        await db.executemany(
            _INSERT, [(first, first + size - 1, area, pool, owner) for first, size, area, pool, owner in BLOCKS]
        )
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
