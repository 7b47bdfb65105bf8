"""How a keeper of the index begins: from the newest snapshot that still fits, or from all that the authority has."""

import asyncio
import time
from collections.abc import Sequence

from numbers_service.grading import DEFAULT
from numbers_service.index import Index
from numbers_service.search import metrics, translating
from numbers_service.search.snapshots import Snapshot, Snapshots
from numbers_service.search.source import Source
from patchbay_chassis.follow import Follower
from patchbay_chassis.log import log
from patchbay_contracts.v1.blocks import BlockStated

PAGE = 100
"""Blocks that are read at once."""
PAUSE = 1.0


async def begin(source: Source, follower: Follower, snapshots: Snapshots | None) -> Snapshot:
    """An index and the positions from which on to follow. Whoever is away is waited for."""
    while True:
        began, how = time.perf_counter(), "snapshot"
        try:
            if snapshots is None or (found := await _from_snapshot(follower, snapshots)) is None:
                how, found = "authority", await _from_authority(source, follower)
        except OSError as error:
            log.warning("search.waits", error=repr(error))
            await asyncio.sleep(PAUSE)
        else:
            seconds = round(time.perf_counter() - began, 3)
            log.info("search.begun", how=how, blocks=len(found.index.directory), seconds=seconds)
            if snapshots is not None and how == "authority":
                await _keep(snapshots, found)
            return found


async def _from_snapshot(follower: Follower, snapshots: Snapshots) -> Snapshot | None:
    async for snapshot in snapshots.newest_first():
        if snapshot.topic == follower.topic and await follower.reaches(snapshot.positions):
            return snapshot
        log.warning("snapshot.does_not_fit", topic=snapshot.topic, positions=snapshot.positions)
    return None


async def _from_authority(source: Source, follower: Follower) -> Snapshot:
    """What changes while we read is said behind the positions that were noted before; versions tell what we have."""
    positions = await follower.ends()
    declared = await source.grades()
    index, after = Index(DEFAULT), 0
    try:
        index.regrade(translating.grading(declared))
    except ValueError as error:
        log.error("grades.refused", version=declared.version, error=str(error))
    while True:
        page = await source.blocks(after, PAGE)
        _put(index, page.blocks)
        if page.next is None:
            return Snapshot(follower.topic, positions, declared.version, index)
        after = page.next


def _put(index: Index, blocks: Sequence[BlockStated]) -> None:
    """All at once; if some block does not fit, the others are there all the same."""
    try:
        index.put_many(map(translating.state, blocks))
    except ValueError:
        for block in blocks:
            try:
                index.put(translating.state(block))
            except ValueError as error:
                metrics.refused.inc()
                log.error("block.refused", block=block.block, version=block.version, error=str(error))


async def _keep(snapshots: Snapshots, snapshot: Snapshot) -> None:
    """So that the next start need not read it all again. A store that is away does not hold us up."""
    try:
        await snapshots.write(snapshot)
    except OSError as error:
        log.warning("snapshot.not_written", error=str(error))
