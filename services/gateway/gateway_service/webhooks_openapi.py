"""What OpenAPI says about webhooks."""

from typing import Any

from gateway_service import etags
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.webhooks_bodies import NewWebhook, Redelivery, SecretRotation, WebhookChange

MODELS = (NewWebhook, WebhookChange, SecretRotation, Redelivery)
_ID = {"type": "string", "format": "uuid"}
_DATE = {"type": "string", "format": "date-time"}
_MAYBE_DATE = {"type": ["string", "null"], "format": "date-time"}
_TEXT = {"type": "string"}
_WEBHOOK = {
    "id": _ID,
    "url": _TEXT,
    "types": {"type": "array", "items": _TEXT, "description": "empty: all"},
    "description": _TEXT,
    "state": {"enum": ["enabled", "disabled"]},
    "why": {"type": "string", "description": "why it is disabled, if it was not you who did it"},
    "created_at": _DATE,
    "failing_since": {**_MAYBE_DATE, "description": "nothing got through since then"},
    "next_try_at": {**_MAYBE_DATE, "description": "it rests until then"},
    "links": {"type": "object"},
}
_DELIVERY = object_of(
    event={**_ID, "description": "the `webhook-id` by which a receiver tells a repetition"},
    type=_TEXT,
    at={**_DATE, "description": "when the event was told"},
    state={"enum": ["delivered", "waiting", "failed"]},
    attempts={"type": "integer"},
    status={"type": ["integer", "null"], "description": "of the target's last answer; null: there was none"},
    took_ms={"type": "integer"},
    error=_TEXT,
    first_at=_DATE,
    last_at=_DATE,
    next_try_at=_MAYBE_DATE,
)
_ACCEPTED = object_of(state={"const": "accepted"})
SCHEMAS = {
    "Webhook": object_of(**_WEBHOOK),
    "WebhookWithSecret": object_of(**_WEBHOOK, secret={"type": "string", "description": "not shown again"}),
    "Webhooks": object_of(webhooks={"type": "array", "items": ref("Webhook")}),
    "Delivery": _DELIVERY,
    "Deliveries": object_of(deliveries={"type": "array", "items": ref("Delivery")}, next={"type": ["string", "null"]}),
    "TestDelivery": object_of(
        event=_ID,
        delivered={"type": "boolean"},
        status={"type": ["integer", "null"]},
        took_ms={"type": "integer"},
        error=_TEXT,
        answer={"type": "string", "description": "what the answer began with"},
    ),
}
_EXAMPLE_ID = "01997c1e-53a1-7c7e-a6f4-2d0b6f2b3c22"
EXAMPLE: dict[str, Any] = {
    "id": _EXAMPLE_ID,
    "url": "https://example.com/patchbay",
    "types": ["order.completed", "order.failed"],
    "description": "order desk",
    "state": "enabled",
    "why": "",
    "created_at": "2026-11-27T10:15:02.123456Z",
    "failing_since": "2026-11-27T10:15:02.201111Z",
    "next_try_at": "2026-11-27T10:15:17.300000Z",
    "links": {"self": f"/v1/webhooks/{_EXAMPLE_ID}", "deliveries": f"/v1/webhooks/{_EXAMPLE_ID}/deliveries"},
}
_SECRET = EXAMPLE | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
_TRIED = {
    "event": "01997c1e-53a1-7c7e-a6f4-2d0b6f2b3c11",
    "type": "order.completed",
    "at": "2026-11-27T10:15:02.123456Z",
    "state": "waiting",
    "attempts": 2,
    "status": 500,
    "took_ms": 31,
    "error": "it answered 500",
    "first_at": "2026-11-27T10:15:02.201111Z",
    "last_at": "2026-11-27T10:15:07.400000Z",
    "next_try_at": "2026-11-27T10:15:17.300000Z",
}
_TESTED = {
    "event": "01997c1e-53a1-7c7e-a6f4-2d0b6f2b3c11",
    "delivered": False,
    "status": 302,
    "took_ms": 18,
    "error": "it redirects, which is not followed: change the URL",
    "answer": "",
}

