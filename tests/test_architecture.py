"""The rules of the house that no linter knows: who depends on whom, who commits, how files are named and how long."""

import ast
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from patchbay_chassis.router import Router
from patchbay_contracts.topics import load
from patchbay_local.processes import SERVICES

ROOT = Path(__file__).parents[1]
OURS = ("contracts", "chassis", "services", "deploy", "tests", "bench", "examples")
FILES = sorted(
    file
    for folder in OURS
    for file in (ROOT / folder).rglob("*.py")
    if not {".venv", "build", "node_modules"} & set(file.parts)
)
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "base",
    "common",
    "misc",
    "shared",
    "manager",
    "managers",
    "repository",
}
ONLY_THE_CHASSIS = {"commit", "rollback", "publish", "send_and_wait", "publish_batch", "ack", "nack", "subscriber"}
NAIVE = {"utcnow", "utcfromtimestamp", "today"}


def name(file: Path) -> str:
    """The file as it is called from the root."""
    return str(file.relative_to(ROOT))


def code(service: str) -> list[Path]:
    """What the service is made of, without its tests."""
    return sorted((ROOT / "services" / service / f"{service}_service").rglob("*.py"))


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a method in a file, by the method's name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def imports(file: Path) -> set[str]:
    """Top-level packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def router(service: str) -> Router:
    """The service's table of contents."""
    found = import_module(f"{service}_service.handlers").router
    assert isinstance(found, Router)
    return found


def followed(service: str) -> set[str]:
    """Topics that the service reads whole: what its code makes a `Follower` of."""
    found = set()
    for file in code(service):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Follower":
                module = import_module(".".join(file.relative_to(ROOT / "services" / service).with_suffix("").parts))
                found.add(getattr(module, ast.unparse(node.args[0])))
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_depends_on_contracts_and_chassis_and_on_no_other_of_ours(service: str) -> None:
    project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text())["project"]
    ours = {one.partition("[")[0] for one in project["dependencies"] if one.startswith("patchbay-")}
    assert ours == {"patchbay-contracts", "patchbay-chassis"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_and_its_tests_import_no_other_service(service: str) -> None:
    others = {f"{other}_service" for other in SERVICES if other != service}
    for file in (ROOT / "services" / service).rglob("*.py"):
        assert not imports(file) & others, name(file)


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_chassis_commits_publishes_and_acks(service: str) -> None:
    for file in code(service):
        found = [f"{name(file)}:{call.lineno} {method}" for method, call in calls(file) if method in ONLY_THE_CHASSIS]
        assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_handler_is_at_most_twenty_lines(service: str) -> None:
    for handler in {route.handler for route in router(service).routes.values()}:
        file = ROOT / "services" / service / f"{service}_service" / "handlers.py"
        (found,) = (
            node
            for node in ast.parse(file.read_text()).body
            if isinstance(node, ast.AsyncFunctionDef) and node.name == handler.__name__
        )
        assert found.end_lineno is not None
        assert found.end_lineno - found.body[0].lineno < 20, f"{name(file)}: {found.name}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_listens_to_declared_topics_and_to_all_that_name_it(service: str) -> None:
    named = {topic.name for topic in load().values() if service in topic.consumers}
    assert set(router(service).topics) == named


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_follows_the_topics_that_name_it_as_follower(service: str) -> None:
    assert followed(service) == {topic.name for topic in load().values() if service in topic.followers}


def test_the_gateway_puts_away_what_nobody_can_read() -> None:
    keepers = {topic.name: topic.keepers for topic in load().values() if topic.keepers}
    assert keepers == {f"{service}.dead.v1": ("gateway",) for service in SERVICES}


def test_every_service_has_a_topic_for_what_it_cannot_read() -> None:
    dead = {topic.name: topic.producers for topic in load().values() if topic.name.endswith(".dead.v1")}
    assert dead == {f"{service}.dead.v1": (service,) for service in SERVICES}


def test_no_file_is_a_drawer_for_this_and_that() -> None:
    """`service.py` is the chassis' word for what a service is; a service that has one hides its business in it."""
    assert [name(f) for f in FILES if f.stem in DRAWERS or (f.stem == "service" and "services" in f.parts)] == []


def test_every_file_can_be_read_at_one_sitting() -> None:
    assert [name(file) for file in FILES if len(file.read_text().splitlines()) > 300] == []


def test_time_always_knows_its_zone() -> None:
    assert [f"{name(file)}:{line}" for file in FILES for line in _naive(file)] == []


def _naive(file: Path) -> Iterator[int]:
    for method, call in calls(file):
        zoned = len(call.args) + len(call.keywords) == (1 if method == "now" else 2)
        of_datetime = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "datetime"
        if method in NAIVE or (of_datetime and method in ("now", "fromtimestamp") and not zoned):
            yield call.lineno
