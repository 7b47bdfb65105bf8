"""How often a client may call: limits for each key, counted by `limits`, told in the RateLimit fields of the IETF draft
(draft-ietf-httpapi-ratelimit-headers-11).

A request costs a subtraction: what a client may use is fetched from the counter in lumps of a hundredth of its limit.
So gateways that share a counter may each hold a lump that nobody uses; a limit below a hundred is counted exactly.
"""

import time
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string

from gateway_service.keys import Caller
from gateway_service.settings import Settings
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem

MOST = 10_000
"""Clients whose windows are remembered."""
LUMP, LARGEST = 100, 1_000
UNCOUNTED = 1.0
"""Seconds without limits when the counter cannot be reached: a gateway goes on answering."""

Fields = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class _Window:
    """What this process may still give of one limit, until the window ends."""

    limit: RateLimitItem
    name: str
    mine: int = 0
    remaining: int = 0
    until: float = 0.0


class Rates:
    """Counts what each client does."""

    def __init__(self, settings: Settings) -> None:
        storage = storage_from_string(settings.limits_storage)
        assert isinstance(storage, Storage | MemoryStorage)
        self._limiter = FixedWindowRateLimiter(storage)
        self._usual = settings.request_limits
        self._clients: dict[tuple[str, str], tuple[bytes, list[_Window]]] = {}

    async def count(self, caller: Caller) -> Fields:
        """Count one request; the fields that its answer has. Raises Problem 429 for one too many."""
        limits = caller.limits or self._usual
        known = self._clients.get((caller.id, limits))
        if known is None:
            known = self._begin(caller.id, limits)
        policy, windows = known
        now = time.time()
        told = ""
        for window in windows:
            if window.mine <= 0 or now >= window.until:
                await self._fetch(caller.id, window, now)
            window.mine -= 1
            if window.mine < 0:
                raise _too_many(policy, window, now)
            left = max(1, int(window.until - now + 0.999))
            told += f'{", " if told else ""}"{window.name}";r={window.remaining + window.mine};t={left}'
        return [(b"ratelimit-policy", policy), (b"ratelimit", told.encode())]

    def _begin(self, id_: str, limits: str) -> tuple[bytes, list[_Window]]:
        windows = [_Window(limit, _name(limit)) for limit in parse_many(limits)]
        policy = ", ".join(f'"{w.name}";q={w.limit.amount};w={w.limit.get_expiry()}' for w in windows)
        if len(self._clients) >= MOST:
            self._clients.clear()
        self._clients[id_, limits] = known = policy.encode(), windows
        return known

    async def _fetch(self, id_: str, window: _Window, now: float) -> None:
        """Take another lump, or the last ones that there are, one by one."""
        limit, who = window.limit, ("client", id_)
        lump = min(max(1, limit.amount // LUMP), LARGEST)
        try:
            if lump > 1 and not await self._limiter.test(limit, *who, cost=lump):
                lump = 1
            taken = lump if await self._limiter.hit(limit, *who, cost=lump) else 0
            stats = await self._limiter.get_window_stats(limit, *who)
        except Exception as error:
            log.warning("limits.uncounted", error=repr(error))
            window.mine, window.remaining, window.until = LARGEST, limit.amount, now + UNCOUNTED
            return
        if now >= window.until:  # what was left of a window that has ended is gone with it
            window.mine = 0
        window.mine = max(0, window.mine) + taken
        window.remaining, window.until = stats.remaining, stats.reset_time


def _name(limit: RateLimitItem) -> str:
    granularity = type(limit).GRANULARITY.name
    return granularity if limit.multiples == 1 else f"{limit.multiples}-{granularity}"


def check(limits: str) -> bool:
    """Whether limits can be read, such as `100 per minute; 5000 per day`; none are the usual ones."""
    try:
        return not limits or bool(parse_many(limits))
    except ValueError:
        return False


def _too_many(policy: bytes, window: _Window, now: float) -> Problem:
    window.mine = 0
    wait = max(1, int(window.until - now + 0.999))
    detail = f"Your key may send {window.limit}. Wait {wait} s, or ask whoever runs Patchbay for more."
    headers = {
        "Retry-After": str(wait),
        "RateLimit-Policy": policy.decode(),
        "RateLimit": f'"{window.name}";r=0;t={wait}',
    }
    return Problem(429, "Too many requests", detail, headers=headers)
