"""Errors as callers see them: application/problem+json (RFC 9457), each fault with its place and its remedy."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from patchbay_chassis.database import Overtaken, discreet, is_outage
from patchbay_chassis.log import log
from patchbay_chassis.spelling import meant
from patchbay_contracts import patterns
from patchbay_contracts.field_faults import FieldFault
from patchbay_contracts.message import PLAIN

KIND = "application/problem+json"

REMEDIES = {
    "missing": "add this field",
    "extra_forbidden": "remove this field, or see how it is spelled in /openapi.json",
    "string_pattern_mismatch": "write it in the form that /openapi.json gives for this field",
    "string_too_short": "give it more characters",
    "string_too_long": "shorten it",
    "too_short": "give more of them",
    "too_long": "leave some out, or ask in parts",
    "literal_error": "use one of the words that the message names",
    "json_invalid": "send one JSON object in UTF-8",
    "model_type": "send one JSON object",
    "dict_type": "give an object",
    "tuple_type": "give a list",
    "string_type": "write it as a text, in quotes",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "greater_than_equal": "keep to the bounds that the message names",
    "less_than_equal": "keep to the bounds that the message names",
    "uuid_parsing": "give the id as you got it from Patchbay",
    "timezone_aware": "give its zone as well, as in 2026-06-01T00:00:00Z",
    "datetime_parsing": "write a time with its zone, as in 2026-06-01T00:00:00Z",
    "datetime_from_date_parsing": "write a time with its zone, as in 2026-06-01T00:00:00Z",
    "date_parsing": "write a day, as in 2026-06-01",
    "date_from_datetime_parsing": "write a day, as in 2026-06-01",
    "value_error": "see the message",
}
_FOR_PARAMETERS = REMEDIES | {"string_pattern_mismatch": "see this parameter in /openapi.json"}

TYPES = "/problems/"
BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    409: "conflict",
    410: "gone",
    411: "length_required",
    412: "version_changed",
    413: "too_large",
    415: "wrong_kind",
    422: "invalid",
    428: "version_required",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "broken",
    502: "broken_behind",
    503: "try_again",
    504: "takes_too_long",
}
"""The code of what has no code of its own."""


def type_of(status: int, code: str = "") -> str:
    """The URI by which programs know what kind of problem it is."""
    return TYPES + (code or BY_STATUS.get(status) or ("broken" if status >= 500 else "bad_request"))


class Problem(Exception):
    """An answer that is not the one hoped for. `errors`: pointer (RFC 6901, into the request), message, remedy. `code`
    is one of the catalogue's (patchbay_contracts.problem_catalogue); without one it is that of the status."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        *,
        code: str = "",
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"type": type_of(status, code), "title": title, "status": status}
        if detail:
            self.body["detail"] = detail
        if errors:
            self.body["errors"] = list(errors)

    def response(self) -> Response:
        """The problem as an answer of its own."""
        return Response(orjson.dumps(self.body), self.status, self.headers, KIND)


def invalid_fields(errors: Sequence[Mapping[str, str]]) -> Problem:
    """What was understood, and cannot be meant so."""
    return Problem(422, "The request is not valid", errors=errors)


def invalid_at(pointer: str, message: str, remedy: str) -> Problem:
    """The same of one place of the body."""
    return invalid_fields([{"pointer": pointer, "message": message, "remedy": remedy}])


def invalid_parameter(name: str, message: str, remedy: str) -> Problem:
    """The same of one parameter, or header."""
    return invalid_fields([{"parameter": name, "message": message, "remedy": remedy}])


def faults(
    error: ValidationError, remedies: Mapping[str, str] = REMEDIES, kind: type[BaseModel] | None = None
) -> list[dict[str, str]]:
    """What is wrong, field by field. What was given is never repeated: it may be a secret. `kind`: what the document
    should be, to find which field somebody meant."""
    found = error.errors(include_url=False, include_input=False)[:50]
    within = {f["loc"][:depth] for f in found for depth in range(len(f["loc"]))}
    told = (f for f in found if f["type"] != "too_short" or f["loc"] not in within)  # pydantic counts good items alone
    return [{"pointer": pointer(_at(f))} | _fault(f, remedies, kind) for f in told]


def _at(fault: Mapping[str, Any]) -> Sequence[str | int]:
    """Where it is: where a whole was looked at, the one field that is to be corrected."""
    error = fault.get("ctx", {}).get("error")
    return (*fault["loc"], *error.at) if isinstance(error, FieldFault) else fault["loc"]


