"""The suite's own processes: each service's command and environment, and the steps before they may start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from patchbay_local.databases import create_databases
from patchbay_local.running import MARK, Process, inherited
from patchbay_local.state import State, api_key, key_of_32_bytes
from patchbay_local.waiting import LocalError, run_async

SERVICES = ("gateway", "customer", "numbers", "billing", "provisioning", "notifier")

# Two cores are what we promise to be usable on; more at once would only take turns.
AT_ONCE = 2


@dataclass(frozen=True)
class Surroundings:
    """What the services of one suite must be told: where the servers are, and the secrets."""

    folder: Path
    kafka: str
    databases: Mapping[str, str]
    smtp: str
    api_key: str
    api_key_2: str
    pin_transport_key: str
    pin_pepper: str
    topic_prefix: str = ""
    makes_topics: bool = True

    def env(self, service: str, port: int, replica: str = "1") -> dict[str, str]:
        env = {
            "PATCHBAY_KAFKA": self.kafka,
            "PATCHBAY_DATABASE": self.databases[service],
            "PATCHBAY_HTTP_HOST": "127.0.0.1",
            "PATCHBAY_HTTP_PORT": str(port),
            "PATCHBAY_REPLICA": replica,
            "PATCHBAY_TOPIC_PREFIX": self.topic_prefix,
            "PYTHONUNBUFFERED": "1",
        }
        # A secret goes only to those who need it.
        if service in {"gateway", "customer"}:
            env["PATCHBAY_PIN_TRANSPORT_KEY"] = self.pin_transport_key
        if service == "customer":
            env["PATCHBAY_PIN_PEPPER"] = self.pin_pepper
        if service == "notifier":
            env["PATCHBAY_SMTP"] = self.smtp
        return env


def surroundings(
    state: State,
    *,
    kafka: str,
    postgres: str,
    smtp: str,
    topic_prefix: str = "",
    database_prefix: str = "",
    makes_topics: bool = True,
) -> Surroundings:
    """Makes the databases and whatever secret is still missing."""
    return Surroundings(
        folder=state.folder,
        kafka=kafka,
        databases=run_async(create_databases(postgres, SERVICES, state, database_prefix)),
        smtp=smtp,
        api_key=state.once("api_key", api_key),
        api_key_2=state.once("api_key_2", api_key),
        pin_transport_key=state.once("pin_transport_key", key_of_32_bytes),
        pin_pepper=state.once("pin_pepper", key_of_32_bytes),
        topic_prefix=topic_prefix,
        makes_topics=makes_topics,
    )


def service_process(
    around: Surroundings, service: str, port: int, replica: str = "1", env: Mapping[str, str] | None = None
) -> Process:
    return Process(
        name=service if replica == "1" else f"{service}-{replica}",
        command=(sys.executable, "-m", f"{service}_service.main"),
        folder=around.folder,
        env={**around.env(service, port, replica), **(env or {})},
    )


def make_tables_topics_and_seed(around: Surroundings) -> None:
    """Every step may be repeated. Topics before seeds, because a seed may have something to say."""
    steps: list[Callable[[], None]] = [partial(_migrate, around, service) for service in SERVICES]
    if around.makes_topics:
        steps.insert(0, partial(_topics, around))
    _all(steps)
    _all([partial(_seed, around, service) for service in SERVICES if _has_seed(service)])


def _all(steps: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(step) for step in steps]:
            done.result()


def _migrate(around: Surroundings, service: str) -> None:
    _run(around, f"migrations of {service}", "patchbay_chassis.migrate", f"{service}_service",
         env=around.env(service, 0))  # fmt: skip


def _topics(around: Surroundings) -> None:
    env = {"PATCHBAY_KAFKA": around.kafka, "PATCHBAY_TOPIC_PREFIX": around.topic_prefix}
    _run(around, "topics", "patchbay_chassis.topics", env=env)


def _seed(around: Surroundings, service: str) -> None:
    env = around.env(service, 0)
    if service == "gateway":
        env |= {"PATCHBAY_API_KEY": around.api_key, "PATCHBAY_API_KEY_2": around.api_key_2}
    _run(around, f"seed of {service}", f"{service}_service.seed", env=env)


def _has_seed(service: str) -> bool:
    try:
        return find_spec(f"{service}_service.seed") is not None
    except ModuleNotFoundError:
        return False


def _run(around: Surroundings, what: str, module: str, *arguments: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**inherited(), **env, MARK: str(around.folder)},
        cwd=around.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise LocalError(f"{what} failed (exit code {done.returncode}):\n" + "\n".join(lines[-25:]))
