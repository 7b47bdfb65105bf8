"""A process and its HTTP: what an app opens is open while it serves, and closed after; health needs no app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from patchbay_chassis import health
from patchbay_chassis.process import Process
from patchbay_chassis.settings import ProcessSettings
from patchbay_chassis.testing import eventually
from patchbay_local.ports import free_port

PORT = free_port()


@pytest_asyncio.fixture
async def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    monkeypatch.setenv("PATCHBAY_HTTP_PORT", str(PORT))
    return Process(ProcessSettings())


async def well() -> dict[str, bool]:
    return {"well": True}


async def get(path: str) -> httpx.Response:
    async def answers() -> httpx.Response | None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}") as client:
            try:
                return await client.get(path)
            except httpx.ConnectError:
                return None

    found = await eventually(answers)
    assert found is not None
    return found


async def test_what_an_app_opens_is_open_while_it_serves_and_closed_after(process: Process) -> None:
    open_: list[bool] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        open_.append(True)
        yield
        open_.append(False)

    process.serve(FastAPI(lifespan=lifespan), well)
    assert (await get("/readyz")).json() == {"well": True}
    assert open_ == [True]
    await process.stop()
    assert open_ == [True, False]
    assert not process.failed


async def _plain(scope: health.Scope, receive: health.Receive, send: health.Send) -> None:
    """Knows nothing of a lifespan."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(("app", "status"), [(None, 404), (_plain, 204), (FastAPI(openapi_url=None), 404)])
async def test_health_is_there_with_any_app_and_without(process: Process, app: health.App | None, status: int) -> None:
    process.serve(app, well)
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await get(path)).status_code == 200
    assert (await get("/other")).status_code == status
    await process.stop()
    assert not process.failed
