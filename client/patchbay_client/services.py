"""Services: shown, changed, their history. Each change is an order of its own."""

from collections.abc import Mapping
from typing import Any

from patchbay_client.calls import Call, ask, get, post
from patchbay_client.shapes import Placed


def show(id_: str) -> Call[dict[str, Any]]:
    """One service with its numbers, settings and state."""
    return get(f"/v1/services/{id_}")


def history(id_: str) -> Call[dict[str, Any]]:
    """What was changed, the newest first."""
    return get(f"/v1/services/{id_}/changes")


def change(id_: str, document: Mapping[str, Any], key: str | None = None) -> Call[Placed]:
    """Place a change. The order that carries it is in the answer."""
    return post(f"/v1/services/{id_}/changes", document, key)


def check(id_: str, document: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """What would be found about that change, were it placed now. Nothing is changed."""
    return ask(f"/v1/services/{id_}/changes/validity", document)
