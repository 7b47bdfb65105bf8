"""The public keys of an identity provider: read when needed, kept, and read again when an unknown one is named."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem

FRESH_FOR = 600.0
"""Seconds after which keys are read again: one that the provider has taken back is not believed for longer."""
STALE_FOR = 86_400.0
"""So long keys that were read go on being believed while the provider cannot be reached."""
PAUSE = 10.0
"""Seconds between two readings, whatever tokens come: nobody makes us call the provider for each of his."""
LIMIT = aiohttp.ClientTimeout(total=5)
MOST_BYTES = 512 * 1024
KINDS = frozenset({"RSA", "EC", "OKP"})
"""A secret that is published (`oct`) is none."""


class Jwks:
    """Keys by their id."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Key] = {}
        self._read_at = self._tried_at = -STALE_FOR
        self._reading = asyncio.Lock()

    async def key(self, id_: object) -> Key | None:
        """The key with that id, or without one the only key there is. Raises Problem 503 when no keys can be had."""
        now = time.monotonic()
        found = self._find(id_)
        if found is None or now - self._read_at > FRESH_FOR:
            async with self._reading:
                if time.monotonic() - self._tried_at > PAUSE:
                    await self._read()
            found = self._find(id_)
        if time.monotonic() - self._read_at > STALE_FOR:
            detail = "The keys of your identity provider cannot be read. Try again soon."
            raise Problem(503, "Try again soon", detail, headers={"Retry-After": str(int(PAUSE))})
        return found

    def _find(self, id_: object) -> Key | None:
        if id_ is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(id_) if isinstance(id_, str) else None

    async def _read(self) -> None:
        """Read them. What cannot be read leaves those that are known."""
        self._tried_at = time.monotonic()
        try:
            async with (
                aiohttp.ClientSession(timeout=LIMIT) as http,
                http.get(self._url, allow_redirects=False) as answer,
            ):
                answer.raise_for_status()
                content = b"".join([piece async for piece in _pieces(answer)])
            published = orjson.loads(content)["keys"]
            keys = [one for one in published if one.get("kty") in KINDS and one.get("use", "sig") == "sig"]
            read = {str(one.get("kid", at)): JWKRegistry.import_key(one) for at, one in enumerate(keys)}
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
            log.warning("jwks.unread", url=self._url, error=repr(error)[:300])
            return
        self._keys, self._read_at = read, time.monotonic()
        log.info("jwks.read", url=self._url, keys=len(read))


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body. Raises ValueError for a redirection, and for one that is too long."""
    if answer.status != 200:
        raise ValueError(f"status {answer.status}")
    length = 0
    async for piece in answer.content.iter_any():
        length += len(piece)
        if length > MOST_BYTES:
            raise ValueError("too long")
        yield piece
