"""Dead letters over the API, for whoever runs Patchbay."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, dead_letter_queries, dead_letters, lists, replays, views
from gateway_service.dead_letter_queries import Wanted
from gateway_service.dead_letters import Replay
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.keys import Caller, Keys
from gateway_service.lists import FIRST, LAST, Asked, Before, From, Page
from gateway_service.reading_openapi import page
from gateway_service.routes import Routes
from patchbay_chassis.service import Running
from patchbay_contracts.message import Frozen
from patchbay_contracts.operations import Why

Service = Literal["billing", "customer", "gateway", "notifier", "numbers", "provisioning"]
_ID, _AGAIN = "0198a1de-5c21-7b1e-8a51-6f3f0b2f9a12", "0198a1de-6a10-7c22-9d02-5a1f0b2f9a13"
_WHY: dict[str, Any] = {"reason": "the price list is there again, ticket 4712"}
_IN_SHORT: dict[str, Any] = {
    "id": _ID, "at": "2030-06-01T08:00:00Z", "service": "numbers", "reason": "handler_failed",
    "detail": "ValueError('a value does not fit the type of its column')", "topic": "numbers.commands.v1",
    "partition": 2, "offset": 4711, "key": "0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11", "type": "numbers.HoldNumbers.v1",
    "message_id": "0198a1de-5c1f-7d1e-8a51-6f3f0b2f9a10", "size": 211, "cut": [], "times": 1, "replay_of": None,
    "replays": 1, "links": {"self": f"/v1/operations/dead-letters/{_ID}"},
}  # fmt: skip
_REPLAY: dict[str, Any] = {
    "id": "0198a1de-5c1f-7d1e-8a51-6f3f0b2f9a14", "at": "2030-06-01T08:10:00Z", "by": "key:Operations",
    "forced": False, **_WHY,
}  # fmt: skip
_WHOLE: dict[str, Any] = _IN_SHORT | {
    "headers": [{"name": "ce_type", "text": "numbers.HoldNumbers.v1"}, {"name": "x", "base64": "//4="}],
    "body": {"text": '{"order_id": "0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11", "wants": []}'},
    "replayed": [_REPLAY],
    "came_back": [_AGAIN],
}


class ReplayWish(Frozen):
    """Why it is replayed, which is kept; and whether it is to be though it was before."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WHY})

    reason: Why
    force: bool = Field(default=False, description="also if it was replayed before")


MODELS = (ReplayWish,)
_TEXT, _UUID = {"type": "string"}, {"type": "string", "format": "uuid"}
_TIME, _COUNT = {"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0}
_RAW = {
    "type": "object",
    "properties": {"name": _TEXT, "text": _TEXT, "base64": _TEXT},
    "description": "`text` if it is UTF-8, and `base64` otherwise",
}
_FIELDS: dict[str, Any] = {
    "id": _UUID,
    "at": _TIME,
    "service": _TEXT | {"description": "that could not take it"},
    "reason": _TEXT,
    "detail": _TEXT,
    "topic": _TEXT | {"description": "where the record was; empty if the letter does not say"},
    "partition": {"type": ["integer", "null"]},
    "offset": {"type": ["integer", "null"]},
    "key": {"type": ["string", "null"]},
    "type": _TEXT | {"description": "of the message, if it says"},
    "message_id": _TEXT,
    "size": _COUNT | {"description": "bytes of the body"},
    "cut": {"type": "array", "items": {"enum": ["body", "key", "headers"]}, "description": "too large to be kept"},
    "times": {"type": "integer", "minimum": 1, "description": "so often its record was dead by then"},
    "replay_of": {"type": ["string", "null"], "description": "the letter that was replayed when this one came"},
    "replays": _COUNT | {"description": "so often it was replayed"},
    "links": object_of(self=_TEXT),
}
SCHEMAS = {
    "DeadLetterInList": object_of(**_FIELDS),
    "DeadLetterInListPage": object_of(
        dead_letters={"type": "array", "items": ref("DeadLetterInList")}, next={"type": ["string", "null"]}
    ),
    "Replayed": object_of(id=_UUID, at=_TIME, by=_TEXT, reason=_TEXT, forced={"type": "boolean"}),
    "DeadLetter": object_of(
        **_FIELDS,
        headers={"type": "array", "items": _RAW},
        body={"anyOf": [_RAW, {"type": "null"}]},
        replayed={"type": "array", "items": ref("Replayed")},
        came_back={"type": "array", "items": _UUID, "description": "letters that came of its replays"},
    ),
}
LIST = page(
    "List dead letters",
    "Records that a service could not read or handle, of all services, the newest first. Needs a key with the scope"
    " `operations`, as all of this.",
    "DeadLetterInListPage",
    "dead_letters",
    _IN_SHORT,
)
SHOW = route(
    "Show a dead letter",
    "With its headers and body, who replayed it, and what came back.",
    answers("The letter", content(ref("DeadLetter"), _WHOLE), 401, 403, "no_such_dead_letter", 422, 429, 503),
)
REPLAY = route(
    "Replay a dead letter",
    "Its record goes back to the partition that it came from, with its key, its headers and marks that it is a replay."
    " Whoever handled it meanwhile does nothing. One that was replayed gets 409 and is left alone, unless `force` is"
    " true. Sent again with the same `Idempotency-Key` it is done once.",
    answers(
        "It is there again", content(ref("Replayed"), _REPLAY), 401, 403, "no_such_dead_letter", "dead_letter_replayed",
        "dead_letter_not_whole", "idempotency_key_under_way", 413, 415, 422, 429, 503,
    ),
    content(ref("ReplayWish"), _WHY),
)  # fmt: skip


def router(running: Running, keys: Keys) -> APIRouter:
    """The routes of dead letters, for keys with the scope `operations`."""
    routes = Routes(prefix="/v1/operations/dead-letters")
    Known = Annotated[Caller, Depends(keys.having("operations"))]  # noqa: N806 - a type

    @routes.get("", **LIST)
    async def list_dead_letters(
        *,
        _: Known,
        asked: Annotated[Asked, Depends()],
        service: Service | None = None,
        reason: Annotated[str | None, Query(max_length=100, description="such as `handler_failed`")] = None,
        replayed: Annotated[bool | None, Query(description="only those that were replayed, or were not")] = None,
        dead_from: From = None,
        dead_before: Before = None,
    ) -> Response:
        wanted = Wanted(service, reason, dead_from or FIRST, dead_before or LAST, replayed)

        async def fetch(after: str | None, limit: int) -> Page:
            try:
                before = views.from_cursor(after)
            except ValueError:
                raise lists.bad_cursor() from None
            async with running.database.connection() as db:
                rows = await dead_letter_queries.page(db, wanted, before, limit + 1)
            more = views.cursor(rows[limit - 1].id) if len(rows) > limit else None
            return Page([dead_letters.in_short(row) for row in rows[:limit]], more)

        return await lists.answer(asked, "dead_letters", tuple(_IN_SHORT), fetch)

    @routes.get("/{id}", **SHOW)
    async def show_dead_letter(id: UUID, _: Known) -> Response:  # noqa: A002 - its name in the path
        return Response(orjson.dumps(await dead_letters.show(running, id)), media_type=bodies.JSON)

    @routes.post("/{id}/replay", **REPLAY)
    async def replay_dead_letter(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        wish = await bodies.read(request, ReplayWish)
        wanted = Replay(replays.made(request), caller.by, wish.reason, wish.force)
        return Response(orjson.dumps(await dead_letters.replay(running, id, wanted)), media_type=bodies.JSON)

    return routes
