"""An order that is not valid: each fault with its place in the order and what to do about it; nothing is accepted."""

import json
from typing import Any

import pytest

from .conftest import Gateway
from .posted import line, new, order

JSON = {"Content-Type": "application/json"}
CONTACT = {"name": "Charles", "email": "charles@example.com"}


async def refused(gateway: Gateway, body: Any) -> list[dict[str, str]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await gateway.client.post("/v1/orders", content=content, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (422, "The order is not valid")
    assert await gateway.count() == 0
    assert gateway.kafka.said == []
    errors: list[dict[str, str]] = problem["errors"]
    assert all(one["message"] and one["remedy"] for one in errors)
    return errors


@pytest.mark.parametrize(
    ("body", "place", "remedy"),
    [
        ({"lines": []}, "/customer", "add this field"),
        (order(customer={}), "/customer", "'kind'"),
        (order(customer=7), "/customer", ""),
        (order(customer={"kind": "old"}), "/customer", "'existing'"),
        (order(customer={"kind": "existing"}), "/customer/id", "add this field"),
        (order(customer={"kind": "existing", "id": "C-1"}), "/customer/id", "the id as you got it"),
        (order(customer=new(email="ada")), "/customer/email", "office@example.com"),
        (order(customer=new(pin="123")), "/customer/pin", "more characters"),
        (order(customer=new(pin=4711)), "/customer/pin", "as a text"),
        (order(customer=new(new="new")), "/customer/new", "remove this field"),
        (order(customer=new(existing={})), "/customer/existing", "remove this field"),
        (order(lines=[line(new="new")]), "/lines/0/new", "remove this field"),
        (order(customer=new(address={"zip": "B1"})), "/customer/address/zip", "remove this field"),
        (order(customer=new(address={"country": "gb"})), "/customer/address/country", ""),
        (order(customer=new(contacts=[CONTACT, {"name": "X"}])), "/customer/contacts/1/email", "add this field"),
        (order(customer=new(contacts=[CONTACT | {"role": "boss"}])), "/customer/contacts/0/role", "remove"),
        (order(customer=new(name="Ada\r\nBcc: all@example.com")), "/customer/name", "line breaks"),
        (order(colour="red"), "/colour", "remove this field"),
        (order(reference="  "), "/reference", "more characters"),
        (order(reference="x" * 201), "/reference", "shorten"),
        (order(notify=["everybody"]), "/notify/0", "one of the words"),
        (order(lines={}), "/lines", "list"),
        (order(lines=[line(), line(numbers={"count": -1})]), "/lines/1/numbers/count", "bounds"),
        (order(lines=[line(numbers={"count": "two"})]), "/lines/0/numbers/count", "whole number"),
        (order(lines=[line(numbers={"exact": ["0121"]})]), "/lines/0/numbers/exact/0", ""),
        (order(lines=[line(numbers={"exact": ["+441214960000"], "count": 1})]), "/lines/0/numbers/count", ""),
        (order(lines=[line(settings=[])]), "/lines/0/settings", "object"),
        (order(lines=[line(settings_by_number={"a/b~c": {}})]), "/lines/0/settings_by_number/a~1b~0c", ""),
        (order(lines=[line()] * 201), "/lines", "split the order"),
        (order(lines=[line(numbers={"count": 600})] * 2), "/lines", ""),
    ],
)
async def test_each_fault_names_its_field_and_the_remedy(
    gateway: Gateway, body: dict[str, Any], place: str, remedy: str
) -> None:
    (error,) = await refused(gateway, body)
    assert error["pointer"] == place
    assert remedy in error["remedy"]


async def test_all_faults_of_an_order_are_named_at_once(gateway: Gateway) -> None:
    errors = await refused(gateway, order(customer=new(email="x", pin="1"), lines=[{"service_type": "A"}]))
    assert [error["pointer"] for error in errors] == [
        "/lines/0/service_type",
        "/lines/0/price_list",
        "/customer/email",
        "/customer/pin",
    ]


async def test_an_order_that_is_all_wrong_is_not_answered_without_end(gateway: Gateway) -> None:
    assert len(await refused(gateway, order(lines=[{"x": 1}] * 200))) == 50


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"customer": }',
        b"\xff\xfe{\x00}\x00",
        b'{"reference":"\xff"}',
        b'{"reference":"\x00"}',
        rb'{"reference":"\ud800"}',
        rb'{"reference":"\udc00\ud800"}',
        b"[" * 100_000,
        b'{"lines":' * 10_000,
        b'{"lines":[{"settings":{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}}]}",
        b'{"reference":' + b"9" * 5_000 + b"}",
        json.dumps(order()).encode("utf-16"),
        json.dumps(order()).encode() * 2,
    ],
    ids=lambda body: repr(body[:24]),
)
async def test_what_is_no_json_in_utf_8_is_refused_as_a_whole(gateway: Gateway, body: bytes) -> None:
    (error,) = await refused(gateway, body)
    assert error["pointer"] == ""
    assert "one JSON object in UTF-8" in error["remedy"]


@pytest.mark.parametrize("body", [b"null", b"[]", b'"order"', b"7", b"[{}]"])
async def test_json_that_is_no_object_is_refused_as_a_whole(gateway: Gateway, body: bytes) -> None:
    (error,) = await refused(gateway, body)
    assert (error["pointer"], error["remedy"]) == ("", "send one JSON object")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (order(reference="a\0b"), "/reference"),
        (order(customer=new(name="a\0b")), "/customer/name"),
        (order(customer=new(email="a\0b@example.com")), "/customer/email"),
        (order(customer=new(address={"lines": ["ok", "\0"]})), "/customer/address/lines/1"),
        (order(lines=[line(settings={"a": [{"b": "\0"}]})]), "/lines/0/settings"),
        (order(lines=[line(settings={"\0": 1})]), "/lines/0/settings"),
        (
            order(lines=[line(settings_by_number={"+441214960000": {"a": "\0"}})]),
            "/lines/0/settings_by_number/+441214960000",
        ),
        (order(lines=[line(settings={"a": float("inf")})]), "/lines/0/settings"),
        (order(lines=[line(settings={"a": float("nan")})]), "/lines/0/settings"),
        (order(lines=[line(settings={"a": 2**63})]), "/lines/0/settings"),
    ],
)
async def test_what_no_database_could_keep_is_refused_where_it_stands(gateway: Gateway, body: Any, place: str) -> None:
    (error,) = await refused(gateway, body)
    assert error["pointer"] == place


async def test_settings_are_kept_and_shown_as_they_were_posted(gateway: Gateway) -> None:
    posted = {"a": 2**63 - 1, "b": 0.1, "c": "Ä\u2028\\u0000", "d": [[], {}, None, True, -1.5e300], "": "empty"}
    answer = await gateway.client.post("/v1/orders", json=order(lines=[line(settings=posted)]))
    shown = (await gateway.client.get(answer.headers["location"])).json()
    assert shown["order"]["lines"][0]["settings"] == posted


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/nothing", 404), ("PUT", "/v1/orders", 405), ("POST", "/", 405)]
)
async def test_what_is_not_there_is_a_problem_too(gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = await gateway.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "/openapi.json" in answer.json()["detail"]
