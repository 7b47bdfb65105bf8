"""All SQL about cancellations that were asked for over the TM Forum API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection

TaskState = Literal["accepted", "inProgress", "done", "terminatedWithError"]
_COLUMNS = "reseller, id, order_id, sent, state, detail, asked_at, ended_at"
_ADD = f"INSERT INTO tmf_cancel ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"  # noqa: S608 - ours
_ONE = f"SELECT {_COLUMNS} FROM tmf_cancel WHERE reseller = $1 AND id = $2"  # noqa: S608 - ours
_ALL = f"SELECT {_COLUMNS} FROM tmf_cancel WHERE reseller = $1 ORDER BY id DESC LIMIT $2"  # noqa: S608 - ours
_END = f"""
    UPDATE tmf_cancel SET state = new.became, detail = new.why, ended_at = now()
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) AS new(of, its, became, why)
    WHERE reseller = new.of AND order_id = new.its AND state = 'inProgress'
    RETURNING {_COLUMNS}"""  # noqa: S608 - ours


class Cancellation(NamedTuple):
    """A task as it is kept."""

    reseller: str
    id: UUID
    order_id: UUID
    sent: dict[str, Any]
    state: TaskState
    detail: str
    asked_at: datetime
    ended_at: datetime | None


class Decided(NamedTuple):
    """What became of an order that was to be cancelled: so end those who asked for it."""

    reseller: str
    order_id: UUID
    state: TaskState
    detail: str


async def add(db: Connection, one: Cancellation) -> None:
    """Keep a new one."""
    await db.execute(_ADD, *one._replace(sent=orjson.dumps(one.sent).decode()))  # type: ignore[arg-type]


async def one(db: Connection, reseller: str, id_: UUID) -> Cancellation | None:
    """One of that reseller, or None."""
    row = await db.fetchrow(_ONE, reseller, id_)
    return None if row is None else _read(row)


async def newest(db: Connection, reseller: str, most: int) -> Sequence[Cancellation]:
    """The newest of that reseller."""
    return [_read(row) for row in await db.fetch(_ALL, reseller, most)]


async def end(db: Connection, ends: Sequence[Decided]) -> Sequence[Cancellation]:
    """It is decided about these orders. Those of what was asked that end by it."""
    given = [list(column) for column in zip(*ends, strict=True)]
    return [_read(row) for row in await db.fetch(_END, *given)] if ends else []


def _read(row: Any) -> Cancellation:
    return Cancellation(*row)._replace(sent=orjson.loads(row.sent))
