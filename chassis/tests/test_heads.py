"""Heads of requests: too large or too slow ones are refused, before anybody is asked who he is."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request

from patchbay_chassis import heads
from patchbay_chassis.process import Process
from patchbay_chassis.settings import ProcessSettings
from patchbay_chassis.testing import eventually
from patchbay_local.ports import free_port

from .test_process import well

PORT = free_port()
LARGE = b"x" * heads.MOST_HEAD


@pytest_asyncio.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    app = FastAPI()

    @app.post("/long")
    async def long(request: Request) -> int:
        return len(await request.body())

    monkeypatch.setenv("PATCHBAY_HTTP_PORT", str(PORT))
    process = Process(ProcessSettings())
    process.serve(app, well)
    await eventually(_listens)
    yield
    await process.stop()


async def _listens() -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", PORT)
    except OSError:
        return False
    writer.close()
    return True


async def answers(*parts: bytes) -> list[tuple[int, Any]]:
    """What is said to these bytes, until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    for part in parts:
        writer.write(part)
        await writer.drain()
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        found.append((int(head.split()[1]), json.loads(rest[:size])))
        said = rest[size:]
    return found


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "parts",
    [
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + LARGE + b"\r\n\r\n",),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 12_000 + b"\r\n",),
        (b"GET /" + LARGE + b" HTTP/1.1\r\nHost: a\r\n\r\n",),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ", LARGE + b"x"),
    ],
    ids=["one header", "many", "the address", "without an end"],
)
async def test_a_head_that_is_too_large_is_refused(parts: tuple[bytes, ...]) -> None:
    ((status, body),) = await answers(*parts)
    assert (status, body["type"], body["status"]) == (431, "/problems/headers_too_large", 431)


@pytest.mark.usefixtures("served")
async def test_a_head_that_comes_too_slowly_is_given_up_and_a_silent_caller_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heads, "SLOWEST_HEAD", 0.2)
    ((status, body),) = await answers(b"GET /livez HTTP/1.1\r\nHost:")
    assert (status, body["type"]) == (408, "/problems/too_slow")
    assert await answers() == []


@pytest.mark.usefixtures("served")
async def test_what_is_no_http_is_told_so_in_the_form_of_all_problems() -> None:
    ((status, body),) = await answers(b"nonsense\r\n\r\n")
    assert (status, body["type"]) == (400, "/problems/bad_request")


@pytest.mark.usefixtures("served")
async def test_a_body_may_be_larger_than_any_head_with_another_request_right_behind_it() -> None:
    first = b"POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (3 * len(LARGE)) + 3 * LARGE
    last = b"GET /livez HTTP/1.1\r\nHost: a\r\n", b"Connection: close\r\n\r\n"
    assert [status for status, _ in await answers(first + last[0], last[1])] == [200, 200]
