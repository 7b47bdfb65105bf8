"""What whoever runs Patchbay looks at, of all resellers: stuck orders, lag, steps, replicas. Scope `operations`."""

from patchbay_client.calls import Call, get, post
from patchbay_client.shapes import Lag, Mended, Replicas, Steps, StuckPage


def stuck(after: str | None = None, limit: int = 100) -> Call[StuckPage]:
    """Orders whose undoing is not answered, the oldest first, with what was done about them."""
    return get("/v1/operations/stuck", after=after, limit=limit)


def retry(order: str, reason: str, key: str | None = None) -> Call[Mended]:
    """Ask again what is not answered, as if for the first time."""
    return post(f"/v1/operations/orders/{order}/retry", {"reason": reason}, key)


def skip(order: str, reason: str, key: str | None = None) -> Call[Mended]:
    """Take as undone what is waited for. What it left behind is to be looked after by hand."""
    return post(f"/v1/operations/orders/{order}/skip", {"reason": reason}, key)


def compensate(order: str, reason: str, key: str | None = None) -> Call[Mended]:
    """Ask at once for all that is left to undo."""
    return post(f"/v1/operations/orders/{order}/compensate", {"reason": reason}, key)


def lag() -> Call[Lag]:
    """How far services, and what this API shows, are behind."""
    return get("/v1/operations/lag")


def steps() -> Call[Steps]:
    """How long each step took, of the newest orders that ended."""
    return get("/v1/operations/steps")


def replicas() -> Call[Replicas]:
    """Who runs, and how old the answers of search replicas are."""
    return get("/v1/operations/replicas")
