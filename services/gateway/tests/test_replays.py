"""Idempotency-Key on any write: what was answered is said again, and nothing is done twice."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import handlers, replays

from .conftest import BOREALIS, Gateway

KEY = {"Idempotency-Key": "a key of mine"}
TOLD = "shown-once-and-never-again"


class Desk:
    """Where things are made: `goes` lets those through that wait."""

    def __init__(self, gateway: Gateway) -> None:
        self.made: list[UUID] = []
        self.status = 201
        self.goes = asyncio.Event()
        self.goes.set()
        self.came = asyncio.Event()
        self.client = gateway.client
        routes = APIRouter()
        routes.add_api_route("/v1/things", self.make, methods=["POST"])
        gateway.app.include_router(routes)

    async def make(self, request: Request) -> Response:
        await request.body()
        self.made.append(replays.made(request))
        self.came.set()
        await self.goes.wait()
        if self.status == 599:
            raise RuntimeError("a bug")
        return Response(TOLD, self.status, {"Location": f"/v1/things/{self.made[-1]}", "ETag": '"1"'})

    async def post(self, body: str = "one", **headers: str) -> httpx.Response:
        return await self.client.post("/v1/things", content=body, headers=KEY | headers)


def _kept(answer: httpx.Response) -> dict[str, str]:
    """Its headers, without what is left to the client at the moment."""
    return {name: value for name, value in answer.headers.items() if name != "ratelimit"}


@pytest.fixture
def desk(gateway: Gateway) -> Desk:
    return Desk(gateway)


async def test_the_same_request_is_answered_as_before_to_the_letter(desk: Desk) -> None:
    first, again = [await desk.post() for _ in range(2)]
    assert (again.status_code, again.text) == (first.status_code, first.text) == (201, TOLD)
    assert _kept(again) == _kept(first) | {"idempotency-replayed": "true"}
    assert len(desk.made) == 1


@pytest.mark.parametrize("other", [{"body": "two"}, {"If-Match": '"2"'}, {"Content-Type": "text/csv"}])
async def test_another_request_with_the_same_key_is_refused(desk: Desk, other: dict[str, str]) -> None:
    await desk.post()
    answer = await desk.post(**other)
    assert (answer.status_code, answer.json()["title"]) == (422, "The key was used for something else")
    assert len(desk.made) == 1


async def test_while_the_first_call_is_under_way_the_others_are_told_to_come_again(desk: Desk) -> None:
    desk.goes.clear()
    first = asyncio.create_task(desk.post())
    await desk.came.wait()
    answers = await asyncio.gather(*(desk.post() for _ in range(99)))
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(409, "1")}
    desk.goes.set()
    assert (await first).status_code == 201
    assert (await desk.post()).headers["idempotency-replayed"] == "true"
    assert len(desk.made) == 1


async def test_what_was_refused_does_not_use_up_the_key(desk: Desk) -> None:
    desk.status = 404
    assert (await desk.post("wrong")).status_code == 404
    desk.status = 201
    assert (await desk.post("right")).status_code == 201


@pytest.mark.parametrize("status", [503, 599])
async def test_what_may_have_been_done_is_done_again_under_the_same_id(desk: Desk, status: int) -> None:
    desk.status = status
    assert (await desk.post()).status_code >= 500
    assert (await desk.post("other")).status_code == 422
    desk.status = 201
    assert (await desk.post()).status_code == 201
    assert len(desk.made) == 2
    assert len(set(desk.made)) == 1


async def test_a_call_that_a_dead_process_left_behind_is_done_again_after_a_while(gateway: Gateway, desk: Desk) -> None:
    await desk.post()
    await gateway.do("UPDATE replay SET answer = NULL")
    assert (await desk.post()).status_code == 409
    await gateway.do("UPDATE replay SET started_at = now() - $1::interval", 2 * replays.LEASE)
    assert (await desk.post()).status_code == 201
    assert len(set(desk.made)) == 1


async def test_neither_answers_nor_requests_can_be_read_in_the_table(gateway: Gateway, desk: Desk) -> None:
    await desk.post("pin=4711")
    (row,) = await gateway.rows("SELECT * FROM replay")
    assert TOLD.encode() not in bytes(row.answer)
    assert b"4711" not in bytes(row.request)


async def test_keys_are_forgotten_with_their_answers(gateway: Gateway, desk: Desk) -> None:
    await desk.post()
    await gateway.do("UPDATE replay SET at = $1", datetime(2020, 1, 1, tzinfo=UTC))
    async with gateway.database.transaction() as db:
        await handlers.forget_old_idempotency_keys(db)
    assert (await desk.post("another")).status_code == 201


async def test_a_foreign_client_learns_nothing_of_a_key(gateway: Gateway, desk: Desk) -> None:
    await desk.post()
    answer = await desk.post(**{"X-API-Key": BOREALIS})
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)
