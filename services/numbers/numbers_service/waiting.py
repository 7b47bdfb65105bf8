"""Who may wait for whom, so that no two transactions ever wait for each other.

There is one order: a reseller's allowance, numbers ascending, what is undone, what was given instead, lent ranges (the
table), blocks ascending (`Changes.close_up`), the journal. Whoever has locked something waits only for what comes after
it. Nothing else is waited for:

- A number without a row can be taken only by waiting until others who try it are through (an insert knows no NOWAIT).
  So it is tried only above all numbers that the transaction has. Who needs a lower one lets go of all (`let_go`) and
  takes them together; where that is impossible, the transaction is Overtaken, and done again in smaller parts.
- Rows of numbers and spans are locked with SKIP LOCKED, or with NOWAIT, which leaves the transaction as Overtaken. Only
  one that has nothing yet waits for them, in order.
- Sweeps skip whatever is locked. New blocks meet nothing but each other, in order.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from numbers_service.changes import Changes
from patchbay_chassis import undone
from patchbay_chassis.database import Connection, Overtaken

ALL = 10**16
"""Above every number."""


class Locked:
    """Up to which number this transaction has any (`db.gather(Locked)`)."""

    def __init__(self) -> None:
        self.highest = -1
        self.can_let_go = False

    def note(self, numbers: Iterable[int]) -> None:
        """It has these now."""
        self.highest = max(self.highest, max(numbers, default=-1))

    @property
    def nothing(self) -> bool:
        """Whether it has none."""
        return self.highest < 0

    async def close_up(self, _: Connection) -> tuple[()]:
        """Blocks come after all numbers."""
        return ()


@asynccontextmanager
async def may_let_go(db: Connection) -> AsyncIterator[None]:
    """Within the block everything can be let go of, if there was nothing before."""
    locked = db.gather(Locked)
    if locked.nothing:
        await db.execute("SAVEPOINT nothing")
        locked.can_let_go = True
    yield
    locked.can_let_go = False


async def let_go(db: Connection) -> None:
    """Have no number any more, and wait for any. Raises Overtaken if there was something before `may_let_go`."""
    locked = db.gather(Locked)
    if not locked.can_let_go:
        raise Overtaken
    await db.execute("ROLLBACK TO SAVEPOINT nothing")
    locked.highest = -1
    db.gather(Changes).forget()


async def forbid(db: Connection, step: str, causes: Iterable[UUID]) -> None:
    """`undone.forbid`, in its place in the order: once, and no number is waited for after it."""
    locked = db.gather(Locked)
    if locked.highest == ALL:
        raise Overtaken
    await undone.forbid(db, step, causes)
    locked.note([ALL])
