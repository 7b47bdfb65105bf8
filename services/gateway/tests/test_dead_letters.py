"""Whoever runs Patchbay sees dead letters of all services, and replays them, each once unless he insists."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from gateway_service import dead_letter_queries, handlers, key_queries
from gateway_service.key_form import hashed

from .conftest import Gateway
from .dying import BEGAN, HEADERS, MESSAGE, letter, put_away

PATH = "/v1/operations/dead-letters"
WHY = {"reason": "billing is back"}


@pytest.fixture
async def operations(gateway: Gateway) -> httpx.AsyncClient:
    async with gateway.database.transaction() as db:
        await key_queries.seed(db, hashed("key-of-operations"), "acme", "ops", ["operations"])
    gateway.client.headers["X-API-Key"] = "key-of-operations"
    return gateway.client


async def ids(client: httpx.AsyncClient, **query: object) -> list[str]:
    answer = await client.get(PATH, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["dead_letters"]]


async def test_letters_are_listed_newest_first_and_found_by_service_reason_and_time(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    first, second, third = letter(), letter("billing", 1, "bad_body"), letter("numbers", 2)
    await put_away(gateway, first, second, third)
    await put_away(gateway, second)  # read once more after an outage
    assert await ids(operations) == [str(one.id) for one in (third, second, first)]
    assert await ids(operations, service="billing") == [str(second.id)]
    assert await ids(operations, reason="handler_failed") == [str(third.id), str(first.id)]
    then = datetime.fromtimestamp(BEGAN / 1000, UTC) + timedelta(seconds=1)
    assert await ids(operations, dead_from=then.isoformat()) == [str(third.id), str(second.id)]
    assert await ids(operations, dead_before=then.isoformat()) == [str(first.id)]
    page = (await operations.get(PATH, params={"limit": 2})).json()
    assert await ids(operations, limit=2, after=page["next"]) == [str(first.id)]
    exported = await operations.get(PATH, params={"format": "csv"})
    assert len(exported.text.splitlines()) == 4


async def test_a_letter_is_shown_whole(gateway: Gateway, operations: httpx.AsyncClient) -> None:
    one, raw, empty = letter(value=b'{"\xc3\xa9": 1}'), letter(offset=1, value=b"\xff"), letter(offset=2, value=None)
    await put_away(gateway, one, raw, empty)
    shown = (await operations.get(f"{PATH}/{one.id}")).json()
    assert shown["headers"] == [
        {"name": "ce_id", "text": MESSAGE}, {"name": "ce_type", "text": "numbers.HoldNumbers.v1"},
        {"name": "x", "base64": "/w=="},
    ]  # fmt: skip
    assert (shown["body"], shown["size"], shown["key"]) == ({"text": '{"é": 1}'}, 9, "order-1")
    assert (shown["topic"], shown["partition"], shown["offset"]) == ("numbers.commands.v1", 2, 0)
    assert (shown["type"], shown["message_id"]) == ("numbers.HoldNumbers.v1", MESSAGE)
    assert (await operations.get(f"{PATH}/{raw.id}")).json()["body"] == {"base64": "/w=="}
    assert (await operations.get(f"{PATH}/{empty.id}")).json()["body"] is None
    assert (await operations.get(f"{PATH}/{uuid4()}")).json()["type"] == "/problems/no_such_dead_letter"


async def test_a_replay_puts_the_record_back_once_and_again_only_if_that_is_forced(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    one = letter()
    await put_away(gateway, one, letter(offset=1))
    path, headers = f"{PATH}/{one.id}/replay", {"Idempotency-Key": str(uuid4())}
    done = await operations.post(path, json=WHY, headers=headers)
    assert (done.status_code, done.json()["by"], done.json()["reason"]) == (200, "key:ops", "billing is back")
    (record,) = gateway.kafka.records
    assert (record.topic, record.partition, record.key) == ("numbers.commands.v1", 2, b"order-1")
    assert record.value == b'{"wants": []}'
    assert tuple(record.headers[3:]) == HEADERS
    assert dict(record.headers)["replay_of"].decode() == str(one.id)
    same = await operations.post(path, json=WHY, headers=headers)
    assert (same.headers["Idempotency-Replayed"], same.json()) == ("true", done.json())
    again = await operations.post(path, json=WHY)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/dead_letter_replayed")
    assert "key:ops replayed it" in again.json()["detail"]
    assert len(gateway.kafka.records) == 1
    forced = await operations.post(path, json=WHY | {"force": True})
    assert (forced.status_code, forced.json()["forced"], len(gateway.kafka.records)) == (200, True, 2)
    shown = (await operations.get(f"{PATH}/{one.id}")).json()
    assert (shown["replays"], [r["forced"] for r in shown["replayed"]]) == (2, [False, True])
    assert await ids(operations, replayed=True) == [str(one.id)]
    await gateway.app.state.trail.written()
    rows = await gateway.rows("SELECT subjects, status FROM audit WHERE by = 'key:ops' ORDER BY id")
    assert [row.status for row in rows if row.subjects == [str(one.id)]] == [200, 200, 409, 200]


async def test_many_replays_at_once_are_one(gateway: Gateway, operations: httpx.AsyncClient) -> None:
    one = letter()
    await put_away(gateway, one)
    wishes = [operations.post(f"{PATH}/{one.id}/replay", json=WHY) for _ in range(20)]
    answers = await asyncio.gather(*wishes)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert len(gateway.kafka.records) == 1


async def test_what_kafka_did_not_take_is_not_noted_and_can_be_sent_again(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    one = letter()
    await put_away(gateway, one)
    path, headers = f"{PATH}/{one.id}/replay", {"Idempotency-Key": str(uuid4())}
    gateway.kafka.down = True
    lost = await operations.post(path, json=WHY, headers=headers)
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "1")
    assert "Kafka" in lost.json()["detail"]
    assert (await operations.get(f"{PATH}/{one.id}")).json()["replays"] == 0
    gateway.kafka.down = False
    assert (await operations.post(path, json=WHY)).status_code == 200


async def test_what_was_cut_or_came_from_elsewhere_is_not_replayed(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    cut = letter(value=b"x" * 500_001)
    foreign = letter(offset=1, topic="payroll")
    of_the_dead = letter(offset=2, topic="billing.dead.v1")
    await put_away(gateway, cut, foreign, of_the_dead)
    for one in (cut, foreign, of_the_dead):
        answer = await operations.post(f"{PATH}/{one.id}/replay", json=WHY | {"force": True})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/dead_letter_not_whole")
    assert gateway.kafka.records == []


async def test_one_that_died_again_is_found_from_the_first(gateway: Gateway, operations: httpx.AsyncClient) -> None:
    first = letter()
    again = letter(offset=5, headers=first.again("").headers)
    await put_away(gateway, first, again)
    assert (await operations.get(f"{PATH}/{first.id}")).json()["came_back"] == [str(again.id)]
    shown = (await operations.get(f"{PATH}/{again.id}")).json()
    assert (shown["replay_of"], shown["times"]) == (str(first.id), 2)


async def test_only_keys_for_operations_may_and_a_reason_is_needed(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    one = letter()
    await put_away(gateway, one)
    path = f"{PATH}/{one.id}"
    without = await operations.post(f"{path}/replay", json={"reason": " "})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    for bad in ({"service": "payroll"}, {"after": "x"}, {"reasons": "x"}, {"dead_from": "x"}):
        assert (await operations.get(PATH, params=bad)).status_code == 422
    operations.headers["X-API-Key"] = "key-of-acme"
    for answer in (
        await operations.get(PATH), await operations.get(path), await operations.post(f"{path}/replay", json=WHY)
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope_missing")
    assert gateway.kafka.records == []


async def test_letters_are_forgotten_by_age_and_number(gateway: Gateway, environment: pytest.MonkeyPatch) -> None:
    await put_away(gateway, *(letter(offset=n) for n in range(5)))
    async with gateway.database.transaction() as db:
        assert await dead_letter_queries.forget(db, timedelta(days=30), many=3, most=1) == 1
        assert await dead_letter_queries.forget(db, timedelta(days=30), many=3, most=10) == 1
        assert len(await dead_letter_queries.page(db, dead_letter_queries.Wanted(), letter(offset=9).id, 10)) == 3
        await db.execute("UPDATE dead_letter SET at = now() - interval '31 days' WHERE id = $1", letter(offset=4).id)
        assert await handlers.forget_old_dead_letters(db) == []
        left = await dead_letter_queries.page(db, dead_letter_queries.Wanted(), letter(offset=9).id, 10)
    assert [row.id for row in left] == [letter(offset=n).id for n in (3, 2)]
