"""A prefix is read alike by the index and by the tables, whatever countries, trunk digits and lengths there are."""

import random

import pytest

from numbers_service.grading import DEFAULT
from numbers_service.index import BlockState, Index, PoolOf
from numbers_service.index import Wanted as Asked
from numbers_service.matching import FromTables, Wanted
from numbers_service.model import Criteria
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import Filter

POOLS = (PoolOf("public", ""), PoolOf("reseller", "acme"))
# Calling codes, of which none begins with another, and each country's trunk digit, that can be taken for each other.
HOMES = (("44", "0"), ("1", "1"), ("49", "0"), ("47", ""), ("370", "8"), ("86", "0"), ("81", "0"))
INSERT = "INSERT INTO block (first, last, country, trunk, area, pool, owner) VALUES ($1, $2, $3, $4, 'Here', $5, $6)"


class Inventory:
    """A few blocks of free numbers in the index and in the tables."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.index = chance, Index(DEFAULT)
        self.blocks: list[tuple[int, str, str, PoolOf]] = []
        for _ in range(6):
            country, trunk = chance.choice(HOMES)
            digits = country + "".join(chance.choice("0112") for _ in range(chance.choice((7, 9)) - len(country)))
            first, pool = int(digits) * 100, chance.choice(POOLS)
            if not any(first == there for there, *_ in self.blocks):
                self.blocks.append((first, country, trunk, pool))
                self.index.put(BlockState(first, first + 99, country, trunk, "Here", 1, {pool: [(first, first + 99)]}))

    async def write(self, db: Connection) -> None:
        await db.execute("DELETE FROM block")
        for first, country, trunk, pool in self.blocks:
            await db.execute(INSERT, first, first + 99, country, trunk, *pool)

    def prefix(self) -> str:
        """What somebody may write who has one of these numbers in mind, or none."""
        first, country, trunk, _ = self.chance.choice(self.blocks)
        digits = str(first + self.chance.randrange(100))
        national = digits[len(country) :]
        whole = self.chance.choice(("+" + digits, digits, trunk + national, national, "0" + national, "1" + national))
        return whole[: self.chance.randrange(1, len(whole) + 1)]


@pytest.mark.parametrize("seed", range(25))
async def test_the_index_and_the_tables_read_a_prefix_alike(db: Connection, seed: int) -> None:
    inventory = Inventory(random.Random(seed))
    await inventory.write(db)
    for prefix in (inventory.prefix() for _ in range(12)):
        for pool in POOLS:
            if prefix == "+":
                continue
            criteria = Criteria(*pool, Filter(prefix=prefix))
            (chosen,) = await FromTables().candidates(db, [Wanted(criteria, 1_000, 1_000)])
            found = inventory.index.search(Asked(prefix=criteria.filter.prefix, pools=[pool], count=1_000))
            assert chosen == found.numbers.tolist(), (prefix, pool, inventory.blocks)
