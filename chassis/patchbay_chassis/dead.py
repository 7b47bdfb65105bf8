"""Dead letters: records that cannot be read or handled, kept with reason and origin so that they can be replayed."""

from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import ConsumerRecord

from patchbay_chassis.producer import Record

MOST_BYTES = 500_000
"""More of a body is not kept: the letter itself must fit through the broker."""
MOST_HEADER_BYTES = 4_000
MOST_KEY_BYTES = 1_000
"""Of a key or a header's name. A longer key gives way to the origin: a letter that the broker refuses would be tried
for ever, and hold up everything behind it."""


class Letter(NamedTuple):
    """A record and why it is here."""

    record: ConsumerRecord
    reason: str
    detail: str


def record(letter: Letter, topic: str) -> Record:
    """The letter as it goes to the dead-letter topic: the record as it came, its headers, and `dead_*` ones."""
    origin = f"{letter.record.topic}/{letter.record.partition}/{letter.record.offset}"
    value = letter.record.value or b""
    key = letter.record.key if len(letter.record.key or b"") <= MOST_KEY_BYTES else None
    headers = (letter.record.headers or ())[:32]
    kept = [(name[:MOST_KEY_BYTES], (content or b"")[:MOST_HEADER_BYTES]) for name, content in headers]
    return Record(
        topic,
        key or origin.encode(),
        value[:MOST_BYTES],
        [
            *kept,
            ("dead_reason", letter.reason.encode()),
            ("dead_detail", letter.detail.encode()[:MOST_HEADER_BYTES]),
            ("dead_origin", origin.encode()),
            ("dead_bytes", str(len(value)).encode()),
            ("dead_at", datetime.now(UTC).isoformat().encode()),
        ],
    )
