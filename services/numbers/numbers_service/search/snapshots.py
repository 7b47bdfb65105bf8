"""Snapshots: the index with the positions that belong to it, as objects in a store that a URL names."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import obstore
import orjson
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from numbers_service.index import Index
from numbers_service.search import metrics
from patchbay_chassis.log import log

MAGIC = b"patchbay search 1\n"
SEAL = 4
ENDING = ".snapshot"


class Torn(ValueError):
    """An object that is no whole snapshot."""


@dataclass(frozen=True)
class Snapshot:
    """An index, the positions in `topic` behind all that it knows, and the version of its grade rules."""

    topic: str
    positions: dict[int, int]
    grades: int
    index: Index


class Snapshots:
    """The last few snapshots. Replicas may share a store: whose a snapshot is makes no difference."""

    def __init__(self, url: str, replica: str, kept: int) -> None:
        """Raises ValueError if the URL names no store."""
        self._replica, self._kept = replica, kept
        try:
            local = url.startswith("file://")
            self._store: ObjectStore = LocalStore.from_url(url, mkdir=True) if local else from_url(url)
        except BaseError as error:
            raise ValueError(f"PATCHBAY_SNAPSHOTS is {url!r}: name a store such as file:///folder: {error}") from error

    async def newest_first(self) -> AsyncIterator[Snapshot]:
        """Those that can be read. Raises OSError while the store is away."""
        for name in reversed(await self._names()):
            try:
                yield await self._read(name)
            except (Torn, FileNotFoundError) as error:
                log.warning("snapshot.unreadable", name=name, error=str(error))

    async def write(self, snapshot: Snapshot) -> None:
        """Write it, whole or not at all, and drop the oldest. Raises OSError while the store is away."""
        began = time.perf_counter()
        data = _begun(snapshot)
        for part in snapshot.index.dump():  # nothing else happens meanwhile: it is one moment of the index
            data += part
        await asyncio.to_thread(_seal, data)
        name = f"{time.time_ns() // 1_000_000:015}-{self._replica}{ENDING}"
        try:
            # Local folders get a temporary name first, and object stores show nothing before it is whole.
            await obstore.put_async(self._store, name, data)
            for old in (await self._names())[: -self._kept]:
                await obstore.delete_async(self._store, old)
        except BaseError as error:
            raise ConnectionError(f"snapshot {name}: {error}") from error
        metrics.snapshot_seconds.observe(time.perf_counter() - began)
        log.info("snapshot.written", name=name, bytes=len(data), blocks=len(snapshot.index.directory))

    async def _names(self) -> list[str]:
        """By age, as their names begin with a time."""
        try:
            listed = [one async for many in obstore.list(self._store) for one in many]
        except BaseError as error:
            raise ConnectionError(f"snapshots cannot be listed: {error}") from error
        return sorted(one["path"] for one in listed if one["path"].endswith(ENDING))

    async def _read(self, name: str) -> Snapshot:
        try:
            data = memoryview(await (await obstore.get_async(self._store, name)).bytes_async())
        except BaseError as error:
            raise ConnectionError(f"snapshot {name}: {error}") from error
        return await asyncio.to_thread(_opened, data)


def _begun(snapshot: Snapshot) -> bytearray:
    head = orjson.dumps([snapshot.topic, list(snapshot.positions.items()), snapshot.grades])
    return bytearray(MAGIC + bytes(SEAL) + len(head).to_bytes(SEAL) + head)


def _seal(data: bytearray) -> None:
    """The checksum of all that stands behind it."""
    data[len(MAGIC) : len(MAGIC) + SEAL] = zlib.crc32(memoryview(data)[len(MAGIC) + SEAL :]).to_bytes(SEAL)


def _opened(data: memoryview) -> Snapshot:
    start = len(MAGIC) + SEAL
    if data[: len(MAGIC)] != MAGIC:
        raise Torn("it is no snapshot of this version")
    if data[len(MAGIC) : start] != zlib.crc32(data[start:]).to_bytes(SEAL):
        raise Torn("its checksum is wrong")
    body = start + SEAL + int.from_bytes(data[start : start + SEAL])
    topic, positions, grades = orjson.loads(data[start + SEAL : body])
    try:
        return Snapshot(topic, dict(positions), grades, Index.load(data[body:]))
    except ValueError as error:
        raise Torn(str(error)) from error
