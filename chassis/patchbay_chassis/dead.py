"""Dead letters: records that cannot be read or handled, kept with reason and origin so that they can be replayed."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from aiokafka import ConsumerRecord

from patchbay_chassis.producer import Record

MOST_BYTES = 500_000
"""More of a body is not kept: the letter itself must fit through the broker."""
MOST_HEADERS = 32
MOST_HEADER_BYTES = 4_000
MOST_KEY_BYTES = 1_000
"""Of a key or a header's name. A longer key gives way to the origin: a letter that the broker refuses would be tried
for ever, and hold up everything behind it."""
MARK, REPLAY = "dead_", "replay_"
"""How the names of headers begin that say why a record is dead, and that it was replayed."""
_LAST = 253_000_000_000_000
"""Milliseconds: the year 9987. A producer may write any time into a record."""

Headers = tuple[tuple[str, bytes], ...]


class Letter(NamedTuple):
    """A record and why it is here."""

    record: ConsumerRecord
    reason: str
    detail: str


def record(letter: Letter, topic: str) -> Record:
    """The letter as it goes to the dead-letter topic: the record as it came, its headers, and `dead_*` ones."""
    origin = f"{letter.record.topic}/{letter.record.partition}/{letter.record.offset}"
    value, key = letter.record.value, letter.record.key
    headers = letter.record.headers or ()
    kept = [
        (name[:MOST_KEY_BYTES], (content or b"")[:MOST_HEADER_BYTES])
        for name, content in headers[:MOST_HEADERS]
        if not name.startswith(MARK)
    ]
    cut = {
        "body": len(value or b"") > MOST_BYTES,
        "key": len(key or b"") > MOST_KEY_BYTES,
        "headers": len(headers) > MOST_HEADERS
        or any(len(name) > MOST_KEY_BYTES or len(content or b"") > MOST_HEADER_BYTES for name, content in headers),
    }
    return Record(
        topic,
        (None if cut["key"] else key) or origin.encode(),
        None if value is None else value[:MOST_BYTES],
        [
            *kept,
            ("dead_reason", letter.reason.encode()),
            ("dead_detail", letter.detail.encode()[:MOST_HEADER_BYTES]),
            ("dead_origin", origin.encode()),
            ("dead_bytes", str(len(value or b"")).encode()),
            ("dead_cut", ",".join(part for part, is_cut in cut.items() if is_cut).encode()),
            ("dead_at", datetime.now(UTC).isoformat().encode()),
        ],
    )


class Kept(NamedTuple):
    """A dead letter as it lies in its topic. `topic` (without the prefix), `partition` and `offset` are of the record
    that it was: empty, and None, where the letter does not say. `headers` are the record's own, `size` is in bytes of
    its body, `cut` is what was too long to be kept whole: then it cannot be replayed. `replay_of`: the letter that was
    replayed before this one came of it; `times`: so often it has been dead by now."""

    id: UUID
    at: datetime
    service: str
    reason: str
    detail: str
    topic: str
    partition: int | None
    offset: int | None
    key: bytes | None
    headers: Headers
    body: bytes | None
    size: int
    cut: tuple[str, ...]
    replay_of: UUID | None
    times: int

    def said(self, name: str) -> str:
        """A header as text; empty if there is none."""
        return _text(dict(self.headers).get(name, b""))

    def again(self, prefix: str) -> Record:
        """The record as it was, marked as replayed, back to where it came from."""
        marks = [
            ("replay_of", str(self.id).encode()),
            ("replay_times", str(self.times).encode()),
            ("replay_at", datetime.now(UTC).isoformat().encode()),
        ]
        return Record(prefix + self.topic, self.key, self.body, [*marks, *self.headers], self.partition)


def read(letter: ConsumerRecord, prefix: str) -> Kept:
    """A record of a dead-letter topic, whatever it is. The same record has the same id, which sorts by its time."""
    raw = {name: content or b"" for name, content in letter.headers or ()}
    origin = raw.get("dead_origin", b"")
    topic, partition, offset = _origin(_text(origin), prefix)
    body = letter.value
    size = _whole(raw.get("dead_bytes", b"")) or len(body or b"")
    cut = [part for part in _text(raw.get("dead_cut", b"")).split(",") if part]
    if size > len(body or b"") and "body" not in cut:
        cut.append("body")
    milliseconds = min(max(letter.timestamp, 0), _LAST)
    place = f"{letter.topic}/{letter.partition}/{letter.offset}".encode()
    own = tuple(
        (_clean(name), content or b"") for name, content in letter.headers or () if not name.startswith((MARK, REPLAY))
    )
    return Kept(
        _id(milliseconds, place),
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds),
        letter.topic.removeprefix(prefix).removesuffix(".dead.v1"),
        _text(raw.get("dead_reason", b""))[:100],
        _text(raw.get("dead_detail", b"")),
        topic,
        partition,
        offset,
        None if letter.key == origin else letter.key,
        own,
        body,
        size,
        tuple(cut),
        _uuid(raw.get("replay_of", b"")),
        (_whole(raw.get("replay_times", b"")) or 0) + 1,
    )


def _id(milliseconds: int, place: bytes) -> UUID:
    """A UUIDv7 in which the place stands where others have chance."""
    chance = int.from_bytes(hashlib.sha256(place).digest()[:10], "big")
    value = milliseconds << 80 | 0x7 << 76 | (chance >> 62 & 0xFFF) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    return UUID(int=value)


def _origin(origin: str, prefix: str) -> tuple[str, int | None, int | None]:
    topic, _, rest = origin.partition("/")
    partition, _, offset = rest.partition("/")
    numbers = _whole(partition.encode()), _whole(offset.encode())
    if not topic.startswith(prefix) or None in numbers:
        return "", None, None
    return topic.removeprefix(prefix), *numbers


def _whole(number: bytes) -> int | None:
    return int(number) if number.isdigit() and len(number) < 19 else None


def _uuid(text: bytes) -> UUID | None:
    try:
        return UUID(text.decode())
    except ValueError:
        return None


def _text(raw: bytes) -> str:
    return _clean(raw.decode(errors="replace"))


def _clean(text: str) -> str:
    """Databases keep no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
