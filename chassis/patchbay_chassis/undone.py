"""Tombstones: an undo that came before what it undoes (or without it) forbids it for good."""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Operations(Protocol):
    """What a migration brings: alembic's `op`."""

    def execute(self, sqltext: str) -> Any: ...


def create(op: Operations) -> None:
    """The table, for a service's first migration."""
    op.execute(
        "CREATE TABLE undone (step text NOT NULL, cause uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (step, cause))"
    )


_FORBID = text(
    "INSERT INTO undone (step, cause) SELECT :step, cause FROM unnest(CAST(:causes AS uuid[])) AS u(cause)"
    " ON CONFLICT DO NOTHING"
)
_FORBIDDEN = text("SELECT cause FROM undone WHERE step = :step AND cause = ANY(CAST(:causes AS uuid[]))")


async def forbid(db: AsyncConnection, step: str, causes: Iterable[UUID]) -> None:
    """From now on the step must not be done for these causes."""
    await db.execute(_FORBID, {"step": step, "causes": sorted(set(causes))})


async def forbidden(db: AsyncConnection, step: str, causes: Iterable[UUID]) -> set[UUID]:
    """Those of the causes whose step must not be done."""
    return set((await db.execute(_FORBIDDEN, {"step": step, "causes": list(causes)})).scalars())
