"""What would break between two OpenAPI documents: operations, parameters, what is asked and what is answered."""

from collections.abc import Iterator, Mapping
from typing import Any

from patchbay_contracts.compatible import Comparison

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def openapi_breaks(before: Document, after: Document) -> Iterator[str]:
    """What would break, each with its operation."""
    asked, answered = (Comparison(before, after, side) for side in ("asked", "answered"))
    for path, operations in before.get("paths", {}).items():
        for method in METHODS:
            was = operations.get(method)
            if was is None:
                continue
            name, now = f"{method.upper()} {path}", after.get("paths", {}).get(path, {}).get(method)
            if now is None:
                yield f"{name}: the operation is gone"
                continue
            if was.get("operationId") != now.get("operationId"):
                yield f"{name}: its operationId is {now.get('operationId')}, was {was.get('operationId')}"
            yield from _parameters(was, now, name, asked)
            yield from _body(was.get("requestBody"), now.get("requestBody"), name, asked)
            yield from _answers(was, now, name, answered)


def _parameters(was: Document, now: Document, name: str, asked: Comparison) -> Iterator[str]:
    known, there = (
        {(one["in"], one["name"].lower()): one for one in operation.get("parameters", ())} for operation in (was, now)
    )
    for (where, called), one in known.items():
        other = there.get((where, called))
        if other is None:
            yield f"{name}: the {where} parameter {called} is gone"
            continue
        if other.get("required") and not one.get("required"):
            yield f"{name}: the {where} parameter {called} is required now"
        yield from asked.breaks(one.get("schema", {}), other.get("schema", {}), f"{name}: {called}")
    for (where, called), one in there.items():
        if one.get("required") and (where, called) not in known:
            yield f"{name}: there is a new required {where} parameter {called}"


def _body(was: Document | None, now: Document | None, name: str, asked: Comparison) -> Iterator[str]:
    if was is None:
        if now is not None and now.get("required"):
            yield f"{name}: a body is required now"
        return
    for kind, content in was.get("content", {}).items():
        other = (now or {}).get("content", {}).get(kind)
        if other is None:
            yield f"{name}: takes no {kind} any more"
        else:
            yield from asked.breaks(content.get("schema", {}), other.get("schema", {}), f"{name}: asks ")


def _answers(was: Document, now: Document, name: str, answered: Comparison) -> Iterator[str]:
    for status, answer in was.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        other = now.get("responses", {}).get(status)
        if other is None:
            yield f"{name}: is not answered {status} any more"
            continue
        for kind, content in answer.get("content", {}).items():
            there = other.get("content", {}).get(kind)
            if there is None:
                yield f"{name}: is not answered in {kind} any more"
            else:
                schemas = content.get("schema", {}), there.get("schema", {})
                yield from answered.breaks(*schemas, f"{name}: answers ")
