"""Where the truth about blocks is read when what was said about them is not enough."""

from typing import Protocol

from pydantic import BaseModel

from patchbay_contracts.v1.blocks import BlockStated, GradesDeclared


class Page(BaseModel):
    """Blocks in order, and the number after which the next page begins; None after the last."""

    blocks: tuple[BlockStated, ...]
    next: int | None


class Source(Protocol):
    """The authority, as keepers of an index ask it. All raise OSError while it cannot be asked."""

    async def blocks(self, after: int, most: int) -> Page:
        """The next blocks whose first numbers are greater."""

    async def block(self, first: int) -> BlockStated | None:
        """One block as it is now; None if there is none."""

    async def grades(self) -> GradesDeclared:
        """The rules that hold now."""
