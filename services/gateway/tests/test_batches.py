"""A bulk under a batch: each position is decided once, however often it is sent; and what became of it is told."""

import csv
import io
import json
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway_service import handlers
from gateway_service.batches import MARK
from gateway_service.crowd import share
from gateway_service.settings import settings
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed

from .conftest import ACME, BOREALIS, Gateway
from .posted import CUSTOMER, PIN, new, order
from .posted import ndjson as lines

NDJSON = {"Content-Type": "application/x-ndjson"}


async def send(
    gateway: Gateway, batch: str, content: bytes, first: int = 1, kind: str = "application/x-ndjson", key: str = ACME
) -> list[dict[str, Any]]:
    answer = await gateway.client.post(
        "/v1/orders/bulk",
        params={"batch": batch, "from": first},
        content=content,
        headers={"Content-Type": kind, "X-API-Key": key},
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["batch-id"] == batch
    return [json.loads(one) for one in answer.content.splitlines()]


async def show(gateway: Gateway, batch: str) -> dict[str, Any]:
    return dict((await gateway.client.get(f"/v1/batches/{batch}")).json())


async def results(gateway: Gateway, batch: str) -> list[dict[str, Any]]:
    answer = await gateway.client.get(f"/v1/batches/{batch}/results")
    return [json.loads(one) for one in answer.content.splitlines()]


def orders(many: int, first: int = 1) -> bytes:
    return lines(*(order(reference=f"PO-{n}") for n in range(first, first + many)))


@pytest.fixture
def batch() -> str:
    return str(uuid4())


async def test_a_bulk_sent_again_is_answered_as_before_and_makes_nothing_again(gateway: Gateway, batch: str) -> None:
    sent = orders(2) + lines(order(customer=new(pin="1"))) + orders(1, 4)
    first = await send(gateway, batch, sent)
    again = await send(gateway, batch, sent)
    assert [one.get("state") or one["error"]["status"] for one in first] == ["accepted", "accepted", 422, "accepted"]
    assert again == [one | {"replayed": True} for one in first]
    assert await gateway.count() == len(gateway.kafka.said) == 3


async def test_an_idempotency_key_names_a_batch_of_its_client(gateway: Gateway) -> None:
    async def under_the_key(**headers: str) -> httpx.Response:
        of = NDJSON | {"Idempotency-Key": "nightly 1"} | headers
        return await gateway.client.post("/v1/orders/bulk", content=orders(2), headers=of)

    first, again = await under_the_key(), await under_the_key()
    replayed = [json.loads(one).get("replayed") for one in again.content.splitlines()]
    assert (replayed, again.headers["Batch-Id"]) == ([True, True], first.headers["Batch-Id"])
    other = await under_the_key(**{"X-API-Key": BOREALIS})
    assert other.headers["Batch-Id"] != first.headers["Batch-Id"]
    assert await gateway.count() == 4


async def test_after_a_cut_the_rest_is_sent_from_where_the_batch_stands(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, orders(3))
    shown = await show(gateway, batch)
    assert shown["accepted_through"] == 3
    assert [one["line"] for one in await send(gateway, batch, orders(2, 4), first=4)] == [4, 5]
    references = [one["reference"] for one in await results(gateway, batch)]
    assert references == [f"PO-{n}" for n in range(1, 6)]


async def test_a_rest_that_would_leave_lines_out_is_refused_and_told_where_to_begin(
    gateway: Gateway, batch: str
) -> None:
    await send(gateway, batch, orders(2))
    answer = await gateway.client.post(
        "/v1/orders/bulk", params={"from": 5}, content=orders(1), headers=NDJSON | {"Batch-Id": batch}
    )
    assert answer.status_code == 409
    assert "from line 3 on" in answer.json()["detail"]
    assert await gateway.count() == 2


async def test_another_order_at_a_known_position_is_refused_and_the_rest_goes_on(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, orders(2))
    again = await send(gateway, batch, lines(order(reference="another")) + orders(2, 2))
    assert [one.get("state") or one["error"]["status"] for one in again] == [422, "accepted", "accepted"]
    assert [one.get("replayed") for one in again] == [None, True, None]
    assert await gateway.count() == 3


async def test_a_line_that_was_refused_may_be_sent_corrected(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, orders(1) + b"nonsense\n")
    assert (await show(gateway, batch))["states"]["refused"] == 1
    corrected = await send(gateway, batch, orders(2))
    assert [one["state"] for one in corrected] == ["accepted", "accepted"]
    assert (await show(gateway, batch))["states"] | {"accepted": 2, "refused": 0} == (await show(gateway, batch))[
        "states"
    ]
    assert [one["state"] for one in await send(gateway, batch, orders(2))] == ["accepted", "accepted"]
    assert await gateway.count() == 2


async def test_empty_lines_have_positions_too(gateway: Gateway, batch: str) -> None:
    assert [one["line"] for one in await send(gateway, batch, b"\n" + orders(1) + b"\n\n" + orders(1))] == [2, 5]
    assert (await show(gateway, batch))["accepted_through"] == 5


async def test_an_order_that_the_database_will_not_have_is_kept_as_refused_and_tried_again(
    fragile: Gateway, batch: str
) -> None:
    await fragile.do("ALTER TABLE orders ADD CONSTRAINT curse CHECK (reference <> 'PO-3')")
    first = await send(fragile, batch, orders(5))
    assert [one.get("state") or one["error"]["status"] for one in first] == ["accepted"] * 2 + [500] + ["accepted"] * 2
    await fragile.do("ALTER TABLE orders DROP CONSTRAINT curse")
    assert [one["state"] for one in await send(fragile, batch, orders(5))] == ["accepted"] * 5
    assert await fragile.count() == 5
    assert (await show(fragile, batch))["states"]["refused"] == 0


async def test_an_outage_ends_the_stream_so_that_no_line_is_left_out(
    environment: pytest.MonkeyPatch, fragile: Gateway, batch: str
) -> None:
    environment.setenv("PATCHBAY_BULK_LINES", "2")
    settings.cache_clear()
    await fragile.do("""
        CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.reference = 'PO-3' THEN RAISE SQLSTATE '57P01'; END IF; RETURN NEW; END $$""")
    await fragile.do("CREATE TRIGGER away BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION away()")
    cut = await send(fragile, batch, orders(6))
    assert [one.get("state") or one["error"]["status"] for one in cut] == ["accepted", "accepted", 503, 503]
    await fragile.do("DROP TRIGGER away ON orders")
    assert (await show(fragile, batch))["accepted_through"] == 2
    await send(fragile, batch, orders(6))
    assert await fragile.count() == 6


async def test_a_batch_counts_its_lines_by_state_while_its_orders_end(gateway: Gateway, batch: str) -> None:
    done, failed, _ = [one["id"] for one in await send(gateway, batch, orders(3) + b"nonsense\n") if "id" in one]
    service = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=(441217370000,))
    common = {"reseller": "acme"}
    completed = OrderCompleted(order_id=done, customer_id=CUSTOMER, services=(service,), **common)
    refused = OrderFailed(order_id=failed, step="billing", reason="no_such_price", detail="=none", **common)
    async with gateway.database.transaction() as db:
        await handlers.note_when_order_completed([completed, completed], db)
        await handlers.note_when_order_failed([refused], db)
    for _ in range(2):
        assert (await show(gateway, batch))["states"] == {
            "refused": 1, "accepted": 1, "waiting": 0, "back_ordered": 0, "delayed": 0, "stuck": 0, "completed": 1,
            "failed": 1,
        }  # fmt: skip
        async with gateway.database.transaction() as db:
            await handlers.gather_the_counts_of_batches(db)
    first, second, third, fourth = await results(gateway, batch)
    assert (first["state"], first["numbers"], first["services"]) == ("completed", ["+441217370000"], [str(service.id)])
    assert second["reason"] == {"code": "no_such_price", "detail": "=none"}
    assert (third["state"], fourth["state"], fourth["order"]) == ("accepted", "refused", None)


