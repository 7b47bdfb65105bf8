"""Operators of the site, and what their browsers do without one."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from gateway_service.pages import passwords, people_queries

from .conftest import Gateway

PASSWORD = "correct-horse-battery"  # as everybody knows
ANNA, BEN = "anna@acme.example", "ben@borealis.example"
NAMES = {ANNA: "Anna Ash", BEN: "Ben Birch"}
_hash = passwords.HASHER.hash(PASSWORD)


async def add_operator(
    gateway: Gateway,
    email: str = ANNA,
    *,
    roles: Sequence[str] = ("operator", "inventory", "billing", "administrator"),
    resellers: Sequence[str] = ("acme", "borealis"),
) -> UUID:
    """Somebody who may sign in with `PASSWORD`."""
    id_ = uuid4()
    async with gateway.database.transaction() as db:
        await people_queries.add(db, id_, email, NAMES.get(email, email), _hash, roles, resellers)
    return id_


class Visitor:
    """A browser without JavaScript: it keeps cookies, follows no redirect, and sends forms with their token."""

    def __init__(self, gateway: Gateway) -> None:
        transport = httpx.ASGITransport(gateway.app, raise_app_exceptions=False)
        headers = {"Accept": "text/html"}
        self.client = httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def token(self, path: str) -> str:
        """From a form on that page."""
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get(path)).text)
        assert found is not None
        return found[1]

    async def post(self, path: str, fields: dict[str, Any], on: str = "", **headers: str) -> httpx.Response:
        """Send the form at `path`, which stands on the page `on`."""
        data = {"csrf": await self.token(on or path)} | fields
        return await self.client.post(path, data=data, headers=headers)

    async def sign_in(self, email: str = ANNA, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return await self.post("/sign-in", {"email": email, "password": password} | fields)


async def clerk_of_acme(gateway: Gateway) -> Visitor:
    """Anna at her browser, signed in: an operator who works for acme."""
    await add_operator(gateway, roles=("operator",), resellers=("acme",))
    visitor = Visitor(gateway)
    await visitor.sign_in()
    return visitor
