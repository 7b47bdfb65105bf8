"""Errors as callers see them: application/problem+json (RFC 9457), each fault with its place and its remedy."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.responses import Response

KIND = "application/problem+json"

REMEDIES = {
    "missing": "add this field",
    "extra_forbidden": "remove this field, or see how it is spelled in /openapi.json",
    "string_pattern_mismatch": "write it in the form that /openapi.json gives for this field",
    "string_too_short": "give it more characters",
    "string_too_long": "shorten it",
    "too_short": "give it more characters",
    "too_long": "leave some out, or split the order",
    "union_tag_not_found": "add 'kind': 'new' for a customer to create, 'existing' for one that is there",
    "union_tag_invalid": "use 'new' for a customer to create, 'existing' for one that is there",
    "literal_error": "use one of the words that the message names",
    "json_invalid": "send one JSON object in UTF-8",
    "uuid_parsing": "give the id as you got it from Patchbay",
    "value_error": "see the message",
}


class Problem(Exception):
    """An answer that is not the one hoped for. `errors`: pointer (RFC 6901, into the request), message, remedy."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
        if detail:
            self.body["detail"] = detail
        if errors:
            self.body["errors"] = list(errors)

    def response(self) -> Response:
        """The problem as an answer of its own."""
        return Response(orjson.dumps(self.body), self.status, self.headers, KIND)


def invalid(error: ValidationError, document: object) -> Problem:
    """What is wrong with an order, field by field. What was given is never repeated: it may be a PIN."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return Problem(422, "The order is not valid", "Nothing was accepted.", [_fault(f, document) for f in faults[:50]])


def _fault(fault: Mapping[str, Any], document: object) -> dict[str, str]:
    message = str(fault["msg"]).removeprefix("Value error, ")
    remedy = REMEDIES.get(fault["type"], "see this field in /openapi.json")
    return {"pointer": pointer(fault["loc"], document), "message": message, "remedy": remedy}


def pointer(loc: Sequence[str | int], document: object) -> str:
    """A JSON Pointer to where pydantic found the fault. Its tags of unions are no part of the document."""
    parts, here = [], document
    for at, part in enumerate(loc):
        if isinstance(here, dict) and part not in here and at < len(loc) - 1:
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
        try:
            here = here[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            here = None
    return "".join(f"/{part}" for part in parts)


def parsed(body: bytes) -> object:
    """The body as plain data to walk a pointer through; None if it is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def too_many(seconds: int = 1) -> Problem:
    """More orders are under way than there should be."""
    detail = f"So many orders are under way that new ones have to wait. Try again in {seconds} s."
    return Problem(429, "Too many open orders", detail, headers={"Retry-After": str(seconds)})
