"""The authority as a replica asks it, over HTTP. The numbers service itself never imports this, or the client."""

from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from numbers_service.search.source import Page
from patchbay_contracts.v1.blocks import BlockStated, GradesDeclared

M = TypeVar("M", bound=BaseModel)
LIMIT = httpx.Timeout(60, connect=5)


class Authority:
    """The numbers service over HTTP."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=LIMIT)

    async def blocks(self, after: int, most: int) -> Page:
        """`GET /blocks`"""
        return await self._read(Page, f"/blocks?after={after}&most={most}")

    async def block(self, first: int) -> BlockStated | None:
        """`GET /blocks/{first}`"""
        try:
            return await self._read(BlockStated, f"/blocks/{first}")
        except FileNotFoundError:
            return None

    async def grades(self) -> GradesDeclared:
        """`GET /grades`"""
        return await self._read(GradesDeclared, "/grades")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _read(self, kind: type[M], path: str) -> M:
        try:
            answer = await self._client.get(path)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise FileNotFoundError(f"the authority has no {path}")
            return kind.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            raise ConnectionError(f"the authority was asked for {path}: {type(error).__name__}") from error
