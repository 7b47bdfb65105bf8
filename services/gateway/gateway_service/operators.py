"""`python -m gateway_service.operators add anna@example.com "Anna Ash" --resellers "acme"`: the first administrator.

Only resellers that there are can be named: the customer service is asked. The password is asked for, or read from
standard input when that is no terminal. The same address again gets another password, every role and those resellers,
and is let in again if it was blocked: the way back in when nobody else can.
"""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from uuid import uuid4

from gateway_service.pages import passwords, people_queries
from gateway_service.pages.account import why_not
from gateway_service.pages.operators import Typed, faults
from gateway_service.pages.people import ALL, ROLES, listed, normal
from gateway_service.settings import settings
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem
from patchbay_chassis.settings import ServiceSettings
from patchbay_contracts.customers import ResellersFound, ResellersGet, ResellersQuery

BY = "console"
SHOWN = 20


async def add(email: str, name: str, resellers: str, password: str) -> None:
    """Let them in, with every role. Raises SystemExit with what is wrong."""
    typed = Typed(normal(email), name, ROLES, resellers)
    wrong = [*faults(typed).values(), why_not(password, email, name)]
    if any(wrong):
        raise SystemExit("; ".join(filter(None, wrong)))
    await _check_resellers(listed(resellers))
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


async def _check_resellers(named: Sequence[str]) -> None:
    """Raises SystemExit with those that there are, if one is none of them."""
    asked = [one for one in named if one != ALL]
    if not asked:
        return
    async with Upstream(settings()) as upstream:
        try:
            answer = await upstream.ask("customer", "/resellers/get", ResellersGet(ids=tuple(asked)))
            there = {one.id for one in ResellersFound.model_validate_json(answer).resellers}
            if not (unknown := [one for one in asked if one not in there]):
                return
            answer = await upstream.ask("customer", "/resellers/list", ResellersQuery(limit=SHOWN))
        except Problem as problem:
            raise SystemExit(f"Nobody knows now which resellers there are. {problem.body.get('detail', '')}") from None
    found = ResellersFound.model_validate_json(answer)
    names = ", ".join(one.id for one in found.resellers) + (" and more" if found.more else "")
    remedy = (
        f"There are {names}: name some of them" if names else "Add it first: python -m customer_service.resellers add"
    )
    raise SystemExit(f"There is no reseller {', '.join(unknown)}. {remedy}, or * for all.")


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
