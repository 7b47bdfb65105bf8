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
_END = """
    UPDATE tmf_cancel SET state = 'done', detail = $3, ended_at = now()
    WHERE reseller = $1 AND order_id = $2 AND state = 'inProgress'"""


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


async def end(db: Connection, reseller: str, order_id: UUID, detail: str) -> None:
    """What was asked is decided: the order is cancelled, or goes on."""
    await db.execute(_END, reseller, order_id, detail)


def _read(row: Any) -> Cancellation:
    return Cancellation(*row)._replace(sent=orjson.loads(row.sent))
