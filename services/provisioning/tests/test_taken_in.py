"""Services that exist elsewhere are kept record of, are found among the others, and are changed by nobody's order."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from provisioning_service.http import app
from provisioning_service.settings import settings

from .serving import CUSTOMER, Asked, have_service

A, B = 4930901820, 4930901821


@pytest_asyncio.fixture
async def asked(database: Database) -> AsyncIterator[Asked]:
    api = app(Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://provisioning") as client:
        yield Asked(client)


def record(**changes: Any) -> dict[str, Any]:
    given = {"reseller": "acme", "id": str(uuid4()), "service_type": "leased-line", "state": "active"}
    return given | {"numbers": [f"+{A}"], "settings": {"bandwidth": "100M"}} | changes


async def test_a_service_that_is_taken_in_is_found_as_any_other(asked: Asked) -> None:
    asking = record()
    first, again = [await asked.says("/services/taken-in", **asking) for _ in range(2)]
    assert first == again
    assert (first["taken_in"], first["state"], first["settings"]) == (True, "active", {"bandwidth": "100M"})
    assert await asked.ids() == await asked.ids(number=f"+{A}") == [UUID(first["id"])]
    assert await asked.ids(("borealis",)) == []


async def test_its_record_is_changed_and_forgotten_but_not_while_it_is_active(asked: Asked) -> None:
    made = await asked.says("/services/taken-in", **record())
    one = {"reseller": "acme", "id": made["id"]}
    refused = await asked.post("/services/taken-in/forget", **one)
    assert refused.status_code == 409
    changed = await asked.says("/services/taken-in/change", **one, state="ended", numbers=[f"+{B}"])
    assert (changed["state"], changed["numbers"], changed["version"]) == ("ended", [f"+{B}"], 2)
    assert changed["settings"] == {"bandwidth": "100M"}
    assert await asked.ids(number=f"+{A}") == []
    await asked.says("/services/taken-in/forget", **one)
    assert await asked.ids() == []


async def test_what_is_carried_out_or_anothers_is_no_record_to_change(asked: Asked, database: Database) -> None:
    async with database.transaction() as db:
        carried_out = await have_service(db, A)
    theirs = (await asked.says("/services/taken-in", **record(reseller="borealis")))["id"]
    for id_ in (str(carried_out), theirs, str(uuid4())):
        for path, more in (("change", {"state": "ended"}), ("forget", {})):
            answer = await asked.post(f"/services/taken-in/{path}", reseller="acme", id=id_, **more)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/id")
    assert (await asked.post("/services/taken-in", **record(id=theirs))).status_code == 422


async def test_no_order_changes_it(asked: Asked) -> None:
    made = await asked.says("/services/taken-in", **record())
    change = {"version": 1, "why": "asked", "wanted": {"kind": "end"}}
    found = await asked.says("/services/validity", reseller="acme", service_id=made["id"], change=change)
    assert "service.taken_in" in [one["code"] for one in found["findings"] if one["severity"] == "error"]


async def test_parts_of_lists_have_their_place_and_how_many_there_are(asked: Asked, database: Database) -> None:
    async with database.transaction() as db:
        ids = [str(await have_service(db, A + n, B + 100 + n, days=n)) for n in range(3)]
        await have_service(db, state="ended", days=3)
        await have_service(db, 4930901899, reseller="borealis", days=4)
    part = await asked.says("/services/part", reseller="acme", offset=1, count=2)
    assert ([one["id"] for one in part["services"]], part["total"]) == ([ids[2], ids[1]], 4)
    part = await asked.says("/services/part", reseller="acme", states=["active"], numbers=[f"+{A + 1}"])
    assert ([one["id"] for one in part["services"]], part["total"]) == ([ids[1]], 1)
    assert (await asked.says("/services/part", reseller="acme", customer_ids=[str(CUSTOMER)], count=0))["total"] == 4
    numbers = await asked.says("/services/numbers", reseller="acme", offset=1, count=2)
    assert ([one["e164"] for one in numbers["numbers"]], numbers["total"]) == ([f"+{B + 102}", f"+{A + 1}"], 6)
    assert numbers["numbers"][1]["service_id"] == ids[1]


async def test_parts_leave_out_what_is_not_wanted_and_have_what_is_wanted_anyhow(
    asked: Asked, database: Database
) -> None:
    async with database.transaction() as db:
        ids = [str(await have_service(db, A + n, B + 100 + n, days=n)) for n in range(4)]
        ids.append(str(await have_service(db, state="ended", days=4)))
        theirs = str(await have_service(db, 4930901899, reseller="borealis", days=5))
    first = (await asked.says("/services/part", reseller="acme", ids=[ids[1]]))["services"][0]

    async def found(path: str = "part", **given: Any) -> tuple[list[str], int]:
        part = await asked.says(f"/services/{path}", reseller="acme", **given)
        shown = [one.get("id") or one["e164"] for one in part["services" if path == "part" else "numbers"]]
        return shown, part["total"]

    assert await found(order_ids=[first["order_id"]]) == ([ids[1]], 1)
    assert await found(service_types=["fax", first["service_type"]], count=0) == ([], 5)
    assert await found(created_from=first["created_at"], states=["active"]) == ([ids[3], ids[2], ids[1]], 3)
    assert await found(created_before=first["created_at"]) == ([ids[0]], 1)
    given: dict[str, Any] = {"states": ["active"], "but_not": [ids[0], ids[1]], "also": [ids[1], ids[4], theirs]}
    assert await found(**given, count=3) == ([ids[4], ids[3], ids[2]], 4)
    assert await found(**given, offset=3) == ([ids[1]], 4)
    numbers: dict[str, Any] = {"numbers": [f"+{A}", f"+{A + 1}"], "also": [f"+{A}", f"+{B + 101}", "+4930901899"]}
    assert await found(path="numbers", **numbers) == ([f"+{A + 1}", f"+{B + 101}", f"+{A}"], 3)
    assert await found("numbers", service_ids=[ids[3], ids[4]], but_not=[f"+{A + 3}"]) == ([f"+{B + 103}"], 1)
    assert await found("numbers", states=["suspended"]) == ([], 0)


@pytest.mark.parametrize("change", [{"state": "planned"}, {"service_type": "Leased Line"}, {"numbers": ["0121"]}])
async def test_what_is_no_record_is_refused(asked: Asked, change: dict[str, Any]) -> None:
    assert (await asked.post("/services/taken-in", **record(**change))).status_code == 422
