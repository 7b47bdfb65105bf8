"""The check of what a change would break, as it is called."""

import json
from pathlib import Path

import pytest

from docs import compatibility
from docs.compatibility import NotComparable

ROOT = Path(__file__).parents[1]


def test_a_ref_that_is_not_there_is_said_and_refused_where_it_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert compatibility.main("no-such-ref") == 2
    said = capsys.readouterr().out
    assert "NOTHING WAS COMPARED" in said
    assert "no-such-ref" in said


def test_a_clone_without_main_passes_and_says_that_nothing_was_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def unknown(ref: str, into: Path) -> None:
        raise NotComparable(f"there is no {ref!r} here")

    monkeypatch.setattr(compatibility, "at", unknown)
    assert compatibility.main(None) == 0
    assert "NOTHING WAS COMPARED: there is no 'main' here" in capsys.readouterr().out


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
