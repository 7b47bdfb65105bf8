"""The client over a network that loses, delays and refuses."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import stamina

from patchbay_client import (
    AsyncClient,
    Busy,
    Client,
    NotAllowed,
    NotThere,
    Refused,
    Unavailable,
    events,
    numbers,
    orders,
    prices,
    service_types,
)

Answers = Callable[[httpx.Request], httpx.Response]
PLACED = {"id": "0190b2a0-0000-7000-8000-000000000001", "state": "accepted", "links": {}}
ORDER = {"customer": {"kind": "existing", "id": "x"}, "lines": []}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class Network:
    """Answers one after another, and what was asked. An exception is an answer that never came."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        return Client("http://patchbay.example", "key", http=httpx.Client(transport=httpx.MockTransport(self)))

    def async_client(self) -> AsyncClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return AsyncClient("http://patchbay.example", "key", http=http)


def problem(status: int, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    return httpx.Response(
        status, json={"type": "/problems/x", "title": "No", "status": status, **more}, headers=headers
    )


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("late"), problem(503), problem(409, headers={"Retry-After": "1"})])
def test_a_write_without_an_answer_is_sent_again_under_the_same_key(lost: Any) -> None:
    network = Network(lost, httpx.Response(202, json=PLACED))
    assert network.client()(orders.place(ORDER)) == PLACED
    first, second = network.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.content == second.content
    assert first.headers["authorization"] == "Bearer key"


async def test_an_awaited_write_is_sent_again_too() -> None:
    network = Network(httpx.ConnectError("refused"), httpx.Response(202, json=PLACED))
    async with network.async_client() as patchbay:
        assert await patchbay(orders.place(ORDER)) == PLACED
    assert len({request.headers["idempotency-key"] for request in network.asked}) == 1


def test_two_orders_have_two_keys_and_a_given_key_is_kept() -> None:
    assert orders.place(ORDER).key != orders.place(ORDER).key
    assert orders.place(ORDER, "PO-1").key == "PO-1"


@pytest.mark.parametrize(("status", "kind"), [(422, Refused), (409, Refused), (401, NotAllowed), (404, NotThere)])
def test_what_would_be_refused_again_is_asked_once(status: int, kind: type[Exception]) -> None:
    network = Network(problem(status))
    with pytest.raises(kind):
        network.client()(orders.show("x"))
    assert len(network.asked) == 1


@pytest.mark.parametrize(("status", "kind"), [(429, Busy), (500, Unavailable)])
def test_what_stays_so_is_given_up(status: int, kind: type[Exception]) -> None:
    network = Network(*(problem(status) for _ in range(3)))
    with pytest.raises(kind):
        network.client()(orders.show("x"))
    assert len(network.asked) == 3


@pytest.mark.parametrize("place", ["pointer", "parameter", "column"])
def test_an_error_says_what_is_wrong_where_and_what_to_do(place: str) -> None:
    fault = {place: "/customer/pin", "message": "Field required", "remedy": "add this field"}
    network = Network(problem(422, detail="Nothing was accepted.", errors=[fault]))
    with pytest.raises(Refused) as refused:
        network.client()(orders.place(ORDER))
    assert str(refused.value) == "No: Nothing was accepted.\n  /customer/pin: Field required – add this field"
    assert (refused.value.status, refused.value.type) == (422, "/problems/x")


def test_an_answer_that_is_no_problem_is_told_as_it_is() -> None:
    network = Network(*(httpx.Response(502, text="<h1>proxy</h1>") for _ in range(3)))
    with pytest.raises(Unavailable, match="proxy"):
        network.client()(orders.show("x"))


def test_results_of_a_bulk_come_line_by_line() -> None:
    lines = [{"line": 1, "id": "a", "state": "accepted"}, {"line": 2, "error": {"title": "No"}}]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    network = Network(httpx.Response(200, text=body, headers={"Content-Type": "application/x-ndjson"}))
    assert list(network.client().stream(orders.bulk(b"{}\n{}\n"))) == lines
    assert network.asked[0].read() == b"{}\n{}\n"


async def test_events_are_followed_between_the_heartbeats() -> None:
    told = 'id: 7\nevent: order.completed\ndata: {"id": "e",\ndata: "type": "x"}\n\n'
    body = f": still here\n\n{told}: still here\n\n"
    network = Network(httpx.Response(200, text=body, headers={"Content-Type": "text/event-stream"}))
    patchbay = network.async_client()
    (event,) = [event async for event in patchbay.stream(events.follow("6"))]
    assert dict(event) == {"id": "e", "type": "x"}
    assert network.asked[0].headers["last-event-id"] == "6"


@pytest.mark.parametrize("answer", [problem(422), httpx.ReadError("cut")])
def test_a_stream_that_is_refused_or_cut_is_an_error_and_not_an_end(answer: Any) -> None:
    with pytest.raises((Refused, Unavailable)):
        list(Network(answer).client().stream(orders.bulk(b"{}\n")))


def test_questions_leave_out_what_is_not_given() -> None:
    network = Network(httpx.Response(200, json={}), httpx.Response(200, json={}))
    patchbay = network.client()
    patchbay(orders.page(state="failed"))
    patchbay(numbers.search({"count": 2}))
    assert str(network.asked[0].url) == "http://patchbay.example/v1/orders?state=failed&limit=50"
    assert "idempotency-key" not in network.asked[1].headers


def test_lists_are_asked_by_the_filters_that_are_given() -> None:
    assert prices.page(state="coming", currency="GBP").query == {"limit": "50", "state": "coming", "currency": "GBP"}
    assert service_types.page(text="voice").query == {"limit": "50", "text": "voice"}
