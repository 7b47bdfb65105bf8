"""The inventory of numbers, asked by pages: what the API lets through piece by piece is wanted whole here."""

from collections.abc import AsyncIterator, Mapping

import aiohttp

from gateway_service.flow import Flow
from gateway_service.upstream import GONE, SAFE, Upstream, unreachable
from patchbay_contracts.message import Frozen

JSON, CSV = "application/json", "text/csv"


class Stock:
    """What the numbers service says of it. Raises Problem with what it refuses, and 503 when it cannot be reached."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def get(self, path: str, **asked: str) -> bytes:
        """What is shown at that path below `/v1/inventory`; what is asked for with nothing is left out."""
        return await self._whole(*await self._asked("GET", path, asked))

    async def beginning(self, path: str, most: int) -> bytes:
        """The first bytes of what is shown there, so many at the most."""
        answer, flow = await self._asked("GET", path, {})
        return await self._whole(answer, flow, most)

    async def change(self, method: str, path: str, who: str, change: Frozen) -> bytes:
        """What became of a change, or would of one that is only tried."""
        return await self._whole(*await self._asked(method, path, {"who": who}, _once(change), JSON))

    async def load(self, who: str, kind: str, why: str, content: AsyncIterator[bytes]) -> bytes:
        """The last line of what is said while a CSV is loaded: all of it is in then."""
        asked = {"who": who, "kind": kind, "why": why}
        said = await self._whole(*await self._asked("POST", "/loads", asked, content, CSV))
        return said.strip().rpartition(b"\n")[2]

    async def _asked(
        self,
        method: str,
        path: str,
        asked: Mapping[str, str],
        body: AsyncIterator[bytes] | None = None,
        kind: str = "",
    ) -> tuple[aiohttp.ClientResponse, Flow]:
        query = [(name, value) for name, value in asked.items() if value]
        headers = {"Content-Type": kind} if kind else {}
        return await self._upstream.inventory(method, f"/inventory{path}", query, headers, body)

    async def _whole(self, answer: aiohttp.ClientResponse, flow: Flow, most: int = -1) -> bytes:
        found = bytearray()
        try:
            async with answer:
                while (most < 0 or len(found) < most) and (piece := await flow.moving(answer.content.readany())):
                    found += piece
        except GONE as error:
            raise unreachable("numbers", error, SAFE) from None
        return bytes(found if most < 0 else found[:most])


async def _once(change: Frozen) -> AsyncIterator[bytes]:
    yield change.model_dump_json().encode()
