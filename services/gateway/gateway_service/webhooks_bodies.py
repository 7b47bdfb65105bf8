"""Webhooks as their owners write and see them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from gateway_service import etags
from gateway_service.bodies import JSON
from gateway_service.event_bodies import Type
from gateway_service.webhook_targets import check
from patchbay_chassis.problems import Problem
from patchbay_contracts.message import PLAIN

MOST_URL = 2_000


def _target(url: str) -> str:
    check(url)
    return url


Url = Annotated[str, StringConstraints(max_length=MOST_URL), AfterValidator(_target)]
Description = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
State = Literal["enabled", "disabled"]
DeliveryState = Literal["delivered", "waiting", "failed"]
Types = Annotated[tuple[Type, ...], Field(max_length=50)]


class Asked(BaseModel):
    """What somebody sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewWebhook(Asked):
    """Where events are to be sent; without types all of them, also those that there will be one day."""

    url: Url
    types: Types = ()
    description: Description = ""


class WebhookChange(Asked):
    """What is to be otherwise. One that is enabled again gets what it missed meanwhile, as far as that is kept."""

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    state: State | None = None


class SecretRotation(Asked):
    """How long the secret before signs beside the new one."""

    overlap_hours: Annotated[float, Field(ge=0, le=168)] = 24


class Redelivery(Asked):
    """Everything that was told since then is delivered again, in order; what comes meanwhile follows."""

    since: AwareDatetime


def shown(row: Any) -> dict[str, Any]:
    """A webhook, without its secret."""
    return {
        "id": str(row.id),
        "url": row.url,
        "types": row.types,
        "description": row.description,
        "state": row.state,
        "why": row.why,
        "created_at": row.created_at,
        "failing_since": row.failing_since,
        "next_try_at": row.rests_until,
        "links": {"self": f"/v1/webhooks/{row.id}", "deliveries": f"/v1/webhooks/{row.id}/deliveries"},
    }


def tag(row: Any) -> str:
    """The ETag of what its owner decides about; failures come and go, and nobody's change has to heed them."""
    return etags.of_body(orjson.dumps([row.url, row.types, row.description, row.state, row.why, row.signs_with]))


def delivery(row: Any) -> dict[str, Any]:
    """What became of a delivery. `status` is the target's last answer, null if there was none."""
    return {
        "event": str(row.event_id),
        "type": row.type,
        "at": row.at,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "took_ms": row.took_ms,
        "error": row.error,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "next_try_at": row.due,
    }


def overlap(rotation: SecretRotation) -> timedelta:
    """As a duration."""
    return timedelta(hours=rotation.overlap_hours)


def test_event(id_: UUID, webhook: UUID, at: datetime) -> dict[str, Any]:
    """What a test delivery says; it stands in no log."""
    return {"id": id_, "type": "webhook.test", "at": at, "data": {"webhook_id": webhook}}


def none(id_: UUID) -> NoReturn:
    """Raises Problem 404."""
    detail = f"You have no webhook {id_}. GET /v1/webhooks lists those that you have."
    raise Problem(404, "No such webhook", detail, code="no_such_webhook")


def said(answer: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """In JSON."""
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), status, headers, JSON)
