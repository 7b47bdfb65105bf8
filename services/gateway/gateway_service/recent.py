"""What an owner answered a moment ago: pages that only show it need not ask again.

Nothing that decides is taken from here, and nothing about numbers, which others may take at any moment.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, TypeVar

from patchbay_chassis.problems import Problem
from patchbay_contracts.message import Frozen

if TYPE_CHECKING:
    from gateway_service.upstream import Owner, Upstream

FRESH_FOR = 5.0
"""Seconds for which catalogue, price lists, terms and resellers are remembered: so soon a change of them shows."""
MOST = 10_000

A = TypeVar("A", bound=Frozen)
Key = tuple[str, str, bytes]


class Recent:
    """Asks, and remembers good answers. What was refused or unanswered is asked again."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: dict[Key, tuple[float, Frozen]] = {}

    async def ask(
        self,
        service: Owner,
        path: str,
        query: Frozen,
        answer: type[A],
        fresh_for: float = FRESH_FOR,
        *,
        or_last: bool = False,
    ) -> A:
        """The answer to that query, not older than so many seconds; with `or_last`, while the owner is away, the last
        one that it gave. Raises Problem."""
        body = _written(query)
        key = _key(service, path, body)
        asked, known = self._known.get(key, (0.0, None))
        now = time.monotonic()
        if isinstance(known, answer) and now - asked < fresh_for:
            return known
        try:
            found = answer.model_validate_json(await self._upstream.ask(service, path, body))
        except Problem as problem:
            if or_last and problem.status >= 500 and isinstance(known, answer):
                return known
            raise
        self._keep(key, now, found)
        return found

    def told(self, service: Owner, path: str, query: Frozen, answer: Frozen) -> None:
        """The owner has just said so, when it was asked for something else."""
        self._keep(_key(service, path, _written(query)), time.monotonic(), answer)

    def _keep(self, key: Key, at: float, answer: Frozen) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = at, answer


def _written(query: Frozen) -> bytes:
    return query.model_dump_json().encode()


def _key(service: Owner, path: str, body: bytes) -> Key:
    return service, path, hashlib.sha256(body).digest()