CREATE = route(
    "Create a webhook",
    "Events from now on are posted to the URL, as Standard Webhooks says: `webhook-id` (the event's id, the same at"
    " each attempt), `webhook-timestamp` and `webhook-signature` (`v1`). The body are the bytes that the replay has."
    " The secret is shown this once.\n\n"
    "Deliveries begin in the order of the log, several at a time; those of one order one after the other. What is not"
    " answered 2xx within 10 seconds is tried again at growing intervals for a day, and does not hold back what comes"
    " after it. Redirects are not followed. A webhook to which nothing gets through is tried at growing intervals with"
    " one event at a time, and is disabled after a day, or at once when it answers 410; `webhook.disabled` is told"
    " then, and you get a mail. A delivery can come twice: tell it by its id.\n\n"
    "A reseller has one webhook to a URL. The target has to be public and, unless this installation allows `http`,"
    " `https`.",
    answers("Created", content(ref("WebhookWithSecret"), _SECRET), 401, 403, 409, 413, 415, 422, 503, status=201),
    content(
        ref("NewWebhook"),
        {"url": EXAMPLE["url"], "types": EXAMPLE["types"], "description": EXAMPLE["description"]},
    ),
)
ALL = route(
    "List webhooks",
    "All of them, the oldest first.",
    answers("Webhooks", content(ref("Webhooks"), {"webhooks": [EXAMPLE]}), 401, 403, 503),
)
ONE = route(
    "Show a webhook",
    "Whether it is enabled, and since when it fails. Its ETag is another one when it was changed, not at each failure.",
    answers("The webhook", content(ref("Webhook"), EXAMPLE), 401, 403, 404, 422, 503),
)
CHANGE = route(
    "Change a webhook",
    "What is given is changed, and nothing else. A webhook that is enabled again goes on where it was: it gets what was"
    " told meanwhile, as far as that is kept.",
    answers("The webhook", content(ref("Webhook"), EXAMPLE), 401, 403, 404, 409, 412, 413, 415, 422, 503),
    content(ref("WebhookChange"), {"types": ["order.completed"]}),
    [etags.SEEN_IF_GIVEN],
)
DELETE = route(
    "Delete a webhook",
    "Nothing is sent there any more, and its deliveries are not shown any more.",
    answers("Deleted", {}, 401, 403, 404, 412, 422, 503, status=204),
    parameters=[etags.SEEN_IF_GIVEN],
)
ROTATE = route(
    "Rotate a webhook's secret",
    "The new secret is shown this once. For `overlap_hours` what is sent is signed with both, so that the receiver can"
    " be changed meanwhile; with 0 the old one ends at once.",
    answers("The new secret", content(ref("WebhookWithSecret"), _SECRET), 401, 403, 404, 409, 412, 413, 415, 422, 503),
    content(ref("SecretRotation"), {"overlap_hours": 24}),
    [etags.SEEN_IF_GIVEN],
)
TEST = route(
    "Test a webhook",
    "Sends an event `webhook.test` once, signed like all others, and says what came back. It works on a disabled"
    " webhook as well, stands in no log, and changes nothing.",
    answers("What came back", content(ref("TestDelivery"), _TESTED), 401, 403, 404, 422, 503),
)
DELIVERIES = route(
    "List a webhook's deliveries",
    "The newest event first, with what came of the last attempt. Kept as long as the events.",
    answers(
        "Deliveries",
        content(ref("Deliveries"), {"deliveries": [_TRIED], "next": "AZl8HgAAcACAAAAAAAAAAw"}),
        401,
        403,
        404,
        422,
        503,
    ),
)
REDELIVER = route(
    "Deliver an event again",
    "It is delivered soon, whatever became of it before.",
    answers("Accepted", content(_ACCEPTED, {"state": "accepted"}), 401, 403, 404, 409, 422, 503, status=202),
)
REDELIVER_ALL = route(
    "Deliver all events since a time again",
    "In order, from the first that was told then; what comes meanwhile follows.",
    answers("Accepted", content(_ACCEPTED, {"state": "accepted"}), 401, 403, 404, 409, 413, 415, 422, 503, status=202),
    content(ref("Redelivery"), {"since": "2026-11-27T10:00:00Z"}),
)
