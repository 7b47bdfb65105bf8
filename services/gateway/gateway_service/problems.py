"""Errors as callers see them: application/problem+json (RFC 9457), each fault with its place and its remedy."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.responses import Response

from patchbay_contracts.words import PLAIN

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
    "model_type": "send one JSON object",
    "dict_type": "give an object",
    "tuple_type": "give a list",
    "string_type": "write it as a text, in quotes",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "greater_than_equal": "keep to the bounds that the message names",
    "less_than_equal": "keep to the bounds that the message names",
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


def invalid(error: ValidationError) -> Problem:
    """What is wrong with an order, field by field. What was given is never repeated: it may be a PIN."""
    faults = error.errors(include_url=False, include_input=False)
    return Problem(422, "The order is not valid", "Nothing was accepted.", [_fault(f) for f in faults[:50]])


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    message, remedy = str(fault["msg"]).removeprefix("Value error, "), REMEDIES.get(fault["type"])
    if fault["type"] == "union_tag_invalid":  # pydantic's message would repeat what was given
        message = f"'kind' should be {fault['ctx']['expected_tags']}"
    elif fault.get("ctx", {}).get("pattern") == PLAIN:
        message, remedy = "Text has no control characters", "remove tabs, line breaks and the like"
    pointer_ = pointer(fault["loc"])
    return {"pointer": pointer_, "message": message, "remedy": remedy or "see this field in /openapi.json"}


def pointer(loc: Sequence[str | int]) -> str:
    """A JSON Pointer to where pydantic found the fault in an order.

    What pydantic puts in between is no part of the order: which kind of customer it took it for, and that it
    means a field's name.
    """
    parts = [part for at, part in enumerate(loc) if (at, loc[0]) != (1, "customer")]
    if parts and parts[-1] == "[key]":
        parts.pop()
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def too_large(most: int) -> Problem:
    """Larger than an order may be, as it was sent or as it is written."""
    return Problem(413, "The order is too large", f"An order has {most} bytes at the most: split it.")


def too_many(seconds: int = 1) -> Problem:
    """More orders are under way than there should be."""
    detail = f"So many orders are under way that new ones have to wait. Try again in {seconds} s."
    return Problem(429, "Too many open orders", detail, headers={"Retry-After": str(seconds)})
