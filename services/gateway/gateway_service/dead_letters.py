"""Dead letters of all services: put away as they come, shown, and replayed to where they came from."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service import dead_letter_queries as queries
from patchbay_chassis import dead, keeping
from patchbay_chassis.database import Held
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.topics import load

GROUP = "gateway.dead"
TOPICS = tuple(name for name, topic in load().items() if "gateway" in topic.keepers)
SERVICES = tuple(topic.removesuffix(".dead.v1") for topic in TOPICS)
HEARD = frozenset(name for name, topic in load().items() if topic.consumers)
"""Where records may go back to: whatever a letter says of its origin, nothing else is written to."""


class Replay(NamedTuple):
    """A wish to replay, by whom and why. The same `id` again is done once."""

    id: UUID
    by: str
    reason: str
    force: bool = False


async def keep_dead_letters(running: Running) -> None:
    """Put them away, until the process ends."""
    held = Held(running.database)

    async def take(letters: Sequence[dead.Kept]) -> None:
        async with held.transaction() as db:
            await queries.put_away(db, letters)

    await keeping.keep(GROUP, TOPICS, running.settings, take)


async def show(running: Running, id_: UUID) -> dict[str, Any]:
    """The letter whole. Raises Problem 404."""
    async with running.database.connection() as db:
        row = await queries.one(db, id_)
        if row is None:
            raise missing(id_)
        replays, came_back = await queries.replays(db, id_), await queries.came_back(db, id_)
    return in_short(row) | {
        "headers": [{"name": name, **readable(content)} for name, content in queries.unpacked(row.headers)],
        "body": None if row.body is None else readable(row.body),
        "replayed": [replay_shown(one) for one in replays],
        "came_back": [str(one) for one in came_back],
    }


async def replay(running: Running, letter: UUID, wanted: Replay) -> dict[str, Any]:
    """Put the record back where it came from, once: what was replayed is replayed again only if that is forced. Two at
    once wait for each other. Who dies in between has not noted it: sent again, the journal of whoever reads it knows.

    Raises Problem 404; 409 if it was replayed, or cannot be; 503 in an outage of Kafka, when nothing was noted.
    """
    async with running.database.transaction() as db:
        if not await queries.lock(db, letter):
            raise missing(letter)
        row, before = await queries.one(db, letter), await queries.replays(db, letter)
        assert row is not None
        done = next((one for one in before if one.id == wanted.id), None)
        if done is not None:
            return replay_shown(done)
        if before and not wanted.force:
            raise _replayed(before[-1])
        _check(row)
        noted = await queries.note(db, wanted.id, letter, wanted.by, wanted.reason, forced=wanted.force)
        if noted is None:
            raise Problem(409, "Not as things stand", "This id is another replay's. Nothing was done.")
        try:
            await running.turns.replay(_kept(row).again(running.settings.topic_prefix))
        except ConnectionError as error:
            log.warning("dead_letter.not_replayed", letter=str(letter), error=repr(error))
            detail = "Kafka did not take it. It may be there all the same: it is safe to send it again."
            raise Problem(503, "Try again soon", detail, headers={"Retry-After": "1"}) from error
    log.warning("dead_letter.replayed", letter=str(letter), topic=row.origin_topic, by=wanted.by, forced=wanted.force)
    return replay_shown(noted)


def in_short(row: Any) -> dict[str, Any]:
    """A letter in a list."""
    return {
        "id": str(row.id),
        "at": row.at,
        "service": row.service,
        "reason": row.reason,
        "detail": row.detail,
        "topic": row.origin_topic,
        "partition": row.origin_partition,
        "offset": row.origin_offset,
        "key": None if row.key is None else row.key.decode(errors="replace"),
        "type": row.type,
        "message_id": row.message_id,
        "size": row.size,
        "cut": list(row.cut),
        "times": row.times,
        "replay_of": None if row.replay_of is None else str(row.replay_of),
        "replays": row.replays,
        "links": {"self": f"/v1/operations/dead-letters/{row.id}"},
    }


def replay_shown(row: Any) -> dict[str, Any]:
    """A replay."""
    return {"id": str(row.id), "at": row.at, "by": row.by, "reason": row.reason, "forced": row.forced}


def readable(raw: bytes) -> dict[str, str]:
    """Bytes as text if they are UTF-8, and otherwise in base64."""
    try:
        return {"text": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(raw).decode()}


def missing(id_: UUID) -> Problem:
    """There is no such letter."""
    detail = f"There is no dead letter {id_}; old ones are forgotten."
    return Problem(404, "No such dead letter", detail, code="no_such_dead_letter")


def _replayed(last: Any) -> Problem:
    detail = f"{last.by} replayed it at {last.at:%Y-%m-%d %H:%M:%S}Z: {last.reason}. Nothing was done."
    fault = {"pointer": "/force", "message": "it was replayed already", "remedy": "send true to do it once more"}
    return Problem(409, "It was replayed already", detail, [fault], code="dead_letter_replayed")


def _check(row: Any) -> None:
    if row.origin_topic not in HEARD or row.origin_partition is None:
        why = "It does not say which of our topics it came from."
    elif row.cut:
        why = f"It was too large to be kept whole: {', '.join(row.cut)} cut."
    else:
        return
    raise Problem(409, "It cannot be replayed", why, code="dead_letter_not_whole")


def _kept(row: Any) -> dead.Kept:
    return dead.Kept(
        row.id, row.at, row.service, row.reason, row.detail, row.origin_topic, row.origin_partition, row.origin_offset,
        row.key, queries.unpacked(row.headers), row.body, row.size, tuple(row.cut), row.replay_of, row.times,
    )  # fmt: skip
