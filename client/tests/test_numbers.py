"""Numbers and the inventory at the command line: what is asked, what is said, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from patchbay_cli import config, output
from patchbay_cli.main import app
from patchbay_client import Client

HELD = {"e164": "+441217370078", "grade": "gold", "rule": "ABAB", "pool": "public", "instead_of": "+441217370077"}
LOST = {"e164": "+441217370077", "reason": "taken", "offer": None}
FOUND = {
    "numbers": [HELD], "as_of": {"age_ms": 12}, "total": 1234, "at_least": True, "next": "abc", "nothing": None,
}  # fmt: skip
NOTHING = {"message": "no free number matches", "nearest": {"change": "without pattern", "total": 40_000}}
LENT = {
    "lent": [["+441217370000", "+441217370099"]], "there_already": [], "lent_elsewhere": [], "unknown": [],
    "not_free": [{"state": "held", "ranges": [["+441217370420", "+441217370420"]]}],
}  # fmt: skip
LOADED = {"load": "l", "state": "stopped", "rows": 2, "loaded": 2, "there_already": 0, "refused": 0, "detail": "again"}
RULES = [{"name": "ends 007", "grade": "bronze", "endings": ["007"]}]
REGRADED = {"before": "standard", "after": "bronze", "numbers": 1923, "examples": ["+441217370007"]}


class Asked:
    """What Patchbay was asked; it gives one answer."""

    def __init__(self) -> None:
        self.answer: Any = {}
        self.calls: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.headers.get("content-type") == "application/json" else None
        self.calls.append((request.method, request.url.raw_path.decode(), body))
        return httpx.Response(200, json=self.answer)

    def client(self) -> Client:
        return Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(self)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    there = Asked()
    monkeypatch.setattr(config, "client", there.client)
    monkeypatch.setattr(output, "_as_json", False)
    return there


Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(asked: Asked) -> Typed:
    def type_(*words: str, answer: Any) -> tuple[int, str]:
        """The code with which the command ends, and all that is said."""
        asked.answer = answer
        result = CliRunner().invoke(app, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout + result.stderr

    return type_


def test_whatever_a_search_can_ask_for_can_be_typed(asked: Asked, typed: Typed) -> None:
    code, said = typed(
        *("numbers", "search", "--segment", "77", "--segment", "12", "--in-order", "--method", "segments"),
        *("--of-grade", "gold", "--pool", "reseller", "--pool", "public", "--count", "5", "--after", "x"),
        answer=FOUND,
    )
    assert code == 0
    assert "at least 1,234 match" in said
    assert "--after abc" in said
    assert asked.calls[0][2] == {
        "count": 5, "method": "segments", "aligned": 1, "segments": ["77", "12"], "in_order": True, "grades": ["gold"],
        "pools": ["reseller", "public"], "after": "x",
    }  # fmt: skip


def test_where_nothing_matches_the_nearest_that_does_is_said(typed: Typed) -> None:
    code, said = typed("numbers", "search", answer=FOUND | {"numbers": [], "nothing": NOTHING})
    assert (code, "without pattern finds 40,000" in said, "grade" in said) == (0, True, False)


def test_who_takes_the_next_best_is_told_in_whose_place(asked: Asked, typed: Typed) -> None:
    code, said = typed("numbers", "hold", "+441217370077", "--take", answer={"held": [HELD], "lost": [LOST]})
    assert (code, "+441217370078 is held instead" in said) == (output.REFUSED, True)
    assert asked.calls[0][2]["instead"] == "take"
    code, said = typed("numbers", "extend", "--basket", "b", "--minutes", "60", answer={"held": [HELD], "lost": []})
    assert (code, asked.calls[-1][1], asked.calls[-1][2]["minutes"]) == (0, "/v1/numbers/holds/extend", 60)


def test_a_list_that_did_not_come_to_its_end_is_no_success(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "blocks.csv"
    file.write_text("first\n")
    code, said = typed("blocks", "import", str(file), "--why", "bought", answer=LOADED)
    assert (code, "stopped: again" in said) == (output.LATER, True)
    assert typed("blocks", "import", str(file), "--why", "bought", answer=LOADED | {"state": "done"})[0] == 0


def test_numbers_are_lent_and_taken_back_by_ranges_and_one_by_one(asked: Asked, typed: Typed) -> None:
    meant = ("+441217370000..+441217370099", "+441217370420")
    code, said = typed("blocks", "lend", *meant, "--to", "reseller:acme", "--why", "ticket 4711", answer=LENT)
    assert (code, "not lent: held" in said) == (output.REFUSED, True)
    assert asked.calls[0][2] == {
        "ranges": [["+441217370000", "+441217370099"], ["+441217370420", "+441217370420"]],
        "to": {"pool": "reseller", "owner": "acme"}, "why": "ticket 4711",
    }  # fmt: skip
    back = {"returned": LENT["lent"], "when_free": LENT["not_free"], "not_lent": []}
    code, said = typed("blocks", "take-back", *meant, "--why", "ticket 4712", answer=back)
    assert (code, "when free: held" in said, asked.calls[1][1]) == (0, True, "/v1/inventory/lending/return")


def test_grades_are_stated_or_left_to_the_rules(asked: Asked, typed: Typed) -> None:
    for grade in ("gold", ""):
        words = ("--grade", grade) if grade else ()
        answer = {"changed": 1, "unknown": ["+499"]}
        code, said = typed("blocks", "grade", "+441217370420", "--why", "the mayor's", *words, answer=answer)
        assert (code, "+499 is in no block" in said) == (output.REFUSED, True)
        assert asked.calls[-1][2]["grade"] == (grade or None)


def test_rules_of_a_file_are_tried_and_declared_in_place_of_those_that_were_seen(
    asked: Asked, typed: Typed, tmp_path: Path
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"version": 3, "rules": RULES}))
    words = ("blocks", "regrade", str(file), "--why", "as sold")
    code, said = typed(*words, "--dry-run", answer={"version": 3, "numbers": 1923, "regraded": [REGRADED]})
    assert (code, "1,923" in said) == (output.WOULD_CHANGE, True)
    assert typed(*words, "--dry-run", answer={"version": 3, "numbers": 0, "regraded": []})[0] == 0
    assert typed(*words, answer={"version": 4, "rules": RULES}) == (0, "version 4 is in force\n")
    assert [call[:2] for call in asked.calls[1:]] == [
        ("POST", "/v1/inventory/grades/preview"), ("PUT", "/v1/inventory/grades"),
    ]  # fmt: skip
    assert asked.calls[-1][2] == {"version": 3, "rules": RULES, "why": "as sold"}
    assert json.loads(typed("blocks", "rules", answer={"version": 4, "rules": RULES})[1])["rules"] == RULES


def test_a_pool_rests_as_long_as_is_said_or_as_the_settings_say(asked: Asked, typed: Typed) -> None:
    for days in (("--days", "0"), ()):
        assert typed("blocks", "rest", "--pool", "public", *days, "--why", "agreed", answer={"changed": 1})[0] == 0
    assert [call[2]["days"] for call in asked.calls] == [0, None]
    usage = {"usage": [{"pool": "public", "owner": "", "quarantine_days": 30}], "next": None}
    assert "30" in typed("blocks", "usage", "--pools", answer=usage)[1]
    entry = {"at": "2026-06-01T12:00:00Z", "who": "ann", "what": "taken back", "why": "ticket 4711"}
    code, said = typed("blocks", "log", "--number", "+441217370420", answer={"entries": [entry], "next": None})
    assert (code, "ticket 4711" in said, asked.calls[-1][1]) == (
        0, True, "/v1/inventory/log?number=%2B441217370420&limit=50",
    )  # fmt: skip
