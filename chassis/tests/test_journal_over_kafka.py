"""Exactly-once effects over real Kafka and Postgres: redelivery, crashes, two consumers, poison, order."""

import signal
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from patchbay_chassis.database import Database
from patchbay_chassis.testing import envelope_of
from toy.main import Ping, Unwanted

from .conftest import Toys, Wire

COUNT = "SELECT count(*) FROM ping"
PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal'::regclass"
PAGE = "SELECT tableoid::regclass::text FROM journal WHERE cause = $1"
WORDS = "SELECT word FROM ping ORDER BY n"


def ping(word: str = "ping") -> Ping:
    return Ping(order_id=uuid4(), reseller="acme", word=word)


async def counted(database: Database) -> int:
    async with database.connection() as db:
        return int(await db.fetchval(COUNT))


def ids(records: list[object]) -> Counter[bytes]:
    return Counter(dict(record.headers)["ce_id"] for record in records)  # type: ignore[attr-defined]


async def test_a_ping_is_answered_with_a_cloudevent(toys: Toys, wire: Wire) -> None:
    toys.start()
    await wire.put(sent := envelope_of(ping()))
    (pong,) = await wire.pongs(1)
    headers = {name: value.decode() for name, value in pong.headers}
    assert headers["ce_type"] == "toy.Pong.v1"
    assert headers["ce_source"] == "patchbay/toy"
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_reseller"] == "acme"
    assert headers["content-type"] == "application/json"
    assert headers["traceparent"].split("-")[1] == sent.trace.split("-")[1]
    assert pong.key == sent.key.encode()


async def test_a_message_delivered_again_is_answered_again_with_the_same_bytes(
    toys: Toys, wire: Wire, database: Database
) -> None:
    toys.start()
    envelope = envelope_of(ping())
    await wire.put(envelope, envelope)
    await wire.pongs(1)
    await wire.put(envelope)
    pongs = await wire.got("toy.replies.v1", 2)
    assert len({(p.value, dict(p.headers)["ce_id"]) for p in pongs}) == 1
    assert await counted(database) == 1


async def test_a_service_that_rested_for_days_makes_todays_partition_before_it_begins(
    toys: Toys, wire: Wire, database: Database
) -> None:
    async with database.transaction() as db:
        for (name,) in await db.fetch(PARTITIONS):
            await db.execute(f"DROP TABLE {name}")
    toys.start()
    await wire.put(sent := envelope_of(ping()))
    await wire.pongs(1)
    async with database.connection() as db:
        today = datetime.fromtimestamp((sent.id.int >> 80) / 1000, UTC)
        assert await db.fetchval(PAGE, sent.id) == f"journal_{today:%Y%m%d}"


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_some_acks", "after_acks"])
async def test_a_crash_anywhere_in_a_batch_loses_and_doubles_nothing(
    toys: Toys, wire: Wire, database: Database, point: str
) -> None:
    sent = [envelope_of(ping()) for _ in range(20)]
    await wire.put(*sent)
    assert await toys.died(toys.start(PATCHBAY_CRASH_AT=point)) == -signal.SIGKILL
    toys.start()
    pongs = await wire.pongs(20)
    assert await counted(database) == 20
    assert len(ids(pongs)) == 20


async def test_what_a_timer_said_before_a_crash_is_sent_by_the_sweep(toys: Toys, wire: Wire) -> None:
    assert await toys.died(toys.start(PATCHBAY_CHATTY="1", PATCHBAY_CRASH_AT="after_some_acks")) == -signal.SIGKILL
    toys.start()
    pongs = await wire.pongs(1)
    assert len(ids(pongs)) == 1


async def test_a_crash_while_sweeping_loses_nothing(toys: Toys, wire: Wire, database: Database) -> None:
    assert await toys.died(toys.start(PATCHBAY_CHATTY="1", PATCHBAY_CRASH_AT="sweeping")) == -signal.SIGKILL
    assert await counted(database) == 0
    toys.start(PATCHBAY_CHATTY="1")
    await wire.pongs(1)


