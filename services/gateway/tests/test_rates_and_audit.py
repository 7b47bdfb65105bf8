"""How often a client may call, as it is told in the RateLimit fields; and the audit trail of what it wrote."""

import re
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from limits import parse_many

from gateway_service import handlers, rates
from gateway_service.keys import Caller
from gateway_service.settings import settings

from .conftest import BOREALIS, NUMBERS_ONLY, Gateway
from .operators import Visitor, add_operator
from .posted import ndjson, order

SCOPED = "UPDATE reseller_key SET scopes = scopes || '{audit}'::text[], limits = $1 WHERE name = 'test'"


def told(answer: httpx.Response) -> dict[str, tuple[int, int]]:
    """What is left and for how many seconds, by the name of the limit."""
    found = re.findall(r'"([\w-]+)";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    return {name: (int(left), int(time)) for name, left, time in found}


async def test_each_answer_says_what_is_left_of_each_limit(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "5 per hour; 1000 per day")
    answers = [await gateway.client.get("/v1/orders") for _ in range(2)]
    assert answers[0].headers["ratelimit-policy"] == '"hour";q=5;w=3600, "day";q=1000;w=86400'
    assert [told(answer)["hour"][0] for answer in answers] == [4, 3]
    assert [told(answer)["day"][0] for answer in answers] == [999, 998]
    assert 0 < told(answers[0])["hour"][1] <= 3600


async def test_one_call_too_many_is_refused_and_says_when_to_come_again(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "2 per hour")
    answers = [await gateway.client.post("/v1/orders", json=order()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600
    assert told(answers[2])["hour"][0] == 0
    assert await gateway.count() == 2
    other = await gateway.client.get("/v1/orders", headers={"X-API-Key": BOREALIS})
    assert other.status_code == 200


async def test_a_large_limit_is_taken_in_lumps_and_holds_to_the_last_call(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "250 per hour")
    codes = [(await gateway.client.get("/v1/reasons")).status_code for _ in range(252)]
    assert codes == [200] * 250 + [429] * 2


async def test_a_counter_that_cannot_be_reached_stops_nobody(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_REQUEST_LIMITS", "1 per hour")
    counting = rates.Rates(settings())

    class Gone:
        async def hit(self, *_: Any, **__: Any) -> bool:
            raise ConnectionError("no counter")

    counting._limiter = Gone()  # type: ignore[assignment]
    fields = [await counting.count(Caller("acme", "test", frozenset(), "c")) for _ in range(3)]
    assert all(dict(one) for one in fields)


def test_limits_of_a_key_are_read_or_refused() -> None:
    assert rates.check("100 per minute; 5000 per day")
    assert rates.check("")
    assert not rates.check("often")
    assert parse_many(settings().request_limits)


async def trail(gateway: Gateway, **query: str) -> list[dict[str, Any]]:
    await gateway.app.state.trail.written()
    answer = await gateway.client.get("/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


async def test_each_write_is_one_entry_with_who_where_what_and_how_it_ended(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "")
    id_ = (await gateway.client.post("/v1/orders", json=order())).json()["id"]
    await gateway.client.post("/v1/orders", json=order(reference=""))
    lines, kind = ndjson(*[order()] * 3), {"Content-Type": "application/x-ndjson"}
    await gateway.client.post("/v1/orders/bulk", content=lines, headers=kind)
    await gateway.client.get("/v1/orders")
    bulk, refused, placed = await trail(gateway)
    (key,) = await gateway.rows(
        "SELECT id FROM reseller_key WHERE name = 'test' AND reseller = 'acme' AND revoked_at IS NULL"
    )
    assert (placed["client"], placed["by"]) == (key.id, "key:test")
    assert (placed["method"], placed["route"], placed["status"]) == ("POST", "/v1/orders", 202)
    assert placed["subjects"] == [id_]
    assert (refused["status"], refused["subjects"]) == (422, [])
    assert (bulk["route"], bulk["status"]) == ("/v1/orders/bulk", 200)
    assert placed["address"] == "127.0.0.1"


async def test_what_was_refused_for_its_scope_is_written_down_too(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "")
    await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": NUMBERS_ONLY})
    (entry,) = [one for one in await trail(gateway) if one["by"] == "key:numbers only"]
    assert entry["status"] == 403


async def test_what_is_done_to_a_key_is_written_with_its_route_and_its_id_also_when_it_comes_again_or_once_too_often(
    gateway: Gateway,
) -> None:
    await gateway.do("UPDATE reseller_key SET scopes = scopes || '{keys}'::text[], limits = '5 per hour'")
    made = await gateway.client.post("/v1/keys", json={"name": "night desk", "scopes": ["orders"]})
    place, again = made.headers["location"], {"Idempotency-Key": "once"}
    calls = [
        await gateway.client.post(f"{place}/rotate", json={}, headers=again),
        await gateway.client.post(f"{place}/rotate", json={}, headers=again),
        await gateway.client.post(f"{place}/rotate", json={"overlap": 1}, headers=again),
        await gateway.client.post(f"{place}/revoke"),
        await gateway.client.patch(place, json={"name": "day desk"}),
    ]
    assert calls[1].headers["idempotency-replayed"] == "true"
    await gateway.do("UPDATE reseller_key SET limits = ''")
    gateway.app.state.keys.forget()
    route, subjects = "/v1/keys/{id}", [made.json()["id"]]
    assert [(one["route"], one["subjects"], one["status"]) for one in reversed(await trail(gateway))] == [
        ("/v1/keys", subjects, 201),
        (f"{route}/rotate", subjects, 200),
        (f"{route}/rotate", subjects, 200),
        (f"{route}/rotate", subjects, 422),
        (f"{route}/revoke", subjects, 200),
        (route, subjects, 429),
    ]


async def test_each_route_knows_the_whole_of_its_path(gateway: Gateway) -> None:
    known = [(one.path, one.original_route) for one in iter_route_contexts(gateway.app.routes)]
    assert len(known) > 200
    assert [path for path, route in known if getattr(route, "path", path) != path] == []


async def test_the_trail_is_read_page_by_page_and_by_its_own_reseller_alone(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "")
    for reference in ("one", "two", "three"):
        await gateway.client.post("/v1/orders", json=order(reference=reference))
    await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": BOREALIS})
    whole = await trail(gateway)
    first = (await gateway.client.get("/v1/audit", params={"limit": 2})).json()
    second = (await gateway.client.get("/v1/audit", params={"limit": 2, "after": first["next"]})).json()
    assert first["entries"] + second["entries"] == whole
    assert (len(whole), second["next"]) == (3, None)
    assert (await gateway.client.get("/v1/audit", params={"after": "?"})).status_code == 422
    assert (await gateway.client.get("/v1/audit", headers={"X-API-Key": NUMBERS_ONLY})).status_code == 403


async def test_what_an_operator_does_at_the_site_is_written_down(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "")
    await add_operator(gateway, roles=("operator",), resellers=("acme",))
    visitor = Visitor(gateway)
    await visitor.sign_in()
    await visitor.post("/sign-out", {}, on="/account")
    (entry,) = [one for one in await trail(gateway) if one["route"] == "/sign-out"]
    assert (entry["client"], entry["by"]) == ("", "operator:anna@acme.example")


async def test_an_old_trail_is_forgotten(gateway: Gateway) -> None:
    await gateway.do(SCOPED, "")
    await gateway.client.post("/v1/orders", json=order())
    assert len(await trail(gateway)) == 1
    await gateway.do("UPDATE audit SET at = now() - $1::interval", 2 * settings().keep_audit)
    async with gateway.database.transaction() as db:
        await handlers.forget_old_audit(db)
    assert await trail(gateway) == []
