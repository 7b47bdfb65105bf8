"""A message on its way: CloudEvents headers (binary mode) around the exact bytes of its body."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from random import getrandbits
from typing import NamedTuple
from uuid import UUID

import ormsgpack
from asyncpg.pgproto import pgproto
from uuid_utils.compat import uuid7

from patchbay_contracts.message import BY_TYPE, Message

Headers = Sequence[tuple[str, bytes]]

CONTENT_TYPE = b"application/json"


class Envelope(NamedTuple):
    """One message: `topic` without the prefix, `trace` a W3C traceparent, `body` as it was first written."""

    id: UUID
    type: str
    topic: str
    key: str
    reseller: str
    time: str
    trace: str
    body: bytes

    def headers(self, source: str) -> Headers:
        """CloudEvents 1.0 Kafka binding, binary mode, with the reseller as an extension attribute."""
        return [
            ("ce_id", str(self.id).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", source.encode()),
            ("ce_time", self.time.encode()),
            ("ce_specversion", b"1.0"),
            ("ce_reseller", self.reseller.encode()),
            ("content-type", CONTENT_TYPE),
            ("traceparent", self.trace.encode()),
        ]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message that must go out under an id that was minted before (a command that is asked again)."""

    id: UUID
    message: Message


Said = Message | Numbered


def mint() -> UUID:
    """A new message id: UUIDv7, so ids sort by time and the journal can be partitioned by them."""
    return uuid7()


def earliest_id(at: datetime) -> UUID:
    """The smallest UUIDv7 of a moment (its first 48 bits are milliseconds), as a bound for ranges of ids."""
    return UUID(int=(int(at.timestamp() * 1000) << 80))


def bounds(keep: timedelta) -> tuple[int, int]:
    """The ids that can be told from duplicates: of the time that a journal keeps, and of a clock a day ahead."""
    now = datetime.now(UTC)
    return earliest_id(now - keep).int, earliest_id(now + timedelta(days=1)).int


in_order = attrgetter("int")
"""Sorts UUIDs as they compare, several times faster than their own comparison."""


def new_trace() -> str:
    """A W3C traceparent for what nobody traced yet."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def next_span(trace: str) -> str:
    """The same trace, one span on; a malformed one is replaced."""
    return f"{trace[:36]}{getrandbits(64):016x}-01" if len(trace) == 55 else new_trace()


def enclose(said: Iterable[Said], trace: str, now: str) -> list[Envelope]:
    """Messages as envelopes; ids are minted here and nowhere else."""
    sealed = []
    for one in said:
        id_, message = (one.id, one.message) if isinstance(one, Numbered) else (mint(), one)
        sealed.append(
            Envelope(
                id_,
                message.type,
                message.topic,
                message.key,
                message.reseller,
                now,
                next_span(trace),
                message.__pydantic_serializer__.to_json(message),
            )
        )
    return sealed


def moment() -> str:
    """Now, as CloudEvents wants it (RFC 3339)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pack(said: Sequence[Envelope]) -> bytes:
    """Envelopes as the journal keeps them: the bodies byte for byte."""
    return ormsgpack.packb([[e.id.bytes, e.type, e.topic, e.key, e.reseller, e.time, e.trace, e.body] for e in said])


NOTHING = ormsgpack.packb([])


def unpack(said: bytes) -> list[Envelope]:
    """What `pack` packed."""
    return [Envelope(UUID(bytes=id_), *rest) for id_, *rest in ormsgpack.unpackb(said)]


class Unreadable(Exception):
    """Why a record cannot be a message: `reason` is a code, the text is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def read(
    headers: Headers,
    value: bytes | None,
    *,
    topic: str,
    most_bytes: int,
    bounds: tuple[int, int],
) -> tuple[Envelope, Message]:
    """A record as an envelope and its message; its id must lie within `bounds`. Raises Unreadable and nothing else.

    The envelope is without key and time, which only a sender needs; its id is of asyncpg's kind of UUID, which is read
    in a tenth of the time.
    """
    try:
        found = dict(headers)
        id_, type_ = pgproto.UUID(found["ce_id"].decode()), found["ce_type"].decode()
    except KeyError as error:
        raise Unreadable("missing_header", f"the record has no header {error}") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise Unreadable("bad_header", f"ce_id or ce_type cannot be read: {error}") from None
    if value is None:
        raise Unreadable("no_body", "the record has no body")
    if len(value) > most_bytes:
        raise Unreadable("too_large", f"the body has {len(value)} bytes; {most_bytes} are allowed")
    if (known := BY_TYPE.get(type_)) is None:
        raise Unreadable("unknown_type", f"nothing here knows the type {type_[:200]!r}")
    if id_.version != 7:
        raise Unreadable("bad_id", f"ce_id {id_} is no UUIDv7")
    if not bounds[0] <= id_.int <= bounds[1]:
        raise Unreadable("too_old", f"ce_id {id_} is of a time outside what the journal remembers")
    try:
        message: Message = known.__pydantic_validator__.validate_json(value, extra="ignore")
    except ValueError as error:
        raise Unreadable("bad_body", _without_input(error)) from None
    trace = found.get("traceparent", b"").decode(errors="replace")
    return Envelope(id_, type_, topic, "", message.reseller, "", trace, value), message


def _without_input(error: ValueError) -> str:
    """The validation error without the values that it quotes: they may be secret."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return type(error).__name__
    return "; ".join(f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in errors(include_input=False)[:5])