async def test_bad_records_are_dead_letters_and_their_neighbours_go_through(
    toys: Toys, wire: Wire, database: Database
) -> None:
    good, headers = envelope_of(ping()), dict(envelope_of(ping()).headers("test"))
    await wire.put(good)
    bad = {
        "missing_header": (b"{}", {}),
        "bad_header": (b"{}", headers | {"ce_id": b"\xff\xfe"}),
        "no_body": (None, headers),
        "too_large": (b"x" * 1_000_001, headers),
        "unknown_type": (b"{}", headers | {"ce_type": b"toy.Future.v9"}),
        "bad_id": (b"{}", headers | {"ce_id": str(uuid4()).encode()}),
        "too_old": (b"{}", headers | {"ce_id": b"00000000-0000-7000-8000-000000000001"}),
        "bad_body": (b'{"order_id": "nonsense", "pin": "4711"}', headers),
    }
    for value, given in bad.values():
        await wire.put_raw(value, headers=given.items())
    await wire.put(envelope_of(ping()))
    toys.start()
    letters = await wire.got("toy.dead.v1", len(bad))
    reasons = Counter(dict(letter.headers)["dead_reason"].decode() for letter in letters)
    assert reasons == Counter(bad.keys())
    assert all(b"toy.commands.v1/" in dict(letter.headers)["dead_origin"] for letter in letters)
    assert all(b"4711" not in dict(letter.headers)["dead_detail"] for letter in letters)
    await wire.pongs(2)
    assert await counted(database) == 2


@pytest.mark.parametrize("where", ["key", "name of a header", "header"])
async def test_a_record_as_large_as_the_broker_takes_holds_nobody_up(toys: Toys, wire: Wire, where: str) -> None:
    huge = b"x" * 1_048_400
    key, name = (huge if where == "key" else b"k"), (huge.decode() if where == "name of a header" else "x")
    await wire.put_raw(None, key, [(name, huge if where == "header" else b"x")])
    await wire.put(envelope_of(ping()))
    toys.start()
    (letter,) = await wire.got("toy.dead.v1", 1)
    assert dict(letter.headers)["dead_reason"] == b"missing_header"
    await wire.pongs(1)


@pytest.mark.parametrize("word", ["bug", "forbidden"])
async def test_one_message_that_breaks_its_handler_is_found_and_set_aside(
    toys: Toys, wire: Wire, database: Database, word: str
) -> None:
    await wire.put(*(envelope_of(ping()) for _ in range(10)), envelope_of(ping(word)), envelope_of(ping()))
    toys.start()
    (letter,) = await wire.got("toy.dead.v1", 1)
    assert dict(letter.headers)["dead_reason"] == b"handler_failed"
    await wire.pongs(11)
    assert await counted(database) == 11


async def test_a_stream_of_failures_is_a_bug_and_ends_the_process(toys: Toys, wire: Wire) -> None:
    await wire.put(*(envelope_of(ping("bug")) for _ in range(8)))
    assert await toys.died(toys.start(PATCHBAY_MOST_DEAD_LETTERS="5")) == 70


async def test_a_known_type_that_nobody_handles_is_passed_over(toys: Toys, wire: Wire, database: Database) -> None:
    await wire.put(envelope_of(Unwanted(order_id=uuid4(), reseller="acme")), envelope_of(ping()))
    toys.start()
    await wire.pongs(1)
    assert await counted(database) == 1


async def test_messages_of_one_key_keep_their_order(toys: Toys, wire: Wire, database: Database) -> None:
    one = uuid4()
    words = [f"word {n}" for n in range(30)]
    await wire.put(*(envelope_of(Ping(order_id=one, reseller="acme", word=word)) for word in words))
    toys.start()
    await wire.pongs(30)
    async with database.connection() as db:
        assert [word for (word,) in await db.fetch(WORDS)] == words


async def test_two_replicas_share_the_work_and_one_takes_over_from_the_other(
    toys: Toys, wire: Wire, database: Database
) -> None:
    first, second = toys.start("1"), toys.start("2")
    await toys.ready(first)
    await toys.ready(second)
    await wire.put(*(envelope_of(ping()) for _ in range(50)))
    await wire.pongs(50)
    second.kill()
    await wire.put(*(envelope_of(ping()) for _ in range(50)))
    pongs = await wire.pongs(100)
    assert len(ids(pongs)) == 100
    assert await counted(database) == 100


async def test_a_replica_frozen_longer_than_its_session_wakes_up_and_doubles_nothing(
    toys: Toys, wire: Wire, database: Database
) -> None:
    first, second = toys.start("1"), toys.start("2")
    await toys.ready(first)
    await toys.ready(second)
    first.send_signal(signal.SIGSTOP)
    await wire.put(*(envelope_of(ping()) for _ in range(100)))
    await wire.pongs(100)
    first.send_signal(signal.SIGCONT)
    await wire.put(*(envelope_of(ping()) for _ in range(20)))
    pongs = await wire.pongs(120)
    assert len(ids(pongs)) == 120
    assert await counted(database) == 120


async def test_a_stopped_service_says_goodbye_with_exit_code_0(toys: Toys, wire: Wire) -> None:
    process = toys.start()
    await toys.ready(process)
    process.terminate()
    assert await toys.died(process) == 0
