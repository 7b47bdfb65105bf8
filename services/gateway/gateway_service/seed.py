"""`python -m gateway_service.seed`: the API keys and the operators that the environment holds, by hash."""

import asyncio
import os
from typing import get_args
from uuid import uuid4

from gateway_service import key_queries
from gateway_service.key_form import hashed
from gateway_service.keys import Scope
from gateway_service.pages import passwords, people_queries
from gateway_service.pages.people import ALL, ROLES, normal
from patchbay_chassis.database import Database
from patchbay_chassis.settings import ServiceSettings

RESELLERS_OWN: tuple[Scope, ...] = (
    "orders", "numbers", "events", "webhooks", "tmf", "keys", "audit", "resellers", "catalogue", "prices",
)  # fmt: skip
KEYS = {
    "PATCHBAY_API_KEY": ("acme", "demo", RESELLERS_OWN),
    "PATCHBAY_API_KEY_2": ("borealis", "demo", RESELLERS_OWN),
    "PATCHBAY_INVENTORY_KEY": ("acme", "inventory manager", get_args(Scope)),
}
"""Whose each is, its name and its scopes."""
OPERATORS = {"OPERATOR": ("Demo operator", ("acme", "borealis")), "ADMINISTRATOR": ("Demo administrator", (ALL,))}
"""Who may sign in, and for which resellers. What the whole house shares is changed by who acts for all."""


async def main() -> None:
    """Let in whom the environment names."""
    database = Database(ServiceSettings().database, "gateway-seed")
    async with database.transaction() as db:
        for variable, (reseller, name, scopes) in KEYS.items():
            if key := os.environ.get(variable):
                await key_queries.seed(db, hashed(key), reseller, name, scopes)
        for variable, (name, resellers) in OPERATORS.items():
            email, password = (os.environ.get(f"PATCHBAY_{variable}_{what}", "") for what in ("EMAIL", "PASSWORD"))
            if email and password:
                hash_ = await passwords.hashed(password)
                await people_queries.add(db, uuid4(), normal(email), name, hash_, ROLES, resellers)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
