"""Search replicas: asked in turn, passed over while they are gone, and tried again a moment later."""

import asyncio

import httpx
import pytest
from prometheus_client import REGISTRY

from gateway_service import replicas
from gateway_service.replicas import REST, Replicas
from gateway_service.settings import settings
from patchbay_chassis.testing import eventually

from .behind import FOUND, Behind, breaks_off, refuses, says
from .conftest import Gateway


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(replicas, "time", clock)
    return clock


async def search(gateway: Gateway, times: int = 1) -> list[httpx.Response]:
    return [await gateway.client.post("/v1/numbers/search", json={}) for _ in range(times)]


def totals(answers: list[httpx.Response]) -> list[int]:
    """Which replica answered."""
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json()["total"] for answer in answers]


async def test_replicas_are_asked_in_turn(behind: Behind, gateway: Gateway) -> None:
    assert totals(await search(gateway, 4)) == [1, 2, 1, 2]


async def test_a_replica_that_is_gone_is_passed_over_and_not_asked_for_a_moment(
    behind: Behind, gateway: Gateway, clock: Clock
) -> None:
    await behind.replicas[0].go()
    assert totals(await search(gateway, 3)) == [2, 2, 2]
    await behind.replicas[0].come()
    assert totals(await search(gateway, 3)) == [2, 2, 2]
    clock.now += REST
    assert set(totals(await search(gateway, 2))) == {1, 2}


async def test_what_a_replica_does_not_answer_is_counted(behind: Behind, gateway: Gateway, clock: Clock) -> None:
    def counted() -> list[float]:
        samples = [("replica_passed_over_total", {"replica": one.url}) for one in behind.replicas]
        found = [
            REGISTRY.get_sample_value(name, labels) for name, labels in [*samples, ("searches_unanswered_total", {})]
        ]
        return [value or 0.0 for value in found]

    before = counted()[-1]
    await behind.replicas[0].go()
    await search(gateway, 3)
    assert counted() == [1, 0, before]
    await behind.replicas[1].go()
    await search(gateway, 2)
    assert counted() == [1, 1, before + 2]


async def test_a_replica_that_is_behind_is_passed_over_for_a_moment(
    behind: Behind, gateway: Gateway, clock: Clock
) -> None:
    behind.replicas[0].answers = refuses(status=503, **{"Retry-After": "1"})
    assert totals(await search(gateway, 4)) == [2, 2, 2, 2]
    assert behind.searches() == [1, 4]
    clock.now += REST
    assert totals(await search(gateway, 2)) == [2, 2]
    assert behind.searches()[0] == 2


async def test_a_replica_whose_answer_breaks_off_is_passed_over(behind: Behind, gateway: Gateway, clock: Clock) -> None:
    behind.replicas[0].answers = breaks_off
    assert totals(await search(gateway, 3)) == [2, 2, 2]
    assert behind.searches() == [1, 3]


async def test_a_replica_that_takes_too_long_is_passed_over(
    environment: pytest.MonkeyPatch, behind: Behind, gateway: Gateway, clock: Clock
) -> None:
    environment.setenv("PATCHBAY_SEARCH_LIMIT", "PT0.05S")
    settings.cache_clear()
    behind.replicas[0].answers = behind.silence
    hurried = Gateway(gateway.database)
    async with hurried.app.router.lifespan_context(hurried.app), hurried.client:
        assert totals(await search(hurried, 3)) == [2, 2, 2]
    assert behind.searches() == [1, 3]


async def test_a_search_that_takes_too_long_while_others_are_answered_is_refused_alone(
    environment: pytest.MonkeyPatch, behind: Behind, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_SEARCH_LIMIT", "PT3S")
    settings.cache_clear()
    only = behind.replicas[0]

    async def is_asked() -> bool:
        return bool(only.asked)

    await behind.replicas[1].go()
    quick, only.answers = only.answers, behind.silence
    hurried = Gateway(gateway.database)
    async with hurried.app.router.lifespan_context(hurried.app), hurried.client:
        slow = asyncio.create_task(search(hurried))
        await eventually(is_asked)
        only.answers = quick
        assert totals(await search(hurried)) == [1]
        ((refused,),) = await asyncio.gather(slow)
        assert (refused.status_code, refused.json()["title"]) == (504, "The search takes too long")
        assert totals(await search(hurried)) == [1]


async def test_a_search_that_no_replica_can_answer_is_said_to_be_asked_again(
    behind: Behind, gateway: Gateway, clock: Clock
) -> None:
    await behind.replicas[0].go()
    behind.replicas[1].answers = refuses(status=503)
    (answer,) = await search(gateway)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "No search replica" in answer.json()["detail"]
    assert (await search(gateway))[0].status_code == 503
    assert behind.searches() == [0, 1]
    behind.replicas[1].answers = says(FOUND | {"total": 2})
    clock.now += REST
    assert totals(await search(gateway)) == [2]


async def test_a_search_that_a_replica_refuses_is_not_asked_of_another(behind: Behind, gateway: Gateway) -> None:
    for replica in behind.replicas:
        replica.answers = refuses({"pointer": "/query/after", "message": "no cursor", "remedy": "take it from next"})
    assert [answer.status_code for answer in await search(gateway, 2)] == [422, 422]
    assert behind.searches() == [1, 1]


def test_while_one_that_was_gone_is_tried_others_pass_over_it(clock: Clock) -> None:
    both = Replicas(["one", "two"])
    next(both.in_turn()).rest("gone")
    clock.now += REST
    trying = both.in_turn()
    assert next(trying).url == "two"
    assert next(trying).url == "one"
    assert [replica.url for replica in both.in_turn()] == ["two"]
