"""Numbers that exist elsewhere are kept record of; and a reseller knows of its own numbers and of those it may draw."""

from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from services.numbers.tests.serving import Served

FIRST, FAR = 441214960000, 4930901820


class Asked:
    """The numbers service as the gateway asks it."""

    def __init__(self, served: Served) -> None:
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(served.app), base_url="http://numbers")

    async def take_in(self, number: int, reseller: str = "acme") -> httpx.Response:
        body = {"reseller": reseller, "id": str(uuid4()), "e164": f"+{number}"}
        return await self.client.post("/numbers/taken-in", json=body)

    async def get(self, *numbers: int, reseller: str = "acme") -> list[dict[str, Any]]:
        body = {"reseller": reseller, "numbers": [f"+{number}" for number in numbers]}
        answer = await self.client.post("/numbers/get", json=body)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["numbers"]
        return found

    async def listed(self, reseller: str = "acme") -> list[str]:
        answer = await self.client.post("/numbers/taken-in/list", json={"reseller": reseller})
        return [one["e164"] for one in answer.json()["numbers"]]


@pytest_asyncio.fixture
async def asked(served: Served) -> Asked:
    return Asked(served)


async def test_a_number_is_taken_in_once_and_is_in_service(asked: Asked) -> None:
    first, again = [await asked.take_in(FAR) for _ in range(2)]
    assert (first.status_code, first.json()) == (200, again.json())
    (known,) = await asked.get(FAR)
    assert (known["state"], known["taken_in"], known["grade"]) == ("assigned", True, None)
    assert await asked.listed() == [f"+{FAR}"]
    assert await asked.listed("borealis") == []


async def test_nobody_takes_in_a_number_of_the_house_or_anothers(asked: Asked) -> None:
    assert (await asked.take_in(FIRST)).status_code == 409
    await asked.take_in(FAR, "borealis")
    assert (await asked.take_in(FAR)).status_code == 409
    assert await asked.get(FAR) == []
    assert [one["state"] for one in await asked.get(FAR, reseller="borealis")] == ["assigned"]


async def test_only_what_was_taken_in_is_forgotten(asked: Asked, served: Served) -> None:
    await served.do(
        "INSERT INTO number (e164, state, owner, line, reseller) VALUES ($1, 'assigned', gen_random_uuid(), 0, 'acme')",
        FIRST,
    )
    await asked.take_in(FAR)
    for number, reseller, status in (
        (FIRST, "acme", 422),
        (FAR, "borealis", 422),
        (FAR, "acme", 200),
        (FAR, "acme", 422),
    ):
        body = {"reseller": reseller, "e164": f"+{number}"}
        assert (await asked.client.post("/numbers/taken-in/forget", json=body)).status_code == status
    assert await asked.listed() == []


async def test_a_reseller_knows_of_what_is_its_own_and_of_what_is_free_to_it(asked: Asked, served: Served) -> None:
    await served.do(
        "INSERT INTO number (e164, state, owner, line, reseller, held_until)"
        " VALUES ($1, 'held', gen_random_uuid(), 0, 'acme', now() + interval '1 hour')",
        FIRST,
    )
    mine, free = await asked.get(FIRST, FIRST + 1, FAR)
    assert (mine["state"], free["state"], free["taken_in"]) == ("held", "free", False)
    assert mine["until"] is not None
    assert (free["national"], free["pool"], free["grade"] is not None) == ("0121 496 0001", "public", True)
    assert [one["e164"] for one in await asked.get(FIRST, FIRST + 1, reseller="borealis")] == [f"+{FIRST + 1}"]
