"""Keeps an index level with what is said about blocks: versions in order, and what lacks from the authority."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from numbers_service.index import Index
from numbers_service.search import metrics, translating
from numbers_service.search.source import Source
from patchbay_chassis.log import log
from patchbay_contracts.message import Message
from patchbay_contracts.v1.blocks import BlockChanged, BlockChecked, BlockMessage, BlockStated, GradesDeclared

PATIENCE = 1.0
"""Seconds that a version is waited for: two processes of the authority may have said theirs out of order."""
MOST_REPAIRS = 100
"""Blocks that are fetched in one round."""


@dataclass
class _Behind:
    """A block of which the index lacks something: since when, until which version, and when to ask the authority."""

    why: str
    since: float
    due: float
    version: int
    changes: dict[int, BlockChanged] = field(default_factory=dict)


class Feed:
    """Applies messages to an index. Each may come twice, late, or before another that it builds on."""

    def __init__(self, index: Index, source: Source, grades: int = 0) -> None:
        """`grades`: the version of the rules that the index has."""
        self.index = index
        self.grades = grades
        self._source = source
        self._behind: dict[int, _Behind] = {}

    @property
    def behind_since(self) -> float | None:
        """Since when (seconds since 1970) the index has lacked something that was said; None if it lacks nothing."""
        return min((one.since for one in self._behind.values()), default=None)

    async def take(self, messages: Sequence[Message]) -> None:
        """Apply what can be applied; the rest is waited for."""
        for message in messages:
            match message:
                case BlockChanged():
                    self._changed(message)
                case BlockStated():
                    self._stated(message)
                case BlockChecked():
                    self._checked(message)
                case GradesDeclared():
                    self._declared(message)

    async def settle(self) -> None:
        """Fetch blocks whose missing versions did not come in time. Raises OSError while the authority is away."""
        now = time.time()
        for block in [block for block, behind in self._behind.items() if behind.due <= now][:MOST_REPAIRS]:
            stated = await self._source.block(block)
            if (behind := self._behind.get(block)) is None:
                continue  # what was missing came while we asked
            log.warning("block.repaired", block=block, why=behind.why, version=stated and stated.version)
            metrics.repairs.labels(behind.why).inc()
            behind.due = time.time() + PATIENCE
            if stated is None:
                del self._behind[block]
            elif stated.version >= (self.index.version(block) or 0):
                self._put(stated)

    async def look_again(self, blocks: Iterable[int]) -> None:
        """Take these blocks as they are now, before it is said. Raises OSError while the authority is away."""
        for block in blocks:
            if (stated := await self._source.block(block)) is not None:
                self._stated(stated)

    def _changed(self, change: BlockChanged) -> None:
        have = self.index.version(change.block)
        if have is not None and change.version <= have:
            return
        if have is None or change.version > have + 1:
            self._lacks(change, "gap").changes[change.version] = change
        elif self._apply(change):
            self._go_on(change.block)

    def _stated(self, stated: BlockStated) -> None:
        have = self.index.version(stated.block)
        if have is None or stated.version > have:
            self._put(stated)

    def _checked(self, check: BlockChecked) -> None:
        have = self.index.version(check.block)
        if have is None or have < check.version:
            self._lacks(check, "gap")
        elif have == check.version:
            metrics.checked.inc()
            if self.index.checksum(check.block) != (check.free, check.crc):
                self._lacks(check, "checksum").due = 0

    def _declared(self, declared: GradesDeclared) -> None:
        if declared.version <= self.grades:
            return
        try:
            self.index.regrade(translating.grading(declared))
        except ValueError as error:
            log.error("grades.refused", version=declared.version, error=str(error))
        self.grades = declared.version

    def _lacks(self, message: BlockMessage, why: str) -> _Behind:
        now = time.time()
        behind = self._behind.setdefault(message.block, _Behind(why, now, now + PATIENCE, message.version))
        behind.version = max(behind.version, message.version)
        return behind

    def _apply(self, change: BlockChanged) -> bool:
        try:
            self.index.change(translating.change(change))
        except ValueError as error:
            self._refused(change, error)
            self._lacks(change, "refused").due = 0
            return False
        metrics.applied.inc()
        return True

    def _put(self, stated: BlockStated) -> None:
        try:
            self.index.put(translating.state(stated))
        except ValueError as error:
            self._refused(stated, error)
            self._behind.pop(stated.block, None)  # it is as true as it gets; the next check asks for it again
            return
        metrics.applied.inc()
        self._go_on(stated.block)

    def _go_on(self, block: int) -> None:
        """Apply what waited for this version; what is left lacks something else."""
        if (behind := self._behind.get(block)) is None:
            return
        have = self.index.version(block) or 0
        while (change := behind.changes.pop(have + 1, None)) is not None and self._apply(change):
            have += 1
        behind.changes = {version: change for version, change in behind.changes.items() if version > have}
        if have >= behind.version:
            del self._behind[block]

    def _refused(self, message: BlockMessage, error: ValueError) -> None:
        metrics.refused.inc()
        log.error("block.refused", block=message.block, version=message.version, error=str(error))
