"""`python -m provisioning_service.seed`: the demo's catalogue of service types."""

import asyncio

from patchbay_chassis.database import Database
from provisioning_service import catalogue_queries
from provisioning_service.catalogue import ALWAYS
from provisioning_service.seed_catalogue import ENTRIES
from provisioning_service.settings import settings


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    database = Database(settings().database, "provisioning-seed")
    async with database.transaction() as db:
        for id_, entry in ENTRIES.items():
            await catalogue_queries.publish_first(db, id_, entry, ALWAYS)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
