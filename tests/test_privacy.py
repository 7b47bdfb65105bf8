"""A PIN is seen by nobody, and a reseller sees nothing of another's."""

import asyncio
from base64 import b64encode

import pytest

from patchbay_local.processes import PROCESSES, SERVICES
from tests.documents import PIN, Document, line, order
from tests.suite import Suite
from tests.wire import records

FORMS = (PIN.encode(), PIN.encode().hex().encode(), b64encode(PIN.encode())[:10])
"""As it is, as hexadecimal digits (so Postgres shows bytes), and as base64 begins."""


def shows_pin(raw: bytes) -> bool:
    """Whether the PIN can be read in it."""
    return any(form in raw for form in FORMS)


@pytest.fixture
async def ends(suite: Suite) -> list[Document]:
    """A completed order, a failed one and one that never was: each named a PIN."""
    async with suite.client() as client:
        document = order(line(colour="red"))
        answers = [(await client.post("/v1/orders", json=document)).json()]
        document = order()
        document["customer"]["pin"] = {"no": PIN}
        answers.append((await client.post("/v1/orders", json=document)).json())
    return [await suite.ended(order(line())), await suite.ended(order(line(price_list="nobody-has-it"))), *answers]


async def test_a_pin_is_in_no_answer_and_no_timeline(ends: list[Document]) -> None:
    assert [end.get("state", end.get("status")) for end in ends] == ["completed", "failed", 422, 422]
    assert not any(shows_pin(str(end).encode()) for end in ends)


async def test_a_pin_travels_through_no_topic_in_clear(suite: Suite, ends: list[Document]) -> None:
    seen = await records(suite)
    assert any(b"sealed_pin" in (record.value or b"") for record in seen)
    for record in seen:
        headers = b"".join(content for _, content in record.headers)
        assert not shows_pin((record.value or b"") + (record.key or b"") + headers)


async def test_a_pin_is_in_no_log(suite: Suite, ends: list[Document]) -> None:
    logs = [suite.stack.log(name, lines=10**9) for name in PROCESSES]
    assert all(logs)
    assert not any(shows_pin(log.encode()) for log in logs)


async def test_a_pin_lies_in_no_database(suite: Suite, ends: list[Document]) -> None:
    async def dump(service: str) -> str:
        tables = await suite.rows(service, "SELECT relid::regclass::text AS name FROM pg_stat_user_tables")
        rows = [await suite.rows(service, f"SELECT t::text AS row FROM {table['name']} t") for table in tables]
        return "\n".join(row["row"] for table in rows for row in table)

    dumps = await asyncio.gather(*(dump(service) for service in SERVICES))
    assert all(dumps)
    assert not any(shows_pin(dumped.encode()) for dumped in dumps)


async def test_a_reseller_sees_no_order_of_another(suite: Suite, ends: list[Document]) -> None:
    async with suite.client(suite.stack.api_key_2) as borealis:
        assert (await borealis.get(f"/v1/orders/{ends[0]['id']}")).status_code == 404
        listed = (await borealis.get("/v1/orders", params={"limit": 200})).json()["orders"]
        assert ends[0]["id"] not in [one["id"] for one in listed]
        mine = (await borealis.post("/v1/orders", json=order())).json()
        assert (await borealis.get(f"/v1/orders/{mine['id']}")).status_code == 200
    async with suite.client() as acme:
        assert (await acme.get(f"/v1/orders/{mine['id']}")).status_code == 404


async def test_a_reseller_cannot_order_for_a_customer_of_another_or_from_its_pool(suite: Suite) -> None:
    acmes = {"kind": "existing", "id": "00000000-0000-7000-8000-000000000001"}
    foreign = [order(line(), customer=acmes), order(line(numbers={"count": 1, "prefix": "44131496"}))]
    async with suite.client(suite.stack.api_key_2) as borealis:
        for document, reason in zip(foreign, ("unknown_customer", "too_few"), strict=True):
            id_ = (await borealis.post("/v1/orders", json=document)).json()["id"]
            await suite.balanced()
            assert (await borealis.get(f"/v1/orders/{id_}")).json()["outcome"]["reason"] == reason


async def test_without_a_key_that_is_known_nothing_is_answered(suite: Suite) -> None:
    for key in ("nonsense", suite.stack.api_key + "x"):
        async with suite.client(key) as stranger:
            assert (await stranger.get("/v1/orders")).status_code == 401
            assert (await stranger.post("/v1/orders", json=order())).status_code == 401
