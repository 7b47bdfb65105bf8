"""The check of what a change would break, as it is called."""

import json
import subprocess
from pathlib import Path

import pytest

from docs import compatibility

ROOT = Path(__file__).parents[1]


def test_a_ref_that_is_not_there_is_said_and_refused_where_it_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert compatibility.main("no-such-ref") == 2
    said = capsys.readouterr().out
    assert "NOTHING WAS COMPARED" in said
    assert "no-such-ref" in said


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with commits on main, the first of which is the one that all has to suit; the gateways' documents
    are what stands in a file."""
    folder = tmp_path / "clone"
    for part in ("contracts", "chassis", "services/gateway", "docs"):
        (folder / part).mkdir(parents=True)
        (folder / part / "README").write_text(part)
    git(folder, "init", "-q", "-b", "main")
    for operation in ("/v1/first", "/v1/second", "/v1/third"):
        offer(folder, operation, *offered(folder))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", operation)
    (folder / compatibility.SINCE).write_text(f"# why\n{git(folder, 'rev-parse', 'HEAD^^')}\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "since when")
    monkeypatch.setattr(compatibility, "ROOT", folder)
    monkeypatch.setattr(compatibility, "openapi", lambda tree: {"paths": {one: {"get": {}} for one in offered(tree)}})
    return folder


def offered(tree: Path) -> list[str]:
    file = tree / "services/gateway/openapi.json"
    return list(json.loads(file.read_text())) if file.exists() else []


def offer(tree: Path, *operations: str) -> None:
    (tree / "services/gateway/openapi.json").write_text(json.dumps(operations))


def test_a_break_on_main_is_refused_by_the_commit_before_and_later_by_the_one_that_all_has_to_suit(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compatibility.main(None) == 0
    offer(clone, "/v1/first", "/v1/second")
    assert compatibility.main(None) == 1  # not committed
    git(clone, "commit", "-q", "-a", "-m", "the third is gone")
    assert compatibility.main(None) == 1
    assert "GET /v1/third: the operation is gone" in capsys.readouterr().out
    git(clone, "commit", "-q", "--allow-empty", "-m", "something else")
    assert compatibility.main(None) == 0  # it came and went since
    offer(clone, "/v1/second")
    git(clone, "commit", "-q", "-a", "-m", "the first is gone")
    git(clone, "commit", "-q", "--allow-empty", "-m", "something else")
    assert compatibility.main(None) == 1
    assert "GET /v1/first: the operation is gone" in capsys.readouterr().out


def test_a_branch_is_compared_with_where_it_left_main(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(clone, "switch", "-q", "-c", "branch")
    git(clone, "commit", "-q", "--allow-empty", "-m", "ours")
    git(clone, "switch", "-q", "main")
    offer(clone, "/v1/fourth", *offered(clone))
    git(clone, "commit", "-q", "-a", "-m", "theirs")
    git(clone, "switch", "-q", "branch")
    assert compatibility.main(None) == 0
    assert "where this left main" in capsys.readouterr().out
    offer(clone, "/v1/first", "/v1/second")
    git(clone, "commit", "-q", "-a", "-m", "the third is gone")
    assert compatibility.main(None) == 1


def test_a_clone_of_one_commit_passes_and_says_that_nothing_was_compared(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", clone.as_uri(), "shallow")
    monkeypatch.setattr(compatibility, "ROOT", tmp_path / "shallow")
    assert compatibility.main(None) == 0
    assert "NOTHING WAS COMPARED: there are no earlier commits here" in capsys.readouterr().out


def test_a_tree_is_compared_with_one_that_had_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a message, a field and a topic more; the gateways' documents are as a gateway gives them."""
    contracts = tmp_path / compatibility.CONTRACTS
    (contracts / "schemas").mkdir(parents=True)
    (contracts / "topic_files").mkdir()
    for folder in ("schemas", "topic_files"):
        for file in (ROOT / compatibility.CONTRACTS / folder).iterdir():
            (contracts / folder / file.name).write_text(file.read_text())
    (contracts / "schemas" / "numbers.Lost.v1.json").write_text("{}")
    held = contracts / "schemas" / "numbers.NumbersHeld.v1.json"
    schema = json.loads(held.read_text())
    schema["properties"]["colour"] = {"type": "string"}
    held.write_text(json.dumps(schema))
    topic = contracts / "topic_files" / "orders.events.v1.toml"
    (contracts / "topic_files" / "orders.lost.v1.toml").write_text(topic.read_text())
    documents = {tmp_path: {"paths": {"/v1/gone": {"get": {}}}}, ROOT: {"paths": {}}}
    monkeypatch.setattr(compatibility, "openapi", documents.__getitem__)
    assert list(compatibility.breaks(tmp_path, ROOT)) == [
        "GET /v1/gone: the operation is gone",
        "numbers.Lost.v1: the message is gone",
        "numbers.NumbersHeld.v1/colour: the field is gone",
        "orders.lost.v1: the topic is gone",
    ]
