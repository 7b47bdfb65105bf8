"""Webhooks: where events are sent to. Scope `webhooks`. Deliveries are signed by Standard Webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from patchbay_client.calls import Call, get, new_key, post


def add(url: str, types: Sequence[str] = (), description: str = "") -> Call[dict[str, Any]]:
    """A new one; without types, of all events. Its `secret` is in this answer alone."""
    return post("/v1/webhooks", {"url": url, "types": list(types), "description": description})


def all_() -> Call[dict[str, Any]]:
    """All that there are, in `webhooks`."""
    return get("/v1/webhooks")


def show(id_: str) -> Call[dict[str, Any]]:
    """One, with why it is disabled if it is."""
    return get(f"/v1/webhooks/{id_}")


def change(id_: str, document: Mapping[str, Any], key: str | None = None) -> Call[dict[str, Any]]:
    """Have its `url`, `types`, `description` or `state` otherwise. Enabled again, it gets what it missed."""
    return Call("PATCH", f"/v1/webhooks/{id_}", {}, document, key or new_key())


def test(id_: str) -> Call[dict[str, Any]]:
    """Send it a test event now, and hear what came back."""
    return post(f"/v1/webhooks/{id_}/test", None)


def rotate(id_: str, overlap_hours: float = 24) -> Call[dict[str, Any]]:
    """A new `secret`; the one before signs beside it for so long."""
    return post(f"/v1/webhooks/{id_}/rotate", {"overlap_hours": overlap_hours})


def deliveries(id_: str, state: str = "", after: str = "", limit: int = 50) -> Call[dict[str, Any]]:
    """What was sent, the newest first: attempts, what came back, when it is tried again."""
    return get(f"/v1/webhooks/{id_}/deliveries", state=state, after=after, limit=limit)


def redeliver(id_: str, event: str) -> Call[dict[str, Any]]:
    """Send one event again."""
    return post(f"/v1/webhooks/{id_}/deliveries/{event}/redeliver", None)


def redeliver_since(id_: str, since: str) -> Call[dict[str, Any]]:
    """Send again all that was told since then (RFC 3339), in its order."""
    return post(f"/v1/webhooks/{id_}/redeliver", {"since": since})


def remove(id_: str) -> Call[None]:
    """Send it nothing any more."""
    return Call("DELETE", f"/v1/webhooks/{id_}", key=new_key())
