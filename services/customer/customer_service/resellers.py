"""`python -m customer_service.resellers add cedar "Cedar Comms" orders@cedar.example --parent acme`: adds a reseller.

The same id again gets that name, address and parent. A reseller below another sees what is its own alone; keys of the
upper one that have the scope `resellers` may act for it.
"""

import argparse
import asyncio

from pydantic import ValidationError

from customer_service import reseller_queries
from customer_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_contracts.customers import ResellerRecord


async def add(id_: str, name: str, email: str, parent: str | None) -> None:
    """Add or change it. Raises SystemExit with what is wrong."""
    try:
        record = ResellerRecord(id=id_, name=name, email=email, state="active", parent=parent)
    except ValidationError as error:
        raise SystemExit("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from None
    database = Database(settings().database, "customer-resellers")
    try:
        async with database.transaction() as db:
            if parent is not None and not await reseller_queries.may_be_above(db, parent, id_):
                raise SystemExit(f"parent: there is no reseller {parent}, or it is itself below {id_}")
            await reseller_queries.add(db, record)
    finally:
        await database.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m customer_service.resellers", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("add", help="add a reseller, or change it")
    for name in ("id", "name", "email"):
        one.add_argument(name)
    one.add_argument("--parent", help="the id of the reseller that it is below")
    given = parser.parse_args()
    asyncio.run(add(given.id, given.name, given.email, given.parent))


if __name__ == "__main__":
    main()
