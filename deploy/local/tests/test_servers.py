"""Kafka and PostgreSQL: what they hold survives kill -9, at the same address."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from patchbay_local.kafka import KafkaServer, broker
from patchbay_local.postgres import PostgresServer
from patchbay_local.running import Process, Running
from patchbay_local.state import State
from patchbay_local.waiting import LocalError, wait_for

Run = Callable[[Process], Running]


def test_kafka_killed_and_started_again_still_has_its_records(state: State, run: Run) -> None:
    server = KafkaServer(state)
    server.prepare()
    running = run(server.process())
    wait_for(server.answers, 30, "kafka")
    client = AdminClient({"bootstrap.servers": server.bootstrap})
    client.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
    producer = Producer({"bootstrap.servers": server.bootstrap, "acks": "all"})
    producer.produce("kept", b"still here")
    assert producer.flush(10) == 0

    running.kill()
    run(KafkaServer(State(state.folder)).process())
    wait_for(server.answers, 30, "kafka again")

    consumer = Consumer({
        "bootstrap.servers": server.bootstrap, "group.id": "reader", "auto.offset.reset": "earliest",
    })  # fmt: skip
    consumer.subscribe(["kept"])
    record = consumer.poll(20)
    consumer.close()
    assert record is not None
    assert record.value() == b"still here"


async def test_postgres_killed_and_started_again_still_has_what_was_committed(state: State, run: Run) -> None:
    server = PostgresServer(state)
    server.prepare()
    running = run(server.process())
    wait_for(server.answers, 30, "postgres")
    connection = await asyncpg.connect(f"{server.admin_url}/postgres")
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    running.kill()
    again = PostgresServer(State(state.folder))
    again.prepare()
    wait_for(lambda: _back(again, run), 30, "postgres again")

    connection = await asyncpg.connect(f"{again.admin_url}/postgres")
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()


def _back(server: PostgresServer, run: Run) -> bool:
    """It may refuse to start until the last child of the killed one has gone."""
    if not server.answers():
        run(server.process())
    return server.answers()


def test_ci_refuses_a_broker_that_forgets(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATCHBAY_BROKER", "memory")
    with pytest.raises(LocalError, match="real Kafka"):
        broker(state)


def test_the_broker_in_memory_answers_and_says_what_it_is(
    state: State, run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PATCHBAY_BROKER", "memory")
    stand_in = broker(state)
    stand_in.prepare()
    assert "STAND-IN" in capfd.readouterr().err
    run(stand_in.process())
    wait_for(stand_in.answers, 20, "the broker in memory")
    assert AdminClient({"bootstrap.servers": stand_in.bootstrap}).list_topics(timeout=5).brokers
