"""The inventory of numbers, asked by pages: what the API lets through piece by piece is wanted whole here."""

from collections.abc import AsyncIterator

from gateway_service.upstream import GONE, SAFE, Upstream, unreachable

_JSON = {"Content-Type": "application/json"}


class Stock:
    """What the numbers service says of it. Raises Problem with what it refuses, and 503 when it cannot be reached."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def get(self, path: str, **asked: str) -> bytes:
        """What is shown at that path below `/v1/inventory`; what is asked for with nothing is left out."""
        return await self._whole("GET", path, asked)

    async def _whole(
        self, method: str, path: str, asked: dict[str, str], body: AsyncIterator[bytes] | None = None
    ) -> bytes:
        query = [(name, value) for name, value in asked.items() if value]
        headers = {} if body is None else _JSON
        answer, flow = await self._upstream.inventory(method, f"/inventory{path}", query, headers, body)
        try:
            async with answer:
                return await flow.moving(answer.read())
        except GONE as error:
            raise unreachable("numbers", error, SAFE) from None
