"""What goes wrong, as a page for whoever looks at it. Programs get the problem as ever."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.site import Elsewhere
from patchbay_chassis import problems
from patchbay_chassis.database import is_outage

Handler = Callable[[Request, Any], Awaitable[Response]]


def install(api: FastAPI) -> None:
    """After the chassis' own handlers, which go on deciding what an error means."""
    for kind, handler in list(api.exception_handlers.items()):
        api.exception_handlers[kind] = _shown(handler)  # type: ignore[arg-type]

    @api.exception_handler(Elsewhere)
    async def see_there(request: Request, error: Elsewhere) -> Response:
        return site.elsewhere(request, error.url)


def _shown(handler: Handler) -> Handler:
    async def show(request: Request, error: Any) -> Response:
        response = await handler(request, error)
        if response.media_type != problems.KIND or not site.wants_page(request):
            return response
        problem = {"detail": "", "errors": ()} | orjson.loads(bytes(response.body))
        await _recognise(request)
        page = site.render(request, "problem.html", response.status_code, problem=problem)
        if "retry-after" in response.headers:
            page.headers["Retry-After"] = response.headers["retry-after"]
        return page

    return show


async def _recognise(request: Request) -> None:
    """So that the page has its header. Without the database it has none."""
    try:
        await site.of(request).sessions.find(request)
    except Exception as error:
        if not is_outage(error):
            raise
        request.state.session = None
