"""HEAD is answered as GET is, without the body."""

import asyncio
from uuid import uuid4

import pytest

from .behind import Behind
from .conftest import Gateway
from .documented import MASTER, STREAMS, Document
from .everybody import Everybody

OTHERWISE = ("ratelimit", "date", "as-of")
"""What another answer says otherwise."""


@pytest.fixture
async def document(behind: Behind, gateway: Gateway) -> Document:
    Everybody(behind)
    return await Document.of(gateway)


async def test_whatever_is_read_is_answered_with_the_same_headers_and_no_body(document: Document) -> None:
    client, pages = document.gateway.client, ("/", "/problems", "/openapi.json", "/no/such/page")
    paths = [document.address(one) for one in document.operations(("/v1/", "/tmf-api/")) if one.method == "GET"]
    for path in (*pages, *(path for path in paths if not path.endswith(("/stream", "/events")))):
        answers = [await client.request(method, path, headers={"X-API-Key": MASTER}) for method in ("GET", "HEAD")]
        got, head = ((one.status_code, {k: v for k, v in one.headers.items() if k not in OTHERWISE}) for one in answers)
        assert head == got, path
        assert answers[1].content == b"", path


async def test_a_tag_holds_for_it_and_what_is_streamed_is_not_made(document: Document) -> None:
    client = document.gateway.client
    path = f"/v1/orders/{document.made['/v1/orders']}"
    head = await client.head(path)
    again = await client.head(path, headers={"If-None-Match": head.headers["etag"]})
    assert (head.status_code, again.status_code, again.headers["etag"]) == (200, 304, head.headers["etag"])
    async with asyncio.timeout(5):
        for stream in ("/v1/orders?format=ndjson", f"{path}/events", "/v1/events/stream"):
            streamed = await client.head(stream, headers={"X-API-Key": MASTER})
            assert (streamed.status_code, "content-length" in streamed.headers, streamed.content) == (200, False, b"")
    assert {one for one in STREAMS if one.startswith("/v1/")} == {"/v1/events/stream", "/v1/orders/{id}/events"}


async def test_it_is_no_way_to_write_and_is_named_where_it_is_allowed(gateway: Gateway) -> None:
    refused = await gateway.client.head(f"/v1/drafts/{uuid4()}/finish")
    assert (refused.status_code, refused.headers["allow"], refused.content) == (405, "POST", b"")
    refused = await gateway.client.delete("/v1/reasons")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
