"""What operators of the machine type, and what is asked and answered over the network."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from patchbay_cli import config, output
from patchbay_cli.main import app
from patchbay_client import AsyncClient, Client, NotAllowed, Refused, dead_letters, operations

ID = "0198a1de-5c21-7b1e-8a51-6f3f0b2f9a12"
LETTER: dict[str, Any] = {
    "id": ID, "at": "2030-06-01T08:00:00Z", "service": "numbers", "reason": "handler_failed", "detail": "ValueError()",
    "topic": "numbers.commands.v1", "partition": 2, "offset": 4711, "key": "k", "type": "numbers.HoldNumbers.v1",
    "message_id": "m", "size": 2, "cut": [], "times": 1, "replay_of": None, "replays": 1,
}  # fmt: skip
REPLAY = {"id": "r", "at": "2030-06-01T08:10:00Z", "by": "key:ops", "reason": "mended", "forced": False}
MENDED = {"way": "skip", "steps": ["billing"], "by": "key:ops"}
STUCK = {
    "order_id": ID, "reseller": "acme", "begun_at": "2030-06-01T08:00:00Z", "failed_step": "numbers", "detail": "",
    "waits_for": [{"step": "billing", "tries": 4}], "reason": "timed_out", "mended": [{"way": "retry"}],
}  # fmt: skip


class Machine:
    """Answers as Patchbay does, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: Callable[[str], httpx.Response | None] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix("/v1/operations/")
        if (odd := self.answers(path)) is not None:
            return odd
        whole = LETTER | {"headers": [{"name": "x", "base64": "/w=="}], "body": {"text": "{}"}, "replayed": [REPLAY]}
        known: dict[str, Any] = {
            "dead-letters": {"dead_letters": [LETTER], "next": None if "after" in request.url.params else "c"},
            f"dead-letters/{ID}": whole | {"came_back": ["later"]},
            f"dead-letters/{ID}/replay": REPLAY,
            "stuck": {"orders": [STUCK], "next": None},
            **{f"orders/{ID}/{way}": MENDED | {"way": way} for way in ("retry", "skip", "compensate")},
            "lag": {
                "groups": [{"group": "numbers", "topic": "numbers.commands.v1", "records": 12, "behind_ms": None}],
                "read_models": [{"name": "orders", "records": 3, "behind_ms": 120}],
            },
            "steps": {"steps": [{
                "step": "billing", "count": 9, "p50_ms": 38, "p99_ms": 212, "max_ms": 640, "slowest": ID
            }]},
            "replicas": {
                "services": [{"service": "numbers", "replica": "1", "host": "10.1.0.7", "partitions": 8}],
                "search": [{"url": "http://s", "state": "answers", "age_ms": 180, "changes": 7}],
            },
        }  # fmt: skip
        return httpx.Response(200, json=known[path])

    def refuses(self, status: int, part: str = "") -> None:
        """From now on what has that in its path."""
        problem = {"type": "/problems/x", "title": "No", "status": status}
        self.answers = lambda path: httpx.Response(status, json=problem) if part in path else None

    def client(self) -> Client:
        return Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(self)))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(config, "client", machine.client)
    monkeypatch.setattr(output, "_as_json", False)
    return machine


def typed(*words: str) -> tuple[int, str]:
    """The code with which the command ends, and what it prints."""
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_dead_letters_are_listed_by_what_is_asked_page_by_page(machine: Machine) -> None:
    code, out = typed("--json", "dlq", "list", "--service", "numbers", "--not-replayed", "--limit", "2")
    assert (code, [json.loads(line)["id"] for line in out.splitlines()]) == (0, [ID, ID])
    first, second = (dict(request.url.params) for request in machine.asked)
    assert first == {"service": "numbers", "replayed": "false", "limit": "2"}
    assert second == first | {"after": "c", "limit": "1"}
    assert "handler_failed" in typed("dlq", "list")[1]


def test_a_dead_letter_is_shown_whole(machine: Machine) -> None:
    code, out = typed("dlq", "show", ID)
    assert code == 0
    for said in ("numbers.commands.v1/2/4711", "x: /w==", "{}", "by key:ops: mended", "came back as later"):
        assert said in out
    assert json.loads(typed("--json", "dlq", "show", ID)[1])["body"] == {"text": "{}"}


def test_a_replay_needs_a_reason_and_goes_on_after_one_that_is_refused(machine: Machine) -> None:
    assert typed("dlq", "replay", ID)[0] == output.USAGE
    assert typed("dlq", "replay", ID, "--reason", "mended", "--force")[0] == 0
    assert json.loads(machine.asked[-1].content) == {"reason": "mended", "force": True}
    assert machine.asked[-1].headers["idempotency-key"]
    machine.refuses(409, "gone")
    code, out = typed("--json", "dlq", "replay", "gone", ID, "--reason", "mended")
    assert (code, [sorted(json.loads(line)) for line in out.splitlines()]) == (
        output.REFUSED,
        [["error", "letter"], ["letter", "replay"]],
    )
    machine.refuses(404, "gone")
    assert typed("dlq", "replay", "gone", ID, "--reason", "mended")[0] == output.NOT_THERE


@pytest.mark.parametrize("way", ["retry", "skip", "compensate"])
def test_a_stuck_order_is_decided_about_with_a_reason(machine: Machine, way: str) -> None:
    assert typed("orders", way, ID)[0] == output.USAGE
    code, out = typed("--json", "orders", way, ID, "--reason", "billing is back", "--key", "K-1")
    assert (code, json.loads(out)["way"]) == (0, way)
    asked = machine.asked[-1]
    assert (asked.url.path, asked.headers["idempotency-key"]) == (f"/v1/operations/orders/{ID}/{way}", "K-1")
    assert json.loads(asked.content) == {"reason": "billing is back"}


def test_stuck_orders_are_listed(machine: Machine) -> None:
    assert "billing (asked 4 times)" in typed("orders", "stuck")[1]
    assert json.loads(typed("--json", "orders", "stuck")[1])["order_id"] == ID


@pytest.mark.parametrize(("what", "said"), [("lag", "numbers.commands.v1"), ("steps", "212"), ("replicas", "10.1.0.7")])
def test_how_the_machine_is_can_be_read(machine: Machine, what: str, said: str) -> None:
    code, out = typed("operations", what)
    assert (code, said in out) == (0, True)
    assert typed("--json", "operations", what)[1].count("\n") == 1


async def test_programs_ask_the_same_and_wait_or_await(machine: Machine) -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(machine))
    async with AsyncClient("http://patchbay.example", "key", http=http) as patchbay:
        assert (await patchbay(dead_letters.replay(ID, "mended")))["by"] == "key:ops"
        assert (await patchbay(operations.lag()))["groups"][0]["records"] == 12
        machine.refuses(403)
        with pytest.raises(NotAllowed):
            await patchbay(operations.stuck())
    machine.refuses(409)
    with pytest.raises(Refused):
        machine.client()(operations.compensate(ID, "mended"))
