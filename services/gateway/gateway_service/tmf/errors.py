"""Whatever goes wrong under /tmf-api, in the shape that the TM Forum gives an error (TMF630)."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis.problems import KIND, Problem, type_of

JSON = "application/json"
TMF = "/tmf-api/"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def bad(where: str, message: str, remedy: str) -> Problem:
    """What was sent is not in the standard's form: 400."""
    return Problem(400, "Not as the standard has it", errors=[_fault(where, message, remedy)])


def refused(where: str, message: str, remedy: str) -> Problem:
    """What was sent is well formed, and cannot be: 422."""
    return Problem(422, "That cannot be done", errors=[_fault(where, message, remedy)])


def in_use(message: str, remedy: str) -> Problem:
    """Something else stands against it: 409."""
    return Problem(409, "It is in use", f"{message}: {remedy}.")


def unknown(what: str, id_: object) -> Problem:
    """There is no such thing, or it is another reseller's."""
    return Problem(404, f"No such {what}", f"You have no {what} {id_}. The list has those that you have.")


def _fault(where: str, message: str, remedy: str) -> dict[str, str]:
    place = {"pointer": where} if where.startswith("/") or not where else {"parameter": where}
    return place | {"message": message, "remedy": remedy}


def translated(problem: Mapping[str, Any], base: str) -> dict[str, str]:
    """A problem (RFC 9457) as the TM Forum's Error."""
    status, kind = int(problem["status"]), str(problem.get("type") or type_of(int(problem["status"])))
    faults = [_in_words(fault) for fault in problem.get("errors", ())]
    detail = problem.get("detail")
    message = " ".join([*([str(detail)] if detail else []), *faults]) or str(problem["title"])
    return {
        "code": kind.rpartition("/")[2],
        "reason": str(problem["title"]),
        "message": message,
        "status": str(status),
        "referenceError": f"{base}{kind}" if kind.startswith("/") else kind,
        "@type": "Error",
    }


def _in_words(fault: Mapping[str, str]) -> str:
    where = fault.get("pointer") or fault.get("parameter") or ""
    return f"{where}: {fault['message']}: {fault['remedy']}." if where else f"{fault['message']}: {fault['remedy']}."


class TmfRoute(APIRoute):
    """A route under /tmf-api: it fails as any other of the gateway does, and says so in the TM Forum's shape."""

    def get_route_handler(self) -> Handler:
        """The handler, with its problems translated."""
        handle = super().get_route_handler()

        async def translating(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                return await _answer(request, error)

        return translating


async def _answer(request: Request, error: Exception) -> Response:
    return in_shape(error.response() if isinstance(error, Problem) else await _handled(request, error), request)


def in_shape(answer: Response, request: Request) -> Response:
    """An answer in the TM Forum's shape, if it is a problem."""
    if not answer.headers.get("content-type", "").startswith(KIND):
        return answer
    body = translated(orjson.loads(answer.body), base_of(request))
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-type", "content-length")}
    return Response(orjson.dumps(body), answer.status_code, kept, JSON)


async def _handled(request: Request, error: Exception) -> Response:
    """As the gateway's own handlers answer it; what none of them knows is a bug, and noted as one."""
    app: FastAPI = request.app
    for kind in type(error).__mro__:
        if kind is not Exception and (handler := app.exception_handlers.get(kind)) is not None:
            try:
                answer: Response = await handler(request, error)  # type: ignore[misc]
            except Exception as worse:  # it is none of those that the handler means
                error = worse
                break
            return answer
    bug: Response = await app.exception_handlers[Exception](request, error)  # type: ignore[misc]
    return bug


def base_of(request: Request) -> str:
    """Where the caller reaches the gateway, without a slash at its end."""
    return str(request.base_url).rstrip("/")
