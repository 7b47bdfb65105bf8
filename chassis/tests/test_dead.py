"""A dead letter is read back as the record that it was, whatever that was, and goes back to where it lay."""

from typing import Any

import pytest
from aiokafka import ConsumerRecord

from patchbay_chassis import dead
from patchbay_chassis.dead import MOST_BYTES, MOST_HEADER_BYTES, MOST_HEADERS, MOST_KEY_BYTES, Letter

PREFIX = "p."
TOPIC = f"{PREFIX}toy.dead.v1"


def record(value: bytes | None = b"{}", key: bytes | None = b"k", headers: Any = (), **more: Any) -> ConsumerRecord:
    given = {"topic": f"{PREFIX}toy.commands.v1", "partition": 3, "offset": 4711, "timestamp": 1_900_000_000_000}
    return ConsumerRecord(
        **(given | more), timestamp_type=0, key=key, value=value, checksum=None, serialized_key_size=0,
        serialized_value_size=0, headers=tuple(headers),
    )  # fmt: skip


def kept(original: ConsumerRecord, **more: Any) -> dead.Kept:
    """As it is read from its topic, after it was set aside there."""
    letter = dead.record(Letter(original, "bad_body", "Field required"), TOPIC)
    given = {"topic": TOPIC, "partition": 1, "offset": 7, "timestamp": 1_900_000_000_000} | more
    return dead.read(record(letter.value, letter.key, letter.headers, **given), PREFIX)


@pytest.mark.parametrize("value", [b"{}", b"", b"\xff\x00", None])
@pytest.mark.parametrize("key", [b"k", b"\xff", None])
@pytest.mark.parametrize("headers", [(), (("ce_id", b"1"), ("ce_id", b"2"), ("x", b"\xff\x00"))])
def test_a_record_goes_back_as_it_was_with_marks(value: Any, key: Any, headers: Any) -> None:
    letter = kept(record(value, key, headers))
    assert (letter.service, letter.reason, letter.detail) == ("toy", "bad_body", "Field required")
    assert (letter.topic, letter.partition, letter.offset) == ("toy.commands.v1", 3, 4711)
    assert (letter.cut, letter.size, letter.times, letter.replay_of) == ((), len(value or b""), 1, None)
    again = letter.again(PREFIX)
    assert (again.topic, again.partition) == (f"{PREFIX}toy.commands.v1", 3)
    assert (again.key, again.value) == (key, value)
    marks, own = again.headers[:3], again.headers[3:]
    assert [name for name, _ in marks] == ["replay_of", "replay_times", "replay_at"]
    assert tuple(own) == headers


def test_one_that_dies_again_is_counted_and_names_the_letter_before() -> None:
    first = kept(record())
    again = first.again(PREFIX)
    second = kept(record(again.value, again.key, again.headers), offset=8)
    assert (second.times, second.replay_of) == (2, first.id)
    third = kept(record(second.again(PREFIX).value, b"k", second.again(PREFIX).headers), offset=9)
    assert (third.times, third.replay_of) == (3, second.id)
    assert third.headers == first.headers


def test_a_letter_has_one_id_which_tells_its_time() -> None:
    assert kept(record()).id == kept(record()).id != kept(record(), offset=8).id
    early, late = kept(record(), timestamp=1_000), kept(record(), timestamp=2_000)
    assert early.id < late.id
    assert (early.id.version, early.at.isoformat()) == (7, "1970-01-01T00:00:01+00:00")
    for odd in (-1, 2**63 - 1):
        assert 1970 <= kept(record(), timestamp=odd).at.year < 9998


@pytest.mark.parametrize(
    ("original", "part"),
    [
        (record(b"x" * (MOST_BYTES + 1)), "body"),
        (record(key=b"k" * (MOST_KEY_BYTES + 1)), "key"),
        (record(headers=[("x", b"x" * (MOST_HEADER_BYTES + 1))]), "headers"),
        (record(headers=[("x" * (MOST_KEY_BYTES + 1), b"")]), "headers"),
        (record(headers=[(f"x{n}", b"") for n in range(MOST_HEADERS + 1)]), "headers"),
    ],
)
def test_what_was_too_large_is_said(original: ConsumerRecord, part: str) -> None:
    assert kept(original).cut == (part,)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("dead_origin", b"elsewhere"), ("dead_bytes", b"many"), ("replay_of", b"\xff"), ("replay_times", b"-1")),
        (("dead_origin", b"\x00/\xff/1"), ("dead_reason", b"\x00"), ("\x00", b"\x00")),
        (("dead_origin", PREFIX.encode() + b"a/" + b"9" * 30 + b"/1"),),
    ],
)
def test_whatever_lies_in_the_topic_can_be_read(headers: Any) -> None:
    letter = dead.read(record(b"junk", b"k", headers, topic=TOPIC), PREFIX)
    assert (letter.topic, letter.partition, letter.offset, letter.replay_of) == ("", None, None, None)
    assert (letter.size, letter.times) == (4, 1)
    assert "\0" not in letter.reason + "".join(name for name, _ in letter.headers)
