"""What an operator does about a saga that is stuck: ask again, go on without an answer, or undo the rest at once. Each
is written down with who did it and why, and done once however often it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Said
from patchbay_chassis.log import log
from patchbay_chassis.saga import Moved, Saga, State, StepState, undo
from patchbay_chassis.taking_back import compensate, noted, retry
from patchbay_chassis.undone import Operations
from patchbay_chassis.walker import Walker

Way = Literal["retry", "skip", "compensate"]
WAYS: tuple[Way, ...] = get_args(Way)


class Mend(NamedTuple):
    """What is asked for: the same `id` means the same deed."""

    id: UUID
    saga: UUID
    way: Way
    by: str
    reason: str


class Mended(NamedTuple):
    """What was done, and which steps were waited for when it was."""

    mend: Mend
    reseller: str
    steps: tuple[str, ...]
    at: datetime


class NotStuck(Exception):
    """Nothing is to be mended about it. `status` is how it stands; None if there is no such saga."""

    def __init__(self, status: str | None) -> None:
        super().__init__(status)
        self.status = status


def create(op: Operations) -> None:
    """The audit trail of what was mended, for a migration of the service that owns the sagas."""
    op.execute(
        "CREATE TABLE saga_mended (id uuid PRIMARY KEY, saga uuid NOT NULL, reseller text NOT NULL, way text NOT NULL,"
        " steps text[] NOT NULL, by text NOT NULL, reason text NOT NULL, at timestamptz NOT NULL)"
    )
    op.execute("CREATE INDEX saga_mended_saga ON saga_mended (saga)")


def waiting(state: State) -> tuple[str, ...]:
    """The steps whose undo is waited for."""
    return tuple(name for name, step in state.steps.items() if step.at == "undoing")


def skip(saga: Saga, state: State, now: datetime, note: str) -> Moved:
    """Take as undone what is waited for, and go on undoing. What was not undone elsewhere has to be by hand."""
    for step in saga.steps():
        was = state.steps.get(step.name)
        if was is not None and was.at == "undoing":
            skipped = (now, step.undo(state.facts).type, f"skipped {note}")
            state = noted(state, step.name, StepState("undone"), skipped)
    return undo(saga, state, now)


_BY_WAY: Mapping[Way, Callable[[Saga, State, datetime, str], Moved]] = {
    "retry": retry,
    "skip": skip,
    "compensate": compensate,
}
_NOTE = """
    INSERT INTO saga_mended (id, saga, reseller, way, steps, by, reason, at)
    SELECT $1, id, reseller, $3, $4, $5, $6, $7 FROM saga WHERE id = $2"""
_DONE = "SELECT id, saga, way, by, reason, reseller, steps, at FROM saga_mended WHERE id = $1"
_OF = "SELECT id, saga, way, by, reason, reseller, steps, at FROM saga_mended WHERE saga = ANY($1::uuid[]) ORDER BY at"
_STATUS = "SELECT status FROM saga WHERE id = $1 FOR UPDATE"
_STUCK = """
    SELECT id, reseller, name, state, begun_at, moved_at FROM saga
    WHERE open AND status = 'stuck' AND id > $1 ORDER BY id LIMIT $2"""


async def mend(walker: Walker, asked: Mend, db: Connection) -> tuple[Mended, list[Said]]:
    """Do it, and write it down, in one transaction; what is said goes out with it. Asked for again it says what was
    done and does nothing. Raises NotStuck."""
    status = await db.fetchval(_STATUS, asked.saga)  # and nobody else mends or moves it meanwhile
    if (done := await db.fetchrow(_DONE, asked.id)) is not None:
        found = _mended(done)
        if (found.mend.saga, found.mend.way) != (asked.saga, asked.way):
            raise NotStuck(status)
        return found, []
    if status != "stuck":
        raise NotStuck(status)
    steps, now = list[str](), datetime.now(UTC)
    note = f"by hand, {asked.by}: {asked.reason}"

    def change(saga: Saga, state: State) -> Moved:
        steps.extend(waiting(state))
        return _BY_WAY[asked.way](saga, state, now, note)

    said = await walker.change(asked.saga, change, db)
    await db.execute(_NOTE, asked.id, asked.saga, asked.way, steps, asked.by, asked.reason, now)
    log.warning("saga.mended", saga=str(asked.saga), way=asked.way, by=asked.by, steps=steps)
    row = await db.fetchrow(_DONE, asked.id)
    assert row is not None
    return _mended(row), said


async def stuck(db: Connection, after: UUID, most: int) -> Sequence[Any]:
    """Sagas that are stuck, of all resellers, by id: with their stored state."""
    return await db.fetch(_STUCK, after, most)


async def history(db: Connection, sagas: Sequence[UUID]) -> list[Mended]:
    """What was done about those, in its order."""
    return [_mended(row) for row in await db.fetch(_OF, list(sagas))]


def _mended(row: Any) -> Mended:
    mend_ = Mend(row.id, row.saga, row.way, row.by, row.reason)
    return Mended(mend_, row.reseller, tuple(row.steps), row.at)