async def test_a_refused_line_has_the_kind_of_its_problem_as_reason(gateway: Gateway, batch: str) -> None:
    taken = order(reference="PO-1", unique_reference=True)
    answers = await send(gateway, batch, lines(taken, taken, order(reference="")) + b"nonsense\n")
    kinds = [one["error"]["type"] for one in answers[1:]]
    assert kinds == ["/problems/reference_in_use", "/problems/invalid_order", "/problems/invalid_order"]
    found = await results(gateway, batch)
    assert [f"/problems/{one['reason']['code']}" for one in found[1:]] == kinds
    for code in (one["reason"]["code"] for one in found[1:]):
        assert (await gateway.client.get(f"/problems/{code}")).status_code == 200
    sheet = await gateway.client.get(f"/v1/batches/{batch}/results", params={"format": "csv"})
    assert [row.split(",")[4].partition(":")[0].strip('"') for row in sheet.text.splitlines()[2:]] == [
        one["reason"]["code"] for one in found[1:]
    ]


async def test_results_as_csv_hold_no_formula(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, lines(order(reference="=1+1"), order(reference="@x")))
    answer = await gateway.client.get(f"/v1/batches/{batch}/results", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert head == ["position", "reference", "order", "state", "reason", "services", "numbers"]
    assert [row[:2] for row in rows] == [["1", "'=1+1"], ["2", "'@x"]]
    one = await gateway.client.get(f"/v1/batches/{batch}/results", params={"format": "csv", "after": 1})
    assert one.content.count(b"\r\n") == 2


async def test_batches_are_listed_newest_first_page_by_page(gateway: Gateway) -> None:
    ids = [str(uuid4()) for _ in range(3)]
    for id_ in ids:
        await send(gateway, id_, orders(1))
    first = (await gateway.client.get("/v1/batches", params={"limit": 2})).json()
    second = (await gateway.client.get("/v1/batches", params={"limit": 2, "after": first["next"]})).json()
    assert [one["id"] for one in first["batches"] + second["batches"]] == ids[::-1]
    assert second["next"] is None
    assert (await gateway.client.get("/v1/batches", params={"after": "x"})).status_code == 422


async def test_a_batch_is_its_resellers_alone_also_where_another_uses_the_same_id(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, orders(2))
    theirs = {"X-API-Key": BOREALIS}
    for path in ("", "/results"):
        assert (await gateway.client.get(f"/v1/batches/{batch}{path}", headers=theirs)).status_code == 404
    assert (await gateway.client.get("/v1/batches", headers=theirs)).json() == {"batches": [], "next": None}
    assert "replayed" not in (await send(gateway, batch, orders(2), key=BOREALIS))[0]
    assert await gateway.count() == 4


async def test_a_batch_does_not_change_what_it_consists_of(gateway: Gateway, batch: str) -> None:
    await send(gateway, batch, orders(1))
    answer = await gateway.client.post(
        "/v1/orders/bulk", params={"batch": batch}, content=b"order\r\n", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "batch"
    both = await gateway.client.post(
        "/v1/orders/bulk", params={"batch": batch}, content=b"", headers=NDJSON | {"Batch-Id": str(uuid4())}
    )
    assert both.status_code == 422


async def test_no_pin_and_no_plain_hash_of_one_is_kept_of_a_line(gateway: Gateway, batch: str) -> None:
    sent = lines(order(customer=new()), order(customer=new(pin="1")))
    await send(gateway, batch, sent)
    kept = await gateway.rows("SELECT * FROM batch_line")
    assert PIN not in str(kept)
    marks, plain = {row.mark for row in kept}, {blake2b(one, digest_size=MARK).digest() for one in sent.splitlines()}
    assert (len(marks), len(plain), marks & plain) == (2, 2, set())


async def test_a_bulk_has_a_million_lines_at_the_most(
    environment: pytest.MonkeyPatch, gateway: Gateway, batch: str
) -> None:
    environment.setenv("PATCHBAY_MOST_BULK_LINES", "3")
    settings.cache_clear()
    found = await send(gateway, batch, orders(6))
    assert [one.get("state") or one["error"]["status"] for one in found] == ["accepted"] * 3 + [413]
    assert (await show(gateway, batch))["accepted_through"] == 3


async def test_a_bulk_that_cannot_begin_is_told_when_to_come_again(
    environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_MOST_OPEN", "2")
    settings.cache_clear()
    crowded = Gateway(gateway.database)
    await crowded.client.post("/v1/orders/bulk", content=orders(2), headers=NDJSON)
    answer = await crowded.client.post("/v1/orders/bulk", content=orders(1), headers=NDJSON)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert await gateway.count() == 2


def test_who_is_alone_has_all_the_room_but_a_newcomers_part() -> None:
    assert share(8_000, {"acme": 7_000}, "acme") == 7_500


def test_two_who_both_want_all_the_room_have_half_of_it_each() -> None:
    both = {"acme": 7_500, "borealis": 4_000}
    assert share(8_000, both, "acme") == share(8_000, both, "borealis") == 3_750


def test_who_wants_little_does_not_take_half_the_room_from_another() -> None:
    assert share(8_000, {"acme": 6_000, "borealis": 3}, "acme") == 8_000 - 500 - 506


def test_with_more_resellers_than_room_each_may_still_have_one_order() -> None:
    assert share(2, {str(n): 1 for n in range(9)}, "0") == 1
