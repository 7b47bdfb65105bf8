"""An order is watched over a network that cuts: each move is told once, and its end decides how the command ends."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stamina
import stamina.instrumentation
from typer.testing import CliRunner

from patchbay_cli import config, output
from patchbay_cli.main import app
from patchbay_client import Client

ID = "0198a1de-5c21-7b1e-8a51-6f3f0b2f9a12"
BEGAN = "2030-06-01T08:00:00Z"
ASKED, DONE = (
    {"step": "numbers", "what": what, "note": "", "at": f"2030-06-01T08:00:0{second}Z"}
    for what, second in (("asked", 1), ("done", 2))
)
TIMELINE = [
    {"at": BEGAN, "message": "provisioning.PlaceOrder.v1", "note": "accepted"},
    {"at": "2030-06-01T08:00:03Z", "message": "orders.OrderCompleted.v1", "note": "completed"},
]
ORDER = {"id": ID, "state": "accepted", "accepted_at": BEGAN, "outcome": None, "timeline": TIMELINE[:1]}
COMPLETED = ORDER | {"state": "completed", "timeline": TIMELINE}
FAILED = COMPLETED | {"state": "failed", "outcome": {"reason": "taken", "detail": "+441214960000 taken meanwhile"}}
CUT, AWAY = httpx.ReadError("cut"), httpx.Response(503, json={"title": "Away", "status": 503})


class Watched:
    """The order's events, attempt by attempt; an exception among them is where they are cut."""

    def __init__(self, *attempts: list[Any] | httpx.Response) -> None:
        self._attempts = iter(attempts)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(202, json={"id": ID, "watched": json.loads(request.content)["watched"]})
        if not request.url.path.endswith("/events"):
            return httpx.Response(200, json=ORDER)
        answer = next(self._attempts)
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, content=_sent(answer), headers={"Content-Type": "text/event-stream"})

    def client(self) -> Client:
        return Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(self)))


def _sent(events: list[Any]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield f": still under way\n\nid: 1\ndata: {json.dumps(event)}\n\n".encode()


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(output, "_as_json", False)
    stamina.instrumentation.set_on_retry_hooks([])  # as the command does
    with stamina.set_testing(True, attempts=4):
        yield
    stamina.instrumentation.set_on_retry_hooks(None)


def typed(monkeypatch: pytest.MonkeyPatch, order: Watched, *words: str, given: str = "") -> tuple[int, list[str]]:
    monkeypatch.setattr(config, "client", order.client)
    result = CliRunner().invoke(app, list(words), input=given)
    return result.exit_code, result.stdout.splitlines()


def test_each_move_is_told_once_though_the_connection_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = [ASKED, CUT], [ASKED, DONE], AWAY, [ASKED, DONE, COMPLETED]
    code, told = typed(monkeypatch, Watched(*attempts), "orders", "watch", ID, "--json")
    assert (code, [json.loads(line) for line in told]) == (output.DONE, [ASKED, DONE, COMPLETED])
    _, shown = typed(monkeypatch, Watched(*attempts), "orders", "watch", ID)
    assert [" ".join(line.split()) for line in shown] == [
        "1,000 ms numbers asked",
        "2,000 ms numbers done",
        "3,000 ms orders.OrderCompleted completed",
    ]


def test_an_order_that_is_not_watched_is_told_with_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = typed(monkeypatch, Watched([COMPLETED]), "orders", "watch", ID)
    assert (code, [line.split()[-1] for line in shown]) == (output.DONE, ["accepted", "completed"])
    assert typed(monkeypatch, Watched([FAILED]), "orders", "watch", ID)[0] == output.REFUSED


def test_who_places_an_order_to_watch_it_asks_for_its_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    order = Watched([ASKED, FAILED])
    code, told = typed(monkeypatch, order, "--json", "orders", "place", "--watch", "-", given='{"lines": []}')
    placed, *followed = (json.loads(line) for line in told)
    assert (code, placed["watched"], followed) == (output.REFUSED, True, [ASKED, FAILED])
