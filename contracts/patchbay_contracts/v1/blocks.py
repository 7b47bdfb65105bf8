"""What changes in the inventory, for whoever keeps a picture of it. Owner: numbers.

Each change of a block counts its version on by one: who misses a version knows it, and asks for the whole block.
"""

from typing import Literal
from uuid import UUID

from pydantic import Field

from patchbay_contracts.message import Frozen, Message
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.words import E164, Grade, Pool

CHANGES = "numbers.changes.v1"

Range = tuple[E164, E164]
"""The first and the last number, both included."""


class Freed(Frozen):
    """Numbers that are free in one pool. `owner`: empty for the public pool, the reseller, or for a customer's pool
    the reseller, a slash and the customer's id."""

    pool: Pool
    owner: str = ""
    ranges: tuple[Range, ...]


class Regraded(Frozen):
    """One number whose grade is stated and not decided by a rule; without a grade, the rules decide again."""

    e164: E164
    grade: Grade | None = None
    reason: str = ""


class InventoryMessage(Message):
    """What is said about the inventory: it belongs to the house, which is `-` where a reseller is named."""

    reseller: Literal["-"] = "-"


class BlockMessage(InventoryMessage):
    """What is said about one block, which is named by its first number."""

    block: E164
    version: int = Field(ge=1)

    @property
    def about(self) -> UUID:
        """The block."""
        return UUID(int=self.block)

    @property
    def key(self) -> str:
        """The block's first number: all that is said about a block is in one partition, in order."""
        return str(self.block)


class BlockChanged(BlockMessage, topic=CHANGES, type="numbers.BlockChanged.v1"):
    """Some of its numbers were taken (are free in no pool any more), freed or regraded. A number that moves from one
    pool to another is freed in the other."""

    taken: tuple[Range, ...] = ()
    freed: tuple[Freed, ...] = ()
    regraded: tuple[Regraded, ...] = ()


class BlockStated(BlockMessage, topic=CHANGES, type="numbers.BlockStated.v1"):
    """All about a block: a new one, or one as it is at this version. Its numbers are free where `freed` says and
    nowhere else. `country` is the calling code, `trunk` what stands before national numbers at home."""

    last: E164
    country: str
    trunk: str
    area: str
    freed: tuple[Freed, ...] = ()
    regraded: tuple[Regraded, ...] = ()


class BlockChecked(BlockMessage, topic=CHANGES, type="numbers.BlockChecked.v1"):
    """What a true picture of the block at this version adds up to: its free numbers, and a CRC-32 over them, pool by
    pool."""

    free: int
    crc: int


class GradesDeclared(InventoryMessage, topic=CHANGES, type="numbers.GradesDeclared.v1"):
    """From now on these rules decide grades: the first that matches, none makes a number standard."""

    version: int
    rules: tuple[GradeRule, ...]

    @property
    def about(self) -> UUID:
        """The rules as a whole."""
        return UUID(int=0)
