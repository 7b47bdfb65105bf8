"""What drafts and baskets ask of the numbers service over HTTP, for its tests."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx

from patchbay_contracts.numbers import Holds, Lost, Released
from services.numbers.tests.serving import Served


class Draft:
    """A draft or basket of a reseller, and its calls."""

    def __init__(self, served: Served, reseller: str = "acme", kind: str = "draft", id_: str = "") -> None:
        self.served, self.reseller = served, reseller
        self.owner = {"kind": kind, "id": id_ or str(uuid4())}

    async def post(self, path: str, **query: Any) -> httpx.Response:
        asked = {"reseller": self.reseller, "query": {"owner": self.owner} | query}
        return await self.served.client.post(path, json=asked)

    async def hold(self, *numbers: int, **query: Any) -> Holds:
        return Holds.model_validate_json(await self._answer("/holds", numbers=names(numbers), **query))

    async def extend(self, *numbers: int, **query: Any) -> Holds:
        return Holds.model_validate_json(await self._answer("/holds/extend", numbers=names(numbers), **query))

    async def release(self, *numbers: int) -> list[int]:
        released = Released.model_validate_json(await self._answer("/holds/release", numbers=names(numbers)))
        return list(released.numbers)

    async def list(self) -> Holds:
        return Holds.model_validate_json(await self._answer("/holds/list"))

    async def _answer(self, path: str, **query: Any) -> bytes:
        answer = await self.post(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.content


def names(numbers: Iterable[int]) -> list[str]:
    return [f"+{number}" for number in numbers]


def held(holds: Holds) -> list[int]:
    return [one.e164 for one in holds.held]


def lost(holds: Holds) -> dict[int, str]:
    return {one.e164: one.reason for one in holds.lost}


def offers(holds: Holds) -> dict[int, int | None]:
    return {one.e164: _offered(one) for one in holds.lost}


def _offered(one: Lost) -> int | None:
    return one.offer.e164 if one.offer else None


def instead(holds: Holds) -> dict[int, int]:
    """What is held in place of what."""
    return {one.instead_of: one.e164 for one in holds.held if one.instead_of is not None}
