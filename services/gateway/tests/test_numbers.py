"""Numbers over the API: what a caller asks reaches the services behind, as its reseller and nobody else."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from .behind import FOUND, Behind, breaks_off, refuses, says
from .conftest import BOREALIS, NUMBERS_ONLY, ORDERS_ONLY, Gateway
from .posted import order

OWNER = {"kind": "basket", "id": "00000000-0000-7000-8000-00000000b001"}
HOLDS: dict[str, dict[str, Any]] = {
    "/holds": {"owner": OWNER, "numbers": ["+441217377007"]},
    "/holds/extend": {"owner": OWNER, "minutes": 60},
    "/holds/release": {"owner": OWNER, "numbers": ["+441217377007"]},
    "/holds/list": {"owner": OWNER},
}


async def post(gateway: Gateway, path: str, query: Any, **headers: str) -> httpx.Response:
    return await gateway.client.post(f"/v1/numbers{path}", json=query, headers=headers)


def faults(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors: list[dict[str, str]] = answer.json()["errors"]
    assert all(fault["message"] and fault["remedy"] for fault in errors)
    return errors


async def test_a_search_is_asked_of_a_replica_and_its_answer_passed_on_as_it_came(
    behind: Behind, gateway: Gateway
) -> None:
    answer = await post(gateway, "/search", {"prefix": "0121737", "count": 2, "method": "segments", "segments": ["77"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == json.dumps(FOUND | {"total": 1}).encode()
    (call,) = behind.replicas[0].asked
    assert (call.method, call.path) == ("POST", "/search")
    assert call.document["query"].items() >= {"prefix": "0121737", "count": 2, "method": "segments"}.items()
    assert call.document["query"]["segments"] == ["77"]
    assert behind.billing.asked == behind.numbers.asked == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("(0121) 230", "0121230"),
        ("0121-230", "0121230"),
        ("121 230", "121230"),
        ("0044121", "+44121"),
        ("+44 (0)121", "+44121"),
        ("(+44) (0)121", "+44121"),
        ("00", "00"),
        (" ", ""),
    ],
)
async def test_a_prefix_is_taken_as_people_write_it(behind: Behind, gateway: Gateway, written: str, meant: str) -> None:
    assert (await post(gateway, "/search", {"prefix": written})).status_code == 200
    (call,) = [call for replica in behind.replicas for call in replica.asked]
    assert call.document["query"].get("prefix", "") == meant


@pytest.mark.parametrize("path", ["/search", *HOLDS])
@pytest.mark.parametrize(("headers", "reseller"), [({}, "acme"), ({"X-API-Key": BOREALIS}, "borealis")])
async def test_the_key_says_who_asks_and_nothing_else_does(
    behind: Behind, gateway: Gateway, path: str, headers: dict[str, str], reseller: str
) -> None:
    query = HOLDS.get(path, {})
    assert faults(await post(gateway, f"{path}?reseller=evil", query, **headers))[0]["parameter"] == "reseller"
    assert (await post(gateway, path, query, Reseller="evil", **headers)).status_code == 200
    for claim in ({"reseller": "evil"}, {"query": query, "reseller": "evil"}):
        assert faults(await post(gateway, path, query | claim, **headers))
    (call,) = behind.numbers.asked + behind.replicas[0].asked + behind.replicas[1].asked
    assert call.path == path
    assert call.query == []
    assert call.document.keys() == {"reseller", "query"}
    assert call.document["reseller"] == reseller


@pytest.mark.parametrize("path", HOLDS)
async def test_holds_are_asked_of_the_numbers_service_and_its_answer_passed_on_as_it_came(
    behind: Behind, gateway: Gateway, path: str
) -> None:
    behind.numbers.answers = says({"anything": [1, 2.50, "ä"]})
    answer = await post(gateway, path, HOLDS[path])
    assert (answer.status_code, answer.content) == (200, json.dumps({"anything": [1, 2.50, "ä"]}).encode())
    (call,) = behind.numbers.asked
    assert (call.method, call.path) == ("POST", path)
    assert call.document["query"].items() >= HOLDS[path].items()


@pytest.mark.parametrize(
    ("path", "query", "pointer", "message"),
    [
        ("/search", {"prefix": "0121x"}, "/prefix", "as it should be"),
        ("/search", {"prefix": "-"}, "/prefix", "as it should be"),
        ("/search", {"count": 10_001}, "/count", "10000"),
        ("/search", {"count": 0}, "/count", "1"),
        ("/search", {"segments": ["77", "123456789"]}, "/segments/1", "as it should be"),
        ("/search", {"pools": ["customer"]}, "/customer_id", "customer_id"),
        ("/search", {"pools": ["public", "theirs"]}, "/pools/1", "'public'"),
        ("/search", {"colour": "red"}, "/colour", "no such field"),
        ("/search", [], "", "object"),
        ("/holds", {"numbers": ["+441217377007"]}, "/owner", "required"),
        ("/holds", {"owner": OWNER, "numbers": []}, "/numbers", "1 item"),
        ("/holds", {"owner": OWNER, "numbers": ["+441217377007", "0121"]}, "/numbers/1", "E.164"),
        ("/holds", HOLDS["/holds"] | {"filter": {"prefix": "x"}}, "/filter/prefix", "as it should be"),
        ("/holds/extend", {"owner": OWNER, "minutes": 1441}, "/minutes", "1440"),
        ("/holds/release", {"owner": OWNER | {"id": "mine"}}, "/owner/id", "UUID"),
        ("/holds/list", {"owner": OWNER | {"kind": "order"}}, "/owner/kind", "'draft'"),
    ],
)
async def test_a_fault_is_named_where_it_stands_and_nobody_is_asked(
    behind: Behind, gateway: Gateway, path: str, query: Any, pointer: str, message: str
) -> None:
    (fault,) = faults(await post(gateway, path, query))
    assert fault["pointer"] == pointer
    assert message in fault["message"]
    assert behind.numbers.asked + behind.replicas[0].asked + behind.replicas[1].asked == []


@pytest.mark.parametrize("path", ["/search", *HOLDS])
@pytest.mark.parametrize(
    ("behind_it", "here"),
    [
        ("/query", ""),
        ("/query/pattern", "/pattern"),
        ("/query/filter/after", "/filter/after"),
        ("/queryable", "/queryable"),
    ],
)
async def test_what_is_refused_behind_is_named_where_it_stands_in_the_body_that_was_posted(
    behind: Behind, gateway: Gateway, path: str, behind_it: str, here: str
) -> None:
    refusing = refuses({"pointer": behind_it, "message": "no", "remedy": "another"}, {"message": "a", "remedy": "b"})
    for service in (behind.numbers, *behind.replicas):
        service.answers = refusing
    answer = await post(gateway, path, HOLDS.get(path, {}))
    assert faults(answer)[0] == {"pointer": here, "message": "no", "remedy": "another"}
    assert answer.json()["title"] == "Not so"
    assert answer.json()["detail"] == "See there."


@pytest.mark.parametrize(("status", "again"), [(429, "7"), (503, "3")])
async def test_when_to_come_again_is_passed_on(behind: Behind, gateway: Gateway, status: int, again: str) -> None:
    behind.numbers.answers = refuses(status=status, **{"Retry-After": again})
    answer = await post(gateway, "/holds/list", {"owner": OWNER})
    assert (answer.status_code, answer.headers["retry-after"]) == (status, again)


@pytest.mark.parametrize("path", ["/search", *HOLDS])
async def test_a_key_needs_the_scope_numbers(behind: Behind, gateway: Gateway, path: str) -> None:
    answer = await post(gateway, path, HOLDS.get(path, {}), **{"X-API-Key": ORDERS_ONLY})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'numbers'" in answer.json()["detail"]
    assert "administrator" in answer.json()["detail"]
    assert behind.numbers.asked + behind.replicas[0].asked == []
    assert (await post(gateway, path, HOLDS.get(path, {}), **{"X-API-Key": NUMBERS_ONLY})).status_code == 200


async def test_orders_need_the_scope_orders(gateway: Gateway) -> None:
    answer = await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": NUMBERS_ONLY})
    assert answer.status_code == 403
    assert "'orders'" in answer.json()["detail"]
    assert (await gateway.client.get("/v1/orders", headers={"X-API-Key": NUMBERS_ONLY})).status_code == 403
    assert await gateway.count() == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{}", "text/plain", 415), (b"{", "application/json", 422), (b" " * 600_000, "application/json", 413)],
)
async def test_a_body_that_cannot_be_a_query_is_refused(
    behind: Behind, gateway: Gateway, content: bytes, kind: str, status: int
) -> None:
    for path in ("/search", *HOLDS):
        sent = {"content": content, "headers": {"Content-Type": kind}}
        answer = await gateway.client.post(f"/v1/numbers{path}", **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def _gone(behind: Behind) -> None:
    await behind.numbers.go()


async def _cut_off(behind: Behind) -> None:
    behind.numbers.answers = breaks_off


@pytest.mark.parametrize("trouble", [_gone, _cut_off])
@pytest.mark.parametrize("path", HOLDS)
async def test_a_numbers_service_that_does_not_answer_is_said_to_be_asked_again(
    behind: Behind, gateway: Gateway, path: str, trouble: Callable[[Behind], Any]
) -> None:
    await trouble(behind)
    answer = await post(gateway, path, HOLDS[path])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "safe to send it again" in answer.json()["detail"]


@pytest.mark.parametrize("answers", [says({"title": "no problem"}, status=500), refuses(status=404)])
async def test_what_nobody_can_make_sense_of_is_a_fault_behind_the_gateway(
    behind: Behind, gateway: Gateway, answers: Any
) -> None:
    behind.numbers.answers = answers
    answer = await post(gateway, "/holds/list", {"owner": OWNER})
    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")
    assert "no problem" not in answer.text
