"""Tombstones: an undo that came before what it undoes (or without it) forbids it for good."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from patchbay_chassis.database import Connection


class Operations(Protocol):
    """What a migration brings: alembic's `op`."""

    def execute(self, sqltext: str) -> Any: ...


def create(op: Operations) -> None:
    """The table, for a service's first migration."""
    op.execute(
        "CREATE TABLE undone (step text NOT NULL, cause uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (step, cause))"
    )


_FORBID = "INSERT INTO undone (step, cause) SELECT $1, cause FROM unnest($2::uuid[]) AS u(cause) ON CONFLICT DO NOTHING"
_FORBIDDEN = "SELECT cause FROM undone WHERE step = $1 AND cause = ANY($2::uuid[])"


async def forbid(db: Connection, step: str, causes: Iterable[UUID]) -> None:
    """From now on the step must not be done for these causes."""
    await db.execute(_FORBID, step, sorted(set(causes)))


async def forbidden(db: Connection, step: str, causes: Sequence[UUID]) -> set[UUID]:
    """Those of the causes whose step must not be done."""
    return {cause for (cause,) in await db.fetch(_FORBIDDEN, step, causes)} if causes else set()
