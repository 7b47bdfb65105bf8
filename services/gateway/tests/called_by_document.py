"""The gateway called by schemathesis: as its own OpenAPI document allows it, and as it forbids it."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from starlette.types import ASGIApp, Receive, Scope, Send

from .documented import MASTER

ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
"""What may be answered to what a schema allows. Beside what schemathesis knows: 412 for a version that is not the
last, and 422 for what no schema says, such as one field beside another, or a service type that there is not."""
NO_HEADER = ["400", "401", "403", "422", "428"]
"""What may be answered without a header that is required. Beside what schemathesis knows: 428, without If-Match."""
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx"]
"""What may be answered to what a schema forbids. Beside what schemathesis knows: 412, where an empty If-Match names no
version."""
CHECKS = {
    "negative_data_rejection": {"expected-statuses": REFUSED},
    "positive_data_acceptance": {"expected-statuses": ACCEPTED},
    "missing_required_header": {"expected-statuses": NO_HEADER},
}
"""All checks run; these with statuses of ours."""


@schemathesis.serializer("application/x-ndjson", "text/csv")
def _as_text(_: Any, value: Any) -> bytes:
    """Lines, as the document's examples have them; or what is none at all."""
    return str(value).encode(errors="replace")


class HangingUp:
    """ASGI middleware: whoever follows events hangs up as soon as the answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hung_up = False

        async def begun(message: MutableMapping[str, Any]) -> None:
            nonlocal hung_up
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                hung_up = kind.startswith(b"text/event-stream")
            await send(message)

        async def until_then() -> MutableMapping[str, Any]:
            return {"type": "http.disconnect"} if hung_up else await receive()

        await self._app(scope, until_then, begun)
        if hung_up:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def found(document: Mapping[str, Any], url: str, phases: Mapping[str, Any], only: str = "") -> Iterator[str]:
    """What schemathesis finds in those phases, in the operations whose names match; nothing, if all is as described."""
    told = {"enabled": False}
    config = {
        "base-url": url,
        "auth": {"openapi": {"key": {"api_key": MASTER}}},
        "phases": dict.fromkeys(("examples", "coverage", "fuzzing", "stateful"), told) | dict(phases),
        "checks": CHECKS,
        "continue-on-failure": True,
        "request-timeout": 30,
    }
    schema = schemathesis.openapi.from_dict(dict(document), config=SchemathesisConfig.from_dict(config))
    for event in from_schema(schema.include(name_regex=only)).execute():
        if isinstance(event, events.ScenarioFinished):
            yield from _failures(event.recorder)
        elif isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.value!r}"
        elif isinstance(event, events.FatalError):
            raise event.exception


def _failures(recorder: ScenarioRecorder) -> Iterator[str]:
    for checks in recorder.checks.values():
        for check in checks:
            if (of := check.failure_info) is not None:
                yield f"{check.name}: {of.failure.operation}: {of.failure}\n{of.code_sample[:3_000]}"
