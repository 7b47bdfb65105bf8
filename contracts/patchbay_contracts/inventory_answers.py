"""What an inventory manager is answered over HTTP."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from patchbay_contracts.inventory import Kind
from patchbay_contracts.message import Frozen
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import Range
from patchbay_contracts.words import E164, Grade, Pool

InUse = Literal["held", "assigned", "quarantined"]


class RefusedBlock(Frozen):
    """A block that was not loaded; `pointer` (RFC 6901) is its place in what was posted."""

    pointer: str
    message: str
    remedy: str


class LoadedBlocks(Frozen):
    """What became of the blocks that were posted."""

    loaded: int
    there_already: int
    refused: tuple[RefusedBlock, ...] = ()


class Progress(Frozen):
    """How far the load of a CSV is, in rows: one line of NDJSON for each batch that was committed, and one at the end.

    `state`: `loading`; `done`; `cut_off`: the stream ended early; `stopped`: see `detail`; `broken_off`: no progress
    for long, as its process is gone. Either way what was loaded stays, and loading the same again loads what is
    missing.
    """

    load: UUID
    state: Literal["loading", "done", "cut_off", "stopped", "broken_off"]
    rows: int = 0
    loaded: int = 0
    there_already: int = 0
    refused: int = 0
    detail: str = Field(default="", exclude_if=not_)


class Load(Progress):
    """A load of a CSV: whose, when and why."""

    at: AwareDatetime
    who: str
    why: str
    kind: Kind


class NotFree(Frozen):
    """Numbers that are in use."""

    state: InUse
    ranges: tuple[Range, ...]


class Lent(Frozen):
    """What is lent now, and what is not: what is in use, what is lent elsewhere, and what is in no block of ours.

    `there_already` was lent to that pool before, or is in a block of its own.
    """

    lent: tuple[Range, ...] = ()
    there_already: tuple[Range, ...] = ()
    not_free: tuple[NotFree, ...] = ()
    lent_elsewhere: tuple[Range, ...] = ()
    unknown: tuple[Range, ...] = ()


class TakenBack(Frozen):
    """What is its lender's again, what will be when it is free, and what was not lent."""

    returned: tuple[Range, ...] = ()
    when_free: tuple[NotFree, ...] = ()
    not_lent: tuple[Range, ...] = ()


class Changed(Frozen):
    """How many were changed; the others were so already."""

    changed: int


class GradesStated(Changed):
    """Numbers whose grades are stated, or decided by the rules again, and those that are in no block of ours."""

    unknown: tuple[E164, ...] = ()


class Grades(Frozen):
    """The rules in force, and who declared them when and why: nobody, in version 0."""

    version: int
    rules: tuple[GradeRule, ...]
    who: str = ""
    why: str = ""
    at: AwareDatetime | None = None


class Regrading(Frozen):
    """So many numbers would have another grade; a few of them as examples."""

    before: Grade
    after: Grade
    numbers: int
    examples: tuple[E164, ...]


class Preview(Frozen):
    """What rules would change, compared with the version in force. What is stated by hand stays as it is."""

    version: int
    numbers: int
    regraded: tuple[Regrading, ...] = ()


class Usage(Frozen):
    """How numbers are used: free, held, assigned and quarantined ones add up to the size. `lent`: so many of them,
    whatever their state, are lent to another pool."""

    size: int
    free: int
    held: int
    assigned: int
    quarantined: int
    lent: int


class BlockUsage(Usage):
    """How a block is used."""

    block: E164
    last: E164
    country: str
    area: str
    pool: Pool
    owner: str


class PoolUsage(Usage):
    """How a pool's own blocks are used; `borrowed`: so many numbers more are lent to it. What is held, assigned and
    quarantined is counted block by block in rounds: `as_of` is when that block was counted whose count is the oldest,
    none while all were counted just now. `quarantine_days`: so long its numbers rest after they were in service; none:
    as long as the settings say."""

    pool: Pool
    owner: str
    blocks: int
    borrowed: int
    as_of: AwareDatetime | None = None
    quarantine_days: int | None = None


class BlockPage(Frozen):
    """Blocks by their first numbers; the next page is `after` what `next` says."""

    usage: tuple[BlockUsage, ...]
    next: str | None = None


class PoolPage(Frozen):
    """Pools by name and owner; the next page is `after` what `next` says."""

    usage: tuple[PoolUsage, ...]
    next: str | None = None


class InventoryNumber(Frozen):
    """One number: how it is, since when and until when; whose service or hold has it (`reseller`); who may draw it
    (`pool`, `owner`); its block, and its grade with what decided it. What was taken in is in no block, and has none of
    the latter."""

    e164: E164
    state: Literal["free", "held", "assigned", "quarantined"]
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    reseller: str = ""
    taken_in: bool = False
    block: E164 | None = None
    area: str = ""
    pool: Pool | None = None
    owner: str = ""
    grade: Grade | None = None
    rule: str = ""


class LogEntry(Frozen):
    """One change of the inventory: who, when, why, and what."""

    id: UUID
    at: AwareDatetime
    who: str
    why: str
    what: str
    detail: dict[str, JsonValue]


class LogPage(Frozen):
    """Changes, the newest first; the next page is `after` what `next` says."""

    entries: tuple[LogEntry, ...]
    next: str | None = None
