"""What goes wrong, as a page for whoever looks at it. Programs get the problem as ever."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import sign_in, site
from gateway_service.pages.form_size import MOST_FIELDS
from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Elsewhere
from patchbay_chassis import problems
from patchbay_chassis.database import is_outage
from patchbay_chassis.problems import Problem

PASSING = (502, 503, 504)
"""Another try may be answered."""
TOO_LARGE = 413
SECRETS = frozenset({"password", "pin", "said", "again", "old", "new"})
"""Fields of passwords and PINs, which are never shown."""
Handler = Callable[[Request, Any], Awaitable[Response]]


def install(api: FastAPI) -> None:
    """After the chassis' own handlers, which go on deciding what an error means."""
    for kind, handler in list(api.exception_handlers.items()):
        api.exception_handlers[kind] = _shown(handler)  # type: ignore[arg-type]

    @api.exception_handler(Elsewhere)
    async def see_there(request: Request, error: Elsewhere) -> Response:
        return await sign_in.instead(request, error.url)


def _shown(handler: Handler) -> Handler:
    async def show(request: Request, error: Any) -> Response:
        response: Response = await handler(request, error)
        if isinstance(error, RequestValidationError) and site.wants_page(request):
            response = Problem(404, _("There is no such page")).response()  # no page leads to such an address
        if response.media_type != problems.KIND or not site.wants_page(request):
            return response
        problem = {"detail": "", "errors": ()} | orjson.loads(bytes(response.body))
        await _recognise(request)
        again = await _to_send_again(request) if response.status_code in PASSING else None
        back = site.local(site.here(request)) if response.status_code == TOO_LARGE else None
        page = site.render(request, "problem.html", response.status_code, problem=problem, again=again, back=back)
        if "retry-after" in response.headers:
            page.headers["Retry-After"] = response.headers["retry-after"]
        return page

    return show


async def _to_send_again(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form that was sent, so that nothing typed is lost. Files and secrets have to be given anew, so a
    form with one is not sent again by a button."""
    if request.method != "POST":
        return []
    sent = (await request.form(max_fields=MOST_FIELDS)).multi_items()
    if any(not isinstance(value, str) or (name in SECRETS and value) for name, value in sent):
        return None
    return [(name, str(value)) for name, value in sent if name != site.CSRF]


async def _recognise(request: Request) -> None:
    """So that the page has its header. Without the database it has none."""
    try:
        await site.of(request).sessions.find(request)
    except Exception as error:
        if not is_outage(error):
            raise
        request.state.session = None
