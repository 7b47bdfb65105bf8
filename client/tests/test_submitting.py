"""A file that is submitted is told line by line, also by a gateway that dies."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina
import stamina.instrumentation

from patchbay_cli import output
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

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            found = {"accepted_through": self.through, "lines": self.through, "states": {"accepted": self.through}}
            return httpx.Response(200, json=found)
        self.requests += 1
        first = int(request.url.params["from"])
        last = first + len(request.content.splitlines()) - 1
        if self.requests == 2:
            self.through = first - 1 + MORE
            raise httpx.ReadError("the gateway died")
        told = [_told(number, replayed=number <= self.through) for number in range(first, last + 1)]
        self.through = max(self.through, last)
        return httpx.Response(200, text="".join(told), headers={"Content-Type": "application/x-ndjson"})


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
    patchbay = Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(gateway)))
    assert submit_file(patchbay, file, "", dry_run=False, wait=False) == output.DONE
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["line"] for one in told] == list(range(1, MANY + 1))
    assert [one["line"] for one in told if one["replayed"]] == list(range(LINES + 1, LINES + MORE + 1))
