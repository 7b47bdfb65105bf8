"""The inventory over the API: for keys with its scope, every call goes through as it comes, with who makes it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from aiohttp import web

from gateway_service.inventory_openapi import ROUTES, InventoryRoute
from gateway_service.settings import settings

from .behind import Behind, breaks_off, refuses, says
from .conftest import ACME, INVENTORY, Gateway
from .connecting import posting

LOAD = "0190b2a0-0000-7000-8000-000000000002"
MANAGER = {"X-API-Key": INVENTORY}


def public(route: InventoryRoute) -> str:
    return f"/v1/inventory{route.path.format(id=LOAD, e164='+441217370420')}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_call_goes_through_as_it_comes_with_who_makes_it(
    behind: Behind, gateway: Gateway, route: InventoryRoute
) -> None:
    async def answers(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"a,b\r\n\xff", status=201, content_type="text/csv")

    behind.numbers.answers = answers
    body = b"" if route.asks is None else b'any thing \xff {"why": "so"}'
    headers = MANAGER | ({} if route.asks is None else {"Content-Type": "text/odd; charset=utf-7"})
    sent = {one["name"]: ["a&b é", "y"] for one in route.parameters}
    answer = await gateway.client.request(route.method, public(route), params=sent, content=body, headers=headers)
    assert (answer.status_code, answer.content) == (201, b"a,b\r\n\xff")
    assert answer.headers["content-type"].startswith("text/csv")
    (call,) = behind.numbers.asked
    assert (call.method, f"/v1{call.path}") == (route.method, public(route))
    assert call.query == [*httpx.QueryParams(sent).multi_items(), ("who", "Ines & Co")]
    assert call.body == body
    assert route.asks is None or call.kind == "text/odd; charset=utf-7"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_key_needs_the_scope_inventory(behind: Behind, gateway: Gateway, route: InventoryRoute) -> None:
    answer = await gateway.client.request(route.method, public(route), content=b"{}")
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "'inventory'" in answer.json()["detail"]
    assert "whoever runs Patchbay" in answer.json()["detail"]
    assert behind.numbers.asked == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/inventory", 404),
        ("GET", "/v1/inventory/", 404),
        ("GET", "/v1/inventory/blocks/7", 404),
        ("GET", "/v1/inventory/log/../../holds", 404),
        ("POST", "/v1/inventory/%2e%2e/holds", 404),
        ("POST", "/v1/inventory//holds", 404),
        ("GET", "/v1/inventory/loads/%2E%2E", 422),
        ("GET", "/v1/inventory/loads/%2E%2E/refused", 422),
        ("GET", f"/v1/inventory/loads/{LOAD}%3Fwho=evil", 422),
        ("GET", f"/v1/inventory/loads/{LOAD}%2Frefused%2F..", 404),
        ("DELETE", "/v1/inventory/blocks", 405),
        ("PUT", "/v1/inventory/blocks", 405),
    ],
)
async def test_nothing_else_goes_through(behind: Behind, gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = await gateway.client.request(method, path, headers=MANAGER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert behind.numbers.asked == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_caller_does_not_decide_where_the_call_that_goes_through_ends(
    behind: Behind, gateway: Gateway, route: InventoryRoute
) -> None:
    beyond = b"POST /holds/release HTTP/1.1\r\nHost: numbers\r\nContent-Length: 0\r\n\r\n"
    headers = MANAGER | {"Content-Length": str(10 * len(beyond))}
    async with asyncio.timeout(20):
        await gateway.client.request(route.method, public(route), content=beyond, headers=headers)
        await gateway.client.get("/v1/inventory/log", headers=MANAGER)
    assert [call.path for call in behind.numbers.asked] == [public(route).removeprefix("/v1"), "/inventory/log"]
    assert behind.numbers.asked[0].body == (b"" if route.asks is None else beyond)


async def test_what_is_refused_is_passed_on_with_its_places(behind: Behind, gateway: Gateway) -> None:
    fault = {"pointer": "/blocks/0/first", "message": "not so", "remedy": "correct it"}
    behind.numbers.answers = refuses(fault, status=409)
    answer = await gateway.client.post("/v1/inventory/blocks", json={"why": "so", "blocks": []}, headers=MANAGER)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["errors"] == [fault]
    behind.numbers.answers = refuses(status=404)
    answer = await gateway.client.get(f"/v1/inventory/loads/{LOAD}", headers=MANAGER)
    assert (answer.status_code, answer.json()["detail"]) == (404, "See there.")


async def test_a_csv_is_passed_on_while_it_is_sent_and_so_is_what_is_said_about_it(
    behind: Behind, gateway: Gateway
) -> None:
    async def counts(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        async for piece in request.content.iter_any():
            await answer.write(json.dumps({"got": piece.decode()}).encode() + b"\n")
        await answer.write(b'{"state":"done"}\n')
        return answer

    behind.numbers.answers, behind.numbers.reads = counts, False
    async with posting(gateway.app, "/v1/inventory/loads?kind=blocks", "text/csv", INVENTORY) as connection:
        await connection.send(b"first,")
        head = await connection.head()
        assert head.startswith(b"HTTP/1.1 200")
        assert b"content-type: application/x-ndjson" in head
        assert await connection.result() == {"got": "first,"}
        await connection.send(b"size\n")
        assert await connection.result() == {"got": "size\n"}
        await connection.finish()
        assert await connection.result() == {"state": "done"}
        assert await connection.ended()


async def test_a_large_csv_arrives_whole(behind: Behind, gateway: Gateway) -> None:
    rows = b"".join(b"+44121737%04d,44,0,Birmingham,public,\n" % (row % 10_000) for row in range(300_000))
    behind.numbers.answers = says({"state": "done"})
    answer = await gateway.client.post(
        "/v1/inventory/loads?kind=numbers&why=so", content=rows, headers=MANAGER | {"Content-Type": "text/csv"}
    )
    assert answer.json() == {"state": "done"}
    (call,) = behind.numbers.asked
    assert call.body == rows


async def test_a_csv_that_is_refused_before_it_is_read_is_answered_at_once(behind: Behind, gateway: Gateway) -> None:
    behind.numbers.answers, behind.numbers.reads = refuses({"parameter": "kind", "message": "a", "remedy": "b"}), False
    async with posting(gateway.app, "/v1/inventory/loads?kind=x", "text/csv", INVENTORY) as connection:
        await connection.send(b"first," * 10)
        assert (await connection.head()).startswith(b"HTTP/1.1 422")


async def test_a_caller_who_leaves_while_it_sends_is_not_taken_for_one_who_has_sent_all(
    behind: Behind, gateway: Gateway
) -> None:
    reading, outcome = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def reads_all(request: web.Request) -> web.StreamResponse:
        try:
            reading.set()
            outcome.set_result(await request.read())
        except Exception as error:
            outcome.set_result(error)
            raise
        return web.Response()

    behind.numbers.answers, behind.numbers.reads = reads_all, False
    async with posting(gateway.app, "/v1/inventory/loads?kind=blocks", "text/csv", INVENTORY) as connection:
        await connection.send(b"first,size\n")
        await reading.wait()
        connection.abort()
        assert isinstance(await asyncio.wait_for(outcome, 20), Exception)


async def test_an_answer_that_is_cut_off_behind_is_cut_off_here_too(behind: Behind, gateway: Gateway) -> None:
    behind.numbers.answers = breaks_off
    async with posting(gateway.app, "/v1/inventory/loads?kind=blocks", "text/csv", INVENTORY) as connection:
        await connection.finish()
        assert (await connection.head()).startswith(b"HTTP/1.1 200")
        assert await connection.result() == {"rows": 1}
        assert await connection.cut_off()


LENDING = {"why": "ticket 4711", "blocks": ["+441217370000"], "to": {"pool": "reseller", "owner": "acme"}}


async def test_a_lending_that_is_sent_again_under_its_key_is_answered_as_before_and_lends_nothing(
    behind: Behind, gateway: Gateway
) -> None:
    headers = MANAGER | {"Idempotency-Key": "ticket 4711"}

    async def lend(why: str = "ticket 4711") -> httpx.Response:
        return await gateway.client.post("/v1/inventory/lending", json=LENDING | {"why": why}, headers=headers)

    behind.numbers.answers = breaks_off
    assert (await lend()).status_code == 503, "what was answered is not known, so nothing is kept"
    behind.numbers.answers = says({"lent": 1000, "there_already": 0})
    first = await lend()
    behind.numbers.answers = says({"lent": 0, "there_already": 1000})
    again, other = await lend(), await lend("another")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again.headers["idempotency-replayed"], other.status_code) == ("true", 422)
    assert [call.document for call in behind.numbers.asked] == [LENDING] * 2


async def _silent(behind: Behind) -> None:
    behind.numbers.answers = behind.silence


async def _gone(behind: Behind) -> None:
    await behind.numbers.go()


@pytest.mark.parametrize("trouble", [_silent, _gone])
async def test_a_numbers_service_that_does_not_answer_is_said_to_be_asked_again(
    environment: pytest.MonkeyPatch, behind: Behind, gateway: Gateway, trouble: Any
) -> None:
    environment.setenv("PATCHBAY_SILENCE_LIMIT", "PT0.2S")
    settings.cache_clear()
    hurried = Gateway(gateway.database)
    async with hurried.app.router.lifespan_context(hurried.app), hurried.client:
        await trouble(behind)
        answer = await hurried.client.put("/v1/inventory/grades", json={"why": "so"}, headers=MANAGER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "safe to send it again" in answer.json()["detail"]


async def test_an_answer_that_falls_silent_is_cut_off(
    environment: pytest.MonkeyPatch, behind: Behind, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_SILENCE_LIMIT", "PT0.2S")
    settings.cache_clear()
    hurried = Gateway(gateway.database)

    async def falls_silent(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        await answer.write(b'{"rows":1}\n')
        return await behind.silence()

    behind.numbers.answers = falls_silent
    async with (
        hurried.app.router.lifespan_context(hurried.app),
        posting(hurried.app, "/v1/inventory/loads?kind=blocks", "text/csv", INVENTORY) as connection,
    ):
        await connection.finish()
        await connection.head()
        assert await connection.result() == {"rows": 1}
        assert await connection.cut_off()


async def test_a_key_of_no_inventory_manager_may_not_begin_a_load(behind: Behind, gateway: Gateway) -> None:
    behind.numbers.reads = False
    async with posting(gateway.app, "/v1/inventory/loads?kind=blocks", "text/csv", ACME) as connection:
        await connection.send(b"first,size\n")
        assert (await connection.head()).startswith(b"HTTP/1.1 403")
    assert behind.numbers.asked == []
