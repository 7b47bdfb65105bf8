"""`python -m gateway_service.operators add anna@example.com "Anna Ash" --resellers "acme"`: the first administrator.

The password is asked for, or read from standard input when that is no terminal. The same address again gets another
password, every role and those resellers, and is let in again if it was blocked: the way back in when nobody else can.
"""

import argparse
import asyncio
import getpass
import sys
from uuid import uuid4

from gateway_service.pages import passwords, people_queries
from gateway_service.pages.account import why_not
from gateway_service.pages.operators import Typed, faults
from gateway_service.pages.people import ROLES, listed, normal
from patchbay_chassis.database import Database
from patchbay_chassis.settings import ServiceSettings

BY = "console"


async def add(email: str, name: str, resellers: str, password: str) -> None:
    """Let them in, with every role. Raises SystemExit with what is wrong."""
    typed = Typed(normal(email), name, ROLES, resellers)
    wrong = [*faults(typed).values(), why_not(password, email, name)]
    if any(wrong):
        raise SystemExit("; ".join(filter(None, wrong)))
    hash_ = await passwords.hashed(password)
    database = Database(ServiceSettings().database, "gateway-operators")
    async with database.transaction() as db:
        if not await people_queries.add(db, uuid4(), typed.email, name, hash_, ROLES, listed(resellers)):
            found = await people_queries.by_email(db, typed.email)
            row = found and await people_queries.operator(db, found.id)
            assert row is not None
            await people_queries.set_password(db, row.id, hash_)
            await people_queries.change(db, row.id, row.version + 1, name, ROLES, listed(resellers), "active")
            await people_queries.end_others(db, row.id)
        found = await people_queries.by_email(db, typed.email)
        assert found is not None
        await people_queries.note(db, found.id, BY, "added", typed.detail)
    await database.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m gateway_service.operators", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("add", help="let somebody in, with every role")
    one.add_argument("email")
    one.add_argument("name")
    one.add_argument("--resellers", default="*", help="with blanks between them; * (the default): all")
    given = parser.parse_args()
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    asyncio.run(add(given.email, given.name, given.resellers, password))


if __name__ == "__main__":
    main()
