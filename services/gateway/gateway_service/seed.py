"""`python -m gateway_service.seed`: the API keys that the environment holds, by hash."""

import asyncio
import os
from typing import get_args

from gateway_service import queries
from gateway_service.keys import Scope, hashed
from patchbay_chassis.database import Database
from patchbay_chassis.settings import ServiceSettings

KEYS = {
    "PATCHBAY_API_KEY": ("acme", "demo", ("orders", "numbers")),
    "PATCHBAY_API_KEY_2": ("borealis", "demo", ("orders", "numbers")),
    "PATCHBAY_INVENTORY_KEY": ("acme", "inventory manager", get_args(Scope)),
}
"""Whose each is, its name and its scopes."""


async def main() -> None:
    """Let the keys in that the environment names."""
    database = Database(ServiceSettings().database, "gateway-seed")
    async with database.transaction() as db:
        for variable, (reseller, name, scopes) in KEYS.items():
            if key := os.environ.get(variable):
                await queries.add_key(db, hashed(key), reseller, name, scopes)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
