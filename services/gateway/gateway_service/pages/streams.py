"""Parts of pages that are shown anew while a page is open, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway_service.event_queries import Wanted
from gateway_service.events_tail import Tail
from gateway_service.pages import site
from gateway_service.pages.people import Operator
from patchbay_chassis.problems import Problem

HEARTBEAT = 10.0
"""Seconds after which the part is looked at though nothing was told of its order, and something is sent, so that nobody
in between takes the stream for dead."""
ENDED = b"event: ended\ndata:\n\n"
NOTHING_NEW = b": nothing new\n\n"


class Part(NamedTuple):
    """A part of a page as it is now, and whether it stays so."""

    html: str
    ended: bool


def answer(told: AsyncIterator[bytes]) -> Response:
    """What is told, for as long as there is anything to tell."""
    return StreamingResponse(told, headers=site.HEADERS, media_type="text/event-stream")


def over() -> Response:
    """There is nothing to tell, or nobody to tell it."""
    return Response(ENDED, headers=site.HEADERS, media_type="text/event-stream")


def message(html: str) -> bytes:
    """A part of a page as it takes the place of what it was."""
    return b"".join(b"data: %s\n" % line.encode() for line in html.splitlines()) + b"\n"


async def order(
    request: Request, tail: Tail, wanted: Wanted, part: Callable[[Operator], Awaitable[Part]]
) -> AsyncIterator[bytes]:
    """The part of a page that says what becomes of an order, whenever it changes. After the event `ended` there is
    none any more: it stays as it is, or who listens may not see it any more. A stream that ends without it was broken
    off, and is to be followed anew."""
    last, sees = "", site.having("operator")
    with tail.listener(wanted) as listener:
        while not tail.closed:
            listener.woken.clear()  # before it is read: what comes meanwhile wakes anew
            await site.of(request).sessions.find_anew(request)
            try:
                now = await part(await sees(request))
            except site.Elsewhere:
                yield ENDED
                return
            except Problem as problem:
                if problem.status < 500:
                    yield ENDED
                    return
                now = Part(last, ended=False)
            yield NOTHING_NEW if now.html == last else message(now.html)
            if now.ended:
                yield ENDED
                return
            last = now.html
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT):
                    await listener.woken.wait()
