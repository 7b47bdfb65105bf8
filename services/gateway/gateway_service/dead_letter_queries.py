"""All SQL of dead letters. They are nobody's but the house's: whoever runs Patchbay may see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import ormsgpack

from gateway_service.lists import FIRST, LAST
from patchbay_chassis.database import Connection, affected
from patchbay_chassis.dead import Kept

_PUT_AWAY = """
    INSERT INTO dead_letter (id, at, service, reason, detail, origin_topic, origin_partition, origin_offset, key, type,
        message_id, headers, body, size, cut, replay_of, times)
    SELECT id, at, service, reason, detail, origin_topic, origin_partition, origin_offset, key, type, message_id,
        headers, body, size, string_to_array(cut, ','), replay_of, times
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bigint[],
        $9::bytea[], $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::bigint[], $15::text[], $16::uuid[],
        $17::int[])
        AS l(id, at, service, reason, detail, origin_topic, origin_partition, origin_offset, key, type, message_id,
            headers, body, size, cut, replay_of, times)
    ON CONFLICT (id) DO NOTHING"""
_IN_SHORT = """
    id, at, service, reason, detail, origin_topic, origin_partition, origin_offset, key, type, message_id, size, cut,
    replay_of, times,
    (SELECT count(*) FROM dead_letter_replay r WHERE r.letter = dead_letter.id) AS replays"""
_PAGE = f"""
    SELECT {_IN_SHORT} FROM dead_letter
    WHERE id < $1 AND ($2::text IS NULL OR service = $2) AND ($3::text IS NULL OR reason = $3)
        AND at >= $4 AND at < $5
        AND ($6::boolean IS NULL OR $6 = EXISTS (SELECT FROM dead_letter_replay r WHERE r.letter = dead_letter.id))
    ORDER BY id DESC LIMIT $7"""  # noqa: S608 - ours
_ONE = f"SELECT {_IN_SHORT}, headers, body FROM dead_letter WHERE id = $1"  # noqa: S608 - ours
_LOCK = "SELECT FROM dead_letter WHERE id = $1 FOR UPDATE"
_REPLAYS = "SELECT id, at, by, reason, forced FROM dead_letter_replay WHERE letter = $1 ORDER BY at"
_CAME_BACK = "SELECT id FROM dead_letter WHERE replay_of = $1 ORDER BY id"
_NOTE = """
    INSERT INTO dead_letter_replay (id, letter, by, reason, forced, at) VALUES ($1, $2, $3, $4, $5, now())
    ON CONFLICT (id) DO NOTHING RETURNING id, at, by, reason, forced"""
_FORGET = """
    DELETE FROM dead_letter WHERE id IN (
        SELECT id FROM dead_letter
        WHERE at < now() - $1::interval OR id < (SELECT id FROM dead_letter ORDER BY id DESC OFFSET $2 - 1 LIMIT 1)
        ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)"""


class Wanted(NamedTuple):
    """Which letters. `replayed`: whether any of its replays is known."""

    service: str | None = None
    reason: str | None = None
    since: datetime = FIRST
    until: datetime = LAST
    replayed: bool | None = None


async def put_away(db: Connection, letters: Sequence[Kept]) -> int:
    """Put them away; those that are there already stay as they are. How many were not."""
    rows = [
        (
            one.id, one.at, one.service, one.reason, one.detail, one.topic, one.partition, one.offset, one.key,
            one.said("ce_type")[:200], one.said("ce_id")[:100], ormsgpack.packb([list(h) for h in one.headers]),
            one.body, one.size, ",".join(one.cut), one.replay_of, one.times,
        )
        for one in letters
    ]  # fmt: skip
    return affected(await db.execute(_PUT_AWAY, *(list(column) for column in zip(*rows, strict=True))))


async def page(db: Connection, wanted: Wanted, before: UUID, limit: int) -> Sequence[Any]:
    """Letters that are older than `before`, the newest first, in short."""
    return await db.fetch(
        _PAGE, before, wanted.service, wanted.reason, wanted.since, wanted.until, wanted.replayed, limit
    )


async def one(db: Connection, id_: UUID) -> Any | None:
    """The letter whole, or None."""
    return await db.fetchrow(_ONE, id_)


async def lock(db: Connection, id_: UUID) -> bool:
    """Whether it is there; nobody else replays it until this transaction ends."""
    return await db.fetchrow(_LOCK, id_) is not None


async def replays(db: Connection, id_: UUID) -> Sequence[Any]:
    """Its replays, the first one first."""
    return await db.fetch(_REPLAYS, id_)


async def came_back(db: Connection, id_: UUID) -> list[UUID]:
    """Letters that came of its replays."""
    return [row.id for row in await db.fetch(_CAME_BACK, id_)]


async def note(db: Connection, id_: UUID, letter: UUID, by: str, reason: str, *, forced: bool) -> Any:
    """Note a replay; None if another letter's has that id."""
    return await db.fetchrow(_NOTE, id_, letter, by, reason, forced)


async def forget(db: Connection, keep: timedelta, many: int, most: int) -> int:
    """Forget those that are older, and all but so many of the newest; so many now at the most. How many it were."""
    return affected(await db.execute(_FORGET, keep, many, most))


def unpacked(headers: bytes) -> tuple[tuple[str, bytes], ...]:
    """Headers as they were."""
    return tuple((name, content) for name, content in ormsgpack.unpackb(headers))