def _fault(fault: Mapping[str, Any], remedies: Mapping[str, str], kind: type[BaseModel] | None) -> dict[str, str]:
    """What is wrong, and what to do."""
    ctx = fault.get("ctx", {})
    message, remedy = str(fault["msg"]), remedies.get(fault["type"], "see this field in /openapi.json")
    match fault["type"]:
        case "union_tag_invalid":  # pydantic's message would repeat what was given
            message = f"{ctx['discriminator']} should be {ctx['expected_tags']}"
        case "string_pattern_mismatch" if ctx["pattern"] == PLAIN:
            message, remedy = "Text has no control characters", "remove tabs, line breaks and the like"
        case "string_pattern_mismatch":
            message, remedy = "not written as it should be", patterns.REMEDIES.get(ctx["pattern"], remedy)
        case "too_short" if ctx["field_type"] == "Value":  # a secret
            message = f"String should have at least {ctx['min_length']} characters"
            remedy = remedies["string_too_short"]
        case "too_short" | "too_long":
            message = message.replace("Tuple", "List").replace(" after validation", "")
        case "extra_forbidden":
            message = "there is no such field"
            if kind is not None and (name := meant(kind, fault["loc"])):
                remedy = f"call it {name} if that is what you mean, or remove it"
        case "value_error":  # ours say the remedy after a colon
            message, _, given = message.removeprefix("Value error, ").partition(": ")
            remedy = given or remedy
    return {"message": message, "remedy": remedy}


def pointer(loc: Sequence[str | int]) -> str:
    """A JSON Pointer to where pydantic found the fault. That it means a field's name is no part of the document."""
    parts = list(loc[:-1]) if loc and loc[-1] == "[key]" else list(loc)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _allowed(request: Request, heads: bool) -> str:
    """All methods that are described for the path: Starlette names those of one route alone."""
    found = [
        route
        for route in iter_route_contexts(request.app.routes)
        if isinstance(route.original_route, APIRoute)
        and route.include_in_schema
        and route.matches(request.scope)[0] is not Match.NONE
    ]
    just = [route for route in found if route.path == request.url.path]  # not as a parameter of others
    return allow((method for route in just or found for method in route.methods or ()), heads=heads)


def allow(methods: Iterable[str], *, heads: bool) -> str:
    """These methods as the header `Allow` has them. `heads`: HEAD is answered wherever GET is."""
    there = set(methods)
    return ", ".join(sorted(there | ({"HEAD"} if heads and "GET" in there else set())))


def install(api: FastAPI, *, heads: bool = False) -> None:
    """Whatever goes wrong is answered in the same form. `heads`: HEAD is answered wherever GET is."""

    @api.exception_handler(Problem)
    async def known(_: Request, problem: Problem) -> Response:
        return problem.response()

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        detail = f"{request.method} {request.url.path} is not there: see /openapi.json for what is."
        headers = dict(error.headers or {})
        if error.status_code == 405 and (allowed := _allowed(request, heads)):
            headers["Allow"] = allowed
        return Problem(error.status_code, str(error.detail), detail, headers=headers).response()

    @api.exception_handler(RequestValidationError)
    async def wrong_parameters(_: Request, error: RequestValidationError) -> Response:
        parameters = [{"parameter": str(f["loc"][-1])} | _fault(f, _FOR_PARAMETERS, None) for f in error.errors()]
        return invalid_fields(parameters).response()

    @api.exception_handler(ClientDisconnect)
    async def cut_off(request: Request, _: ClientDisconnect) -> Response:
        log.info("http.cut_off", method=request.method, path=request.url.path)
        return Problem(400, "The request was cut off", "Nothing was accepted.").response()

    @api.exception_handler(Overtaken)
    async def overtaken(_: Request, __: Overtaken) -> Response:
        detail = "Others were changing the same things again and again. It is safe to try again."
        return Problem(503, "Try again soon", detail, headers={"Retry-After": "1"}).response()

    @api.exception_handler(asyncpg.PostgresError)
    @api.exception_handler(asyncpg.InterfaceError)
    @api.exception_handler(asyncpg.InternalClientError)
    @api.exception_handler(OSError)
    async def outage(_: Request, error: Exception) -> Response:
        if not is_outage(error):
            raise error
        detail = "The database cannot be reached. With an Idempotency-Key it is safe to try again."
        return Problem(503, "Try again soon", detail, headers={"Retry-After": "1"}).response()

    @api.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        log.error("http.failed", method=request.method, path=request.url.path, exc_info=discreet(error))
        detail = "This is a fault of ours, and was noted. With an Idempotency-Key it is safe to try again."
        return Problem(500, "Something broke", detail).response()
