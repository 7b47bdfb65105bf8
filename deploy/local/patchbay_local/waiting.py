"""Waits for a condition with a limit, and asks a process over HTTP whether it is ready."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class LocalError(Exception):
    """Something that the user can do something about; shown without a traceback."""


def wait_for(condition: Callable[[], bool], limit: float, what: str, pause: float = 0.05) -> None:
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            raise LocalError(f"{what}: not within {limit:g} s")
        time.sleep(pause)


def http_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, also when the caller stands inside a running event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
