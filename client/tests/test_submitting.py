"""A file that is submitted is told line by line, also by a gateway that dies; and waited for if that is wanted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
import stamina.instrumentation

from patchbay_cli import output, submitting
from patchbay_cli.pieces import LINES
from patchbay_cli.submitting import submit_file
from patchbay_client import Client

MORE = 20
MANY = 2 * LINES


class Gateway:
    """Decides lines of a batch once. In its second request it decides some, and dies before it says so."""

    def __init__(self) -> None:
        self.through = 0
        self.requests = 0
        self.states: list[dict[str, int]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            states = self.states.pop(0) if self.states else {"accepted": self.through}
            return httpx.Response(200, json={"accepted_through": self.through, "lines": self.through, "states": states})
        self.requests += 1
        first = int(request.url.params["from"])
        last = first + len(request.content.splitlines()) - 1
        if self.requests == 2:
            self.through = first - 1 + MORE
            raise httpx.ReadError("the gateway died")
        told = [_told(number, replayed=number <= self.through) for number in range(first, last + 1)]
        self.through = max(self.through, last)
        return httpx.Response(200, text="".join(told), headers={"Content-Type": "application/x-ndjson"})

    def client(self) -> Client:
        return Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(self)))


def _told(number: int, *, replayed: bool) -> str:
    return json.dumps({"line": number, "id": f"order-{number}", "state": "accepted", "replayed": replayed}) + "\n"


@pytest.fixture(autouse=True)
def _for_programs() -> Iterator[None]:
    output.use_json(True)
    stamina.instrumentation.set_on_retry_hooks([])  # as the command does
    with stamina.set_testing(True, attempts=3):
        yield
    stamina.instrumentation.set_on_retry_hooks(None)
    output.use_json(False)


def test_lines_that_were_decided_before_the_gateway_died_are_told_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, file = Gateway(), tmp_path / "orders.ndjson"
    file.write_text("{}\n" * MANY)
    assert submit_file(gateway.client(), file, "", dry_run=False, wait=False) == output.DONE
    *told, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [one["line"] for one in told] == list(range(1, MANY + 1))
    assert [one["line"] for one in told if one["replayed"]] == list(range(LINES + 1, LINES + MORE + 1))
    assert end["batch"]["accepted_through"] == MANY


def test_orders_that_wait_for_their_start_or_for_numbers_are_counted_and_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "LOOK_EVERY", 0)
    gateway, file = Gateway(), tmp_path / "orders.ndjson"
    file.write_text("{}\n" * 4)
    waiting = {"waiting": 2, "back_ordered": 1}
    gateway.states = [{}, *(waiting | {state: 1} for state in ("accepted", "accepted", "delayed", "completed"))]
    assert submit_file(gateway.client(), file, "", dry_run=False, wait=True) == output.DONE
    assert gateway.states == []
    assert "not waited for: 2 until their start, 1 until there are numbers" in capsys.readouterr().err


def refused(number: int) -> dict[str, Any]:
    return {"line": number, "would_be": "refused", "error": {"title": "The order is not valid", "errors": []}}


@pytest.mark.parametrize("reader", ["people", "programs"])
def test_a_file_that_was_decided_before_says_where_its_refused_lines_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reader: str
) -> None:
    output.use_json(reader == "programs")
    gateway, file = Gateway(), tmp_path / "orders.ndjson"
    file.write_text("{}\n" * 3)
    gateway.through = 3
    gateway.states = [{}, states := {"completed": 2, "failed": 1}]
    assert submit_file(gateway.client(), file, "b", dry_run=False, wait=False) == output.REFUSED
    said = capsys.readouterr()
    if reader == "programs":
        assert json.loads(said.out) == {"batch": {"accepted_through": 3, "lines": 3, "states": states}}
    else:
        assert said.out == "batch b: 2 completed, 1 failed\n"
        assert "patchbay batches results b" in said.err


def test_a_dry_run_says_how_many_more_lines_would_be_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output.use_json(False)
    summary = {"would_be": {"accepted": 0, "refused": 44}, "totals": []}
    lines = "".join(json.dumps(one) + "\n" for one in (*map(refused, range(1, 45)), {"summary": summary}))
    answer = httpx.Response(200, text=lines, headers={"Content-Type": "application/x-ndjson"})
    http = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    file = tmp_path / "orders.ndjson"
    file.write_text("{}\n" * 44)
    patchbay = Client("http://patchbay.example", "key", http=http)
    assert submit_file(patchbay, file, "", dry_run=True, wait=False) == output.REFUSED
    assert "and 34 more lines would be refused" in capsys.readouterr().err
