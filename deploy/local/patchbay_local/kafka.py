"""One Kafka broker of our own: KRaft, a single node, on loopback, with its data kept over kill -9."""

from __future__ import annotations

import os
import secrets
import subprocess
from base64 import urlsafe_b64encode

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from patchbay_local.kafka_libraries import has_libraries_or_maven, java, libraries
from patchbay_local.memory_broker import MemoryBroker
from patchbay_local.ports import accepts
from patchbay_local.running import Process, inherited
from patchbay_local.state import KAFKA_FILES, State
from patchbay_local.waiting import LocalError

SETTINGS = """\
# Written at every start by patchbay_local.kafka; changes made here are lost.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# Topics are made by an explicit step, so a misspelt name fails instead of becoming a topic.
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=1
min.insync.replicas=1

# There is one node: what Kafka keeps for itself can have one copy only.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# 50 partitions each by default; opening them is most of a small broker's start.
offsets.topic.num.partitions=8
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=1

group.initial.rebalance.delay.ms=0
# The dead incarnation of a killed broker is forgotten after this time, and only then may it come back.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
# 128 MB by default, of a heap of 512.
log.cleaner.dedupe.buffer.size=16777216

log.segment.bytes=268435456
log.retention.hours=168
# Per partition, so that benches do not fill the disk for a week.
log.retention.bytes=4294967296
"""


class KafkaServer:
    def __init__(self, state: State) -> None:
        self._folder = state.folder / "kafka"
        self._port = state.port("kafka")
        self._controller_port = state.port("kafka controller")
        self._cluster = state.once("kafka_cluster", _cluster_id)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def prepare(self) -> None:
        """Writes the settings and formats the data folder if it is new. Nothing of it may run yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = self._folder / "data"
        settings = self._folder / "server.properties"
        settings.write_text(SETTINGS.format(port=self._port, controller_port=self._controller_port, data=data))
        if not (data / "meta.properties").exists():
            formatted = subprocess.run(
                [*self._java("-Xmx128m"), "kafka.tools.StorageTool", "format",
                 "--ignore-formatted", "-t", self._cluster, "-c", settings],
                capture_output=True, text=True, check=False, env=inherited(),
            )  # fmt: skip
            if formatted.returncode != 0:
                raise LocalError(f"Kafka's StorageTool failed:\n{formatted.stdout}{formatted.stderr}")

    def process(self) -> Process:
        # The second compiler takes a third of a core for minutes after a start, and its code was no faster here: 80 µs
        # of processor an order with it, 56 without, at full load.
        memory = ("-Xms512m", "-Xmx512m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
        settings = str(self._folder / "server.properties")
        return Process("kafka", (*self._java(*memory), "kafka.Kafka", settings), self._folder)

    def answers(self) -> bool:
        return accepts(self._port) and answers(self.bootstrap)

    def _java(self, *options: str) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={KAFKA_FILES / 'log4j2.properties'}"
        return (java(), *options, "-Djava.awt.headless=true", logging, "-cp", f"{libraries()}/*")


def broker(state: State) -> KafkaServer | MemoryBroker:
    """The real one wherever it can be had; PATCHBAY_BROKER=memory asks for the other."""
    if os.environ.get("PATCHBAY_BROKER") != "memory" and has_libraries_or_maven():
        return KafkaServer(state)
    if os.environ.get("CI") == "true":
        raise LocalError("CI needs the real Kafka, hence Maven (`mvn`): it is to prove what survives")
    return MemoryBroker(state)


def answers(bootstrap: str) -> bool:
    """Whether a broker is there that takes part: one that still starts accepts connections long before."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    try:
        return bool(client.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _cluster_id() -> str:
    while True:
        made = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not made.startswith("-"):  # a command line would take it for an option
            return made
