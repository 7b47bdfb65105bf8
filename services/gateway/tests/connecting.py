"""The gateway over real connections, and a caller who sends piece by piece."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

LIMIT = 20.0


class Connection:
    """A caller who sends piece by piece, and reads when it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._body = b""

    async def send(self, piece: bytes) -> None:
        self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await self._writer.drain()

    async def finish(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def abort(self) -> None:
        self._writer.transport.abort()

    async def head(self) -> bytes:
        async with asyncio.timeout(LIMIT):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def result(self) -> dict[str, Any]:
        """The next result line."""
        async with asyncio.timeout(LIMIT):
            while b"\n" not in self._body:
                size = int(await self._reader.readuntil(b"\r\n"), 16)
                self._body += (await self._reader.readexactly(size + 2))[:-2]
        first, self._body = self._body.split(b"\n", 1)
        found: dict[str, Any] = json.loads(first)
        return found

    async def ended(self) -> bool:
        """Whether the answer ends here."""
        async with asyncio.timeout(LIMIT):
            return not self._body and await self._reader.readuntil(b"\r\n") == b"0\r\n"

    async def cut_off(self) -> bool:
        """Whether the connection ends here, and the answer does not."""
        async with asyncio.timeout(LIMIT):
            return not self._body and await self._reader.read() == b""


class _Server(uvicorn.Server):
    """Leaves the signals to the tests."""

    def install_signal_handlers(self) -> None: ...


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Where the app is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=5))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield "http://{}:{}".format(*listener.getsockname())
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def posting(app: FastAPI, path: str, kind: str, key: str) -> AsyncIterator[Connection]:
    """A call that has begun."""
    async with serving(app) as url, _posting(url, path, kind, key) as connection:
        yield connection


@asynccontextmanager
async def _posting(url: str, path: str, kind: str, key: str) -> AsyncIterator[Connection]:
    _, host, port = url.replace("//", "").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: {kind}\r\n"
        f"X-API-Key: {key}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    writer.write(head.encode())
    yield Connection(reader, writer)
    writer.close()
