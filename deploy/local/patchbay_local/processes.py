"""The suite's own processes: each service's command and environment, and the steps before they may start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from patchbay_local.databases import create_databases
from patchbay_local.running import MARK, Process, inherited
from patchbay_local.state import State, api_key, key_of_32_bytes, password
from patchbay_local.steps import Steps, as_json
from patchbay_local.waiting import LocalError, run_async

SERVICES = ("gateway", "customer", "numbers", "billing", "provisioning", "notifier")
PROCESSES = (*SERVICES, "search")
"""What runs of ours: the services, and the search replica, a process of the numbers service without a database."""
MODULES = {service: f"{service}_service.main" for service in SERVICES} | {"search": "numbers_service.search"}

OPERATOR = "demo@patchbay.example"
"""Who may sign in to the site, with every role, for the demo's resellers."""
ADMINISTRATOR = "admin@patchbay.example"
"""Who may sign in to the site with every role for all resellers, and so changes what the whole house has in common."""


@dataclass(frozen=True)
class Surroundings:
    """What the services of one suite must be told: where the servers are, and the secrets."""

    folder: Path
    kafka: str
    databases: Mapping[str, str]
    urls: Mapping[str, str]
    smtp: str
    api_key: str
    api_key_2: str
    inventory_key: str
    operator_password: str
    administrator_password: str
    pin_transport_key: str
    pin_pepper: str
    topic_prefix: str = ""
    makes_topics: bool = True

    def env(self, name: str, port: int, replica: str = "1") -> dict[str, str]:
        env = {
            "PATCHBAY_KAFKA": self.kafka,
            "PATCHBAY_HTTP_HOST": "127.0.0.1",
            "PATCHBAY_HTTP_PORT": str(port),
            "PATCHBAY_REPLICA": replica,
            "PATCHBAY_TOPIC_PREFIX": self.topic_prefix,
            "PYTHONUNBUFFERED": "1",
        }
        if name in self.databases:
            env["PATCHBAY_DATABASE"] = self.databases[name]
        # A secret goes only to those who need it.
        if name in {"gateway", "customer"}:
            env["PATCHBAY_PIN_TRANSPORT_KEY"] = self.pin_transport_key
        if name == "customer":
            env["PATCHBAY_PIN_PEPPER"] = self.pin_pepper
        if name == "notifier":
            env["PATCHBAY_SMTP"] = self.smtp
        if name == "gateway":
            env["PATCHBAY_SEARCH_URLS"] = self.urls["search"]
            env |= {f"PATCHBAY_{owner.upper()}_URL": self.urls[owner] for owner in SERVICES if owner != "gateway"}
            env["PATCHBAY_PUBLIC_URL"] = inherited().get("PATCHBAY_PUBLIC_URL", self.urls["gateway"])
            env["PATCHBAY_SECURE_COOKIES"] = "false"  # there is no HTTPS on a desk
            env |= {"PATCHBAY_WEBHOOK_HTTP": "true", "PATCHBAY_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128"}
        if name == "search":
            env["PATCHBAY_AUTHORITY_URL"] = self.urls["numbers"]
            env["PATCHBAY_SNAPSHOTS"] = (self.folder / "snapshots").as_uri()
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
        urls={name: f"http://127.0.0.1:{state.port(name)}" for name in PROCESSES},
        smtp=smtp,
        api_key=state.once("api_key", api_key),
        api_key_2=state.once("api_key_2", api_key),
        inventory_key=state.once("inventory_key", api_key),
        operator_password=state.once("operator_password", password),
        administrator_password=state.once("administrator_password", password),
        pin_transport_key=state.once("pin_transport_key", key_of_32_bytes),
        pin_pepper=state.once("pin_pepper", key_of_32_bytes),
        topic_prefix=topic_prefix,
        makes_topics=makes_topics,
    )


def process_of(
    around: Surroundings, name: str, port: int, replica: str = "1", env: Mapping[str, str] | None = None
) -> Process:
    return Process(
        name=name if replica == "1" else f"{name}-{replica}",
        command=(sys.executable, "-m", "patchbay_chassis", MODULES[name]),
        folder=around.folder,
        env={**around.env(name, port, replica), **(env or {})},
    )


def make_tables_topics_and_seed(around: Surroundings) -> None:
    """Every step may be repeated."""
    make_tables_and_seed(around)
    make_topics(around)


def make_tables_and_seed(around: Surroundings) -> None:
    """Needs no broker: what a seed has to say stays in the journal until its service sends it."""
    _run(around, [_tables_and_seed(around, service) for service in SERVICES])


def make_topics(around: Surroundings) -> None:
    if around.makes_topics:
        env = {"PATCHBAY_KAFKA": around.kafka, "PATCHBAY_TOPIC_PREFIX": around.topic_prefix}
        _run(around, [Steps("topics", [["patchbay_chassis.topics"]], env)])


def _tables_and_seed(around: Surroundings, service: str) -> Steps:
    env = around.env(service, 0)
    if service == "gateway":
        env |= {"PATCHBAY_API_KEY": around.api_key, "PATCHBAY_API_KEY_2": around.api_key_2}
        env |= {"PATCHBAY_INVENTORY_KEY": around.inventory_key}
        env |= {"PATCHBAY_OPERATOR_EMAIL": OPERATOR, "PATCHBAY_OPERATOR_PASSWORD": around.operator_password}
        env["PATCHBAY_ADMINISTRATOR_EMAIL"] = ADMINISTRATOR
        env["PATCHBAY_ADMINISTRATOR_PASSWORD"] = around.administrator_password
    modules = [["patchbay_chassis.migrate", f"{service}_service"]]
    if _has_seed(service):
        modules.append([f"{service}_service.seed"])
    return Steps(f"migrations or seed of {service}", modules, env)


def _has_seed(service: str) -> bool:
    try:
        return find_spec(f"{service}_service.seed") is not None
    except ModuleNotFoundError:
        return False


def _run(around: Surroundings, steps: list[Steps]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "patchbay_local.steps"],
        env={**inherited(), MARK: str(around.folder)},
        cwd=around.folder, input=as_json(steps), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise LocalError(done.stderr or f"the steps ended with exit code {done.returncode}")
