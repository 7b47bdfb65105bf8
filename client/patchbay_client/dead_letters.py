"""Dead letters: messages that a service could not read or handle, of all resellers. Scope `operations`."""

from patchbay_client.calls import Call, get, post
from patchbay_client.shapes import DeadLetter, DeadLetterPage, Replayed


def page(
    service: str = "",
    reason: str = "",
    since: str = "",
    until: str = "",
    *,
    replayed: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Call[DeadLetterPage]:
    """A page of them, the newest first. `since`, `until`: RFC 3339, of when they were set aside."""
    return get(
        "/v1/operations/dead-letters",
        service=service,
        reason=reason,
        dead_from=since,
        dead_before=until,
        replayed=replayed,
        after=after,
        limit=limit,
    )


def show(id_: str) -> Call[DeadLetter]:
    """One with its headers and body, its replays, and what came back of them."""
    return get(f"/v1/operations/dead-letters/{id_}")


def replay(id_: str, reason: str, *, force: bool = False, key: str | None = None) -> Call[Replayed]:
    """Put it back where it came from. One that was replayed before is refused, unless that is forced."""
    return post(f"/v1/operations/dead-letters/{id_}/replay", {"reason": reason, "force": force}, key)
