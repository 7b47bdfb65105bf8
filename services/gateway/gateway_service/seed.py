"""`python -m gateway_service.seed`: the API keys that PATCHBAY_API_KEY and PATCHBAY_API_KEY_2 hold, by hash."""

import asyncio
import os

from gateway_service import queries
from gateway_service.keys import hashed
from patchbay_chassis.database import Database
from patchbay_chassis.settings import ServiceSettings

RESELLERS = {"PATCHBAY_API_KEY": "acme", "PATCHBAY_API_KEY_2": "borealis"}


async def main() -> None:
    """Let the keys in that the environment names."""
    database = Database(ServiceSettings().database, "gateway-seed")
    async with database.transaction() as db:
        for variable, reseller in RESELLERS.items():
            if key := os.environ.get(variable):
                await queries.add_key(db, hashed(key), reseller, "demo")
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
