"""All SQL about cancellations that were asked for over the TM Forum API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection

TaskState = Literal["accepted", "inProgress", "done", "terminatedWithError"]
TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)
_COLUMNS = "reseller, id, order_id, sent, state, detail, asked_at, ended_at"
_ADD = f"INSERT INTO tmf_cancel ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"  # noqa: S608 - ours
_ONE = f"SELECT {_COLUMNS} FROM tmf_cancel WHERE reseller = $1 AND id = $2"  # noqa: S608 - ours
_WHERE = """
    reseller = $1 AND ($2::uuid[] IS NULL OR id = ANY($2)) AND ($3::uuid[] IS NULL OR order_id = ANY($3))
    AND ($4::text[] IS NULL OR state = ANY($4))"""
_COUNT = f"SELECT count(*) FROM tmf_cancel WHERE {_WHERE}"  # noqa: S608 - ours
_PAGE = f"""
    SELECT {_COLUMNS} FROM tmf_cancel WHERE {_WHERE} ORDER BY id DESC OFFSET $5 LIMIT $6"""  # noqa: S608 - ours
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


class Wanted(NamedTuple):
    """Which of them; what is None may be anything."""

    ids: Sequence[UUID] | None = None
    order_ids: Sequence[UUID] | None = None
    states: Sequence[str] | None = None


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


async def count(db: Connection, reseller: str, wanted: Wanted) -> int:
    """How many there are."""
    return int(await db.fetchval(_COUNT, reseller, *wanted))


async def page(db: Connection, reseller: str, wanted: Wanted, *, offset: int = 0, limit: int) -> Sequence[Cancellation]:
    """A part of them, the newest first."""
    return [_read(row) for row in await db.fetch(_PAGE, reseller, *wanted, offset, limit)]


async def end(db: Connection, ends: Sequence[Decided]) -> Sequence[Cancellation]:
    """It is decided about these orders. Those of what was asked that end by it."""
    given = [list(column) for column in zip(*ends, strict=True)]
    return [_read(row) for row in await db.fetch(_END, *given)] if ends else []


def _read(row: Any) -> Cancellation:
    return Cancellation(*row)._replace(sent=orjson.loads(row.sent))
