"""What kinds of problems there are: where the `type` of a problem leads, for people and programs, signed in or not."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from patchbay_chassis.problems import Problem
from patchbay_contracts.problem_catalogue import BY_CODE, KINDS, Kind


def router() -> APIRouter:
    """All kinds, and each."""
    routes = site.routes("/problems")

    @routes.get("")
    async def list_all(request: Request) -> Response:
        return _answer(request, [_shown(kind) for kind in KINDS], KINDS)

    @routes.get("/{code}")
    async def show(request: Request, code: str) -> Response:
        kind = BY_CODE.get(code)
        if kind is None:
            raise Problem(404, "There is no such thing", "No problem is called so. /problems lists all.")
        return _answer(request, _shown(kind), (kind,))

    return routes


def _shown(kind: Kind) -> dict[str, Any]:
    return {"type": kind.type} | kind._asdict()


def _answer(request: Request, shown: Any, kinds: tuple[Kind, ...]) -> Response:
    if site.wants_page(request):
        return site.render(request, "problem-kinds.html", kinds=kinds)
    return Response(orjson.dumps(shown), media_type="application/json", headers={"Vary": "Accept"})
