"""Orders in bulk: each line is answered by its number, good lines are accepted together, a bad one is refused alone."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway_service.settings import settings
from patchbay_chassis.envelope import unpack

from .conftest import Gateway, Outage
from .posted import line, ndjson, new, order

NDJSON = {"Content-Type": "application/x-ndjson"}


async def bulk(gateway: Gateway, content: bytes | AsyncIterator[bytes]) -> list[dict[str, Any]]:
    answer = await gateway.client.post("/v1/orders/bulk", content=content, headers=NDJSON)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(one) for one in answer.content.splitlines()]


def brief(results: list[dict[str, Any]]) -> list[tuple[int, Any]]:
    return [(one["line"], one.get("state") or one["error"]["status"]) for one in results]


async def test_each_line_is_answered_by_its_number_and_stored(gateway: Gateway) -> None:
    results = await bulk(gateway, ndjson(*(order(reference=f"PO-{n}") for n in range(50))))
    assert brief(results) == [(n, "accepted") for n in range(1, 51)]
    stored = {str(row.id): row.reference for row in await gateway.rows("SELECT id, reference FROM orders")}
    assert [stored[one["id"]] for one in results] == [f"PO-{n}" for n in range(50)]
    assert [envelope.key for envelope in gateway.kafka.said] == [one["id"] for one in results]


async def test_lines_that_came_together_are_one_transaction_and_one_journal_row(gateway: Gateway) -> None:
    gateway.kafka.down = True
    results = await bulk(gateway, ndjson(*(order() for _ in range(50))))
    ((said, sent),) = await gateway.rows("SELECT said, sent FROM journal")
    assert [envelope.key for envelope in unpack(said)] == [one["id"] for one in results]
    assert not sent
    gateway.kafka.down = False
    await gateway.sweep()
    assert len(gateway.kafka.said) == 50


async def test_a_bulk_longer_than_a_batch_is_accepted_in_several(
    environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_BULK_LINES", "20")
    settings.cache_clear()
    assert len(await bulk(gateway, ndjson(*(order() for _ in range(50))))) == 50
    assert sorted(len(unpack(row.said)) for row in await gateway.rows("SELECT said FROM journal")) == [10, 20, 20]


@pytest.mark.parametrize(
    ("bad", "status", "place"),
    [
        (b"nonsense", 422, ""),
        (b"[]", 422, ""),
        (b"\xff", 422, ""),
        (b'"\\ud800"', 422, ""),
        (json.dumps(order(customer=new(pin="1"))).encode(), 422, "/customer/pin"),
        (json.dumps(order(reference="\0")).encode(), 422, "/reference"),
        (json.dumps(order(lines=[line(settings={"a": "\0"})])).encode(), 422, "/lines/0/settings"),
        (json.dumps(order(reference="x" * 600_000)).encode(), 413, None),
        (json.dumps(order()).encode() * 2, 422, ""),
    ],
    ids=["text", "list", "bytes", "surrogate", "pin", "nul", "nul in settings", "too long", "two on one line"],
)
async def test_a_bad_line_is_refused_alone(gateway: Gateway, bad: bytes, status: int, place: str | None) -> None:
    results = await bulk(gateway, ndjson(order()) + bad + b"\n" + ndjson(order()))
    assert brief(results) == [(1, "accepted"), (2, status), (3, "accepted")]
    assert [error["pointer"] for error in results[1]["error"].get("errors", [])] == ([] if place is None else [place])
    assert await gateway.count() == 2


async def test_an_order_that_the_database_will_not_have_does_not_take_the_others_with_it(fragile: Gateway) -> None:
    await fragile.do("ALTER TABLE orders ADD CHECK (reference <> 'cursed')")
    results = await bulk(fragile, ndjson(*(order(reference="cursed" if n == 6 else "PO") for n in range(9))))
    assert brief(results) == [(n, 500 if n == 7 else "accepted") for n in range(1, 10)]
    assert await fragile.count() == len(fragile.kafka.said) == 8


async def test_empty_lines_are_counted_but_not_answered(gateway: Gateway) -> None:
    results = await bulk(gateway, b"\n\n" + ndjson(order()) + b"  \t\n" + ndjson(order()) + b"\n\n")
    assert brief(results) == [(3, "accepted"), (5, "accepted")]


async def test_lines_may_end_as_on_windows(gateway: Gateway) -> None:
    results = await bulk(gateway, ndjson(order(), order()).replace(b"\n", b"\r\n") + b"\r\n")
    assert brief(results) == [(1, "accepted"), (2, "accepted")]


async def test_the_last_line_needs_no_line_break(gateway: Gateway) -> None:
    assert brief(await bulk(gateway, ndjson(order(), order())[:-1])) == [(1, "accepted"), (2, "accepted")]


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\r\n "])
async def test_a_bulk_without_orders_is_answered_by_nothing(gateway: Gateway, content: bytes) -> None:
    assert await bulk(gateway, content) == []
    assert await gateway.rows("SELECT cause FROM journal") == []


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_it_does_not_matter_into_which_pieces_the_network_cuts_the_stream(gateway: Gateway, size: int) -> None:
    whole = ndjson(order(), order(reference="Ä\u2028Ω"), order())

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), size):
            yield whole[at : at + size]

    assert brief(await bulk(gateway, pieces())) == [(1, "accepted"), (2, "accepted"), (3, "accepted")]
    assert await gateway.rows("SELECT id FROM orders WHERE reference = 'Ä\u2028Ω'")


async def test_a_line_too_long_to_keep_is_refused_and_the_next_is_read_from_its_beginning(gateway: Gateway) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 65_536
        yield b"\n" + ndjson(order())
        for _ in range(30):
            yield b"x" * 65_536

    results = await bulk(gateway, pieces())
    assert brief(results) == [(1, 413), (2, "accepted"), (3, 413)]


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/ndjson; charset=utf-8", "application/jsonl"])
async def test_ndjson_is_taken_under_any_of_its_names(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/orders/bulk", content=ndjson(order()), headers={"Content-Type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}])
async def test_another_kind_of_content_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    answer = await gateway.client.post("/v1/orders/bulk", content=ndjson(order()), headers=headers)
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.json()["detail"]
    assert await gateway.count() == 0


async def test_with_the_database_away_each_line_is_told_so(fragile: Gateway, outage: Outage) -> None:
    await fragile.client.get("/v1/orders")  # so that the key is known
    await outage()
    results = await bulk(fragile, ndjson(order(), {}, order()))
    assert brief(results) == [(1, 503), (2, 422), (3, 503)]
    assert "by its reference" in results[0]["error"]["detail"]
