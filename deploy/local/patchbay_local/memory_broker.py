"""The stand-in where there is no Maven: the broker inside confluent-kafka, which keeps nothing."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

from patchbay_local.running import Process
from patchbay_local.state import State, write_private

NOTICE = """\
***********************************************************************
*  THIS IS NOT KAFKA BUT A STAND-IN IN MEMORY.                        *
*  Every message and offset is lost when it stops. It will do to look *
*  around; it proves nothing about what survives. Install Maven       *
*  (`mvn`), or point PATCHBAY_KAFKA at a broker, for the real thing.  *
***********************************************************************"""


class MemoryBroker:
    def __init__(self, state: State) -> None:
        self._folder = state.folder / "kafka"
        self._address = self._folder / "memory-broker.address"

    @property
    def bootstrap(self) -> str:
        """It picks its port itself, so it is known only while it runs."""
        return self._address.read_text()

    def prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._address.unlink(missing_ok=True)
        print(NOTICE, file=sys.stderr, flush=True)

    def process(self) -> Process:
        command = (sys.executable, "-m", "patchbay_local.memory_broker", str(self._address))
        # Started again it would be another broker, empty, at another address.
        return Process("kafka", command, self._folder, restarts=False)

    def answers(self) -> bool:
        return self._address.exists()


def main() -> None:
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    # The broker lives in a client library, inside the process of a client that asked for one.
    holder = Producer({"test.mock.num.brokers": 1})
    brokers = holder.list_topics(timeout=10).brokers.values()
    address = ",".join(f"{one.host}:{one.port}" for one in brokers)
    print(f"{NOTICE}\nbootstrap address: {address}", flush=True)
    write_private(Path(sys.argv[1]), address)
    signal.sigwait(ending)


if __name__ == "__main__":
    main()
