"""What the API's document shows is so: each example is sent as it stands, and answered as it is described."""

from uuid import uuid4

import pytest

from .behind import Behind
from .conftest import Gateway
from .documented import MASTER, NO_SCOPE, STREAMS, Document
from .everybody import Everybody

REFUSED = {"finish": 409, "preview_mail_of_draft": 409, "create_services": 409, "amend_order": 409}
"""What cannot be done to a draft that was only just begun, and to an order that waits for nothing."""
ELSEWHERE = {
    *("/v1/batches", "/v1/keys", "/v1/webhooks", "/v1/orders/dry-run"),
    *("/v1/operations/lag", "/v1/operations/replicas"),
}
"""Of these there are none here, or they need more than there is here: what is answered is described."""


@pytest.fixture
async def document(behind: Behind, gateway: Gateway) -> Document:
    Everybody(behind)
    return await Document.of(gateway)


async def test_every_example_is_taken_and_answered_as_it_is_described(document: Document) -> None:
    for one in document.operations():
        if one.path in STREAMS:
            continue
        if one.path.startswith("/v1/drafts/"):
            await document.draft()
        answer = await document.call(one)
        document.check(one, answer)
        known = one.path.startswith(tuple(document.made)) or "{id}" not in one.path
        expected = REFUSED.get(one.said["operationId"], 200)
        if known and one.path.partition("/{id}")[0] not in ELSEWHERE:
            assert answer.status_code // 100 == expected // 100, f"{one.method} {one.path}: {answer.text}"


async def test_every_operation_has_examples_of_what_it_is_asked_and_answered_and_of_every_error(
    document: Document,
) -> None:
    for one in document.operations():
        place = f"{one.method} {one.path}"
        for content in one.said.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, place
        for status, answer in one.said["responses"].items():
            for content in answer.get("content", {}).values():
                assert "example" in content or content.get("examples"), f"{place} {status}"
        assert {"401", "403"} <= one.said["responses"].keys(), place
        assert one.said["summary"], place
        assert one.said["tags"], place


async def test_operations_have_names_of_their_own(document: Document) -> None:
    names = [one.said["operationId"] for one in document.operations()]
    assert sorted(names) == sorted(set(names))
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in names)


async def test_a_body_of_another_kind_and_one_that_is_none_are_refused_as_described(document: Document) -> None:
    for one in document.operations():
        if one.body is None or one.path.startswith("/v1/inventory"):
            continue
        for kind, content in (("application/xml", b"<a/>"), (one.body[0], b"\xff{")):
            answer = await document.gateway.client.request(
                one.method,
                document.address(one),
                content=content,
                headers={"X-API-Key": MASTER, "Content-Type": kind, "If-Match": '"1"', "Idempotency-Key": "x"},
            )
            assert answer.status_code < 500, f"{one.method} {one.path}: {answer.text}"
            document.check(one, answer)


async def test_operations_know_the_parameters_that_they_are_described_with_and_refuse_any_other_by_its_name(
    document: Document,
) -> None:
    for one in document.operations():
        names = [each["name"] for each in one.said.get("parameters", ()) if each["in"] == "query"]
        answer = await document.gateway.client.request(
            one.method,
            document.address(one),
            params=dict.fromkeys([*names, "colour"], ""),
            headers={"X-API-Key": MASTER, "If-Match": '"1"', "Idempotency-Key": str(uuid4())},
        )
        place = f"{one.method} {one.path}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code == 422, place
        document.check(one, answer)
        (fault,) = answer.json()["errors"]
        assert (fault["parameter"], fault["message"]) == ("colour", "there is no such parameter"), place
        assert [name for name in names if name not in fault["remedy"]] == [], place


async def test_who_has_it_already_is_told_so_where_that_is_described_and_nowhere_else(document: Document) -> None:
    told = set[str]()
    for one in document.operations():
        if one.method != "GET" or one.path in STREAMS:
            continue
        answer = await document.call(one, **{"If-None-Match": "*"})
        document.check(one, answer)
        is_described = "If-None-Match" in [each["name"] for each in one.said.get("parameters", ())]
        assert is_described == ("304" in one.said["responses"]), one.path
        assert not is_described or "ETag" in one.said["responses"]["200"]["headers"], one.path
        if answer.status_code < 400:
            assert is_described == (answer.status_code == 304), one.path
        told |= {one.path} if answer.status_code == 304 else set()
    assert {"/v1/orders/{id}", "/v1/drafts/{id}", "/v1/customers/{id}", "/v1/catalogue/{service_type}"} <= told


async def test_who_may_not_read_it_is_told_that_and_not_what_it_takes(document: Document) -> None:
    for key, status in (("nobody's", 401), (NO_SCOPE, 403)):
        answer = await document.gateway.client.get("/v1/keys?colour=red", headers={"X-API-Key": key})
        assert answer.status_code == status, answer.text
