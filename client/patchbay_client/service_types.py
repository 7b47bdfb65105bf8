"""Service types for those who look after them. Scope `catalogue`; with `house` those of all resellers."""

from collections.abc import Mapping
from typing import Any, Literal

from patchbay_client.calls import Call, get, new_key
from patchbay_client.kept_shapes import KeptServiceTypePage, ServiceTypeVersion, ServiceTypeVersions

KeptState = Literal["draft", "in_force", "coming"]


def page(
    after: str | None = None, limit: int = 50, *, text: str = "", state: KeptState | None = None
) -> Call[KeptServiceTypePage]:
    """Those that may be seen, by id. `text`: beginnings of words of the id or name; `state`: those with such a
    version."""
    return get("/v1/service-types", after=after, limit=limit, text=text, state=state)


def versions(id_: str) -> Call[ServiceTypeVersions]:
    """The versions of one, the newest first."""
    return get(f"/v1/service-types/{id_}")


def show(id_: str, version: int) -> Call[ServiceTypeVersion]:
    """One version with its `entry`: all that it says."""
    return get(f"/v1/service-types/{id_}/versions/{version}")


def diff(id_: str, version: int, before: int | None = None) -> Call[dict[str, Any]]:
    """What differs from the version in force, or from another one."""
    return get(f"/v1/service-types/{id_}/versions/{version}/diff", before=before)


def affected(id_: str, version: int) -> Call[dict[str, Any]]:
    """What publishing it would touch."""
    return get(f"/v1/service-types/{id_}/versions/{version}/affected")


def draft(
    id_: str, entry: Mapping[str, Any], why: str, revision: int = 0, *, dry_run: bool = False
) -> Call[ServiceTypeVersion]:
    """Save a draft. `revision`: of the draft that it replaces, 0 where there is none."""
    body = {"why": why, "entry": entry}
    return changing("PUT", f"/v1/service-types/{id_}/draft", body, revision, dry_run=dry_run)


def publish(id_: str, version: int, revision: int, valid_from: str, why: str) -> Call[ServiceTypeVersion]:
    """Have a draft come into force on that day, such as 2026-12-01."""
    body = {"why": why, "valid_from": valid_from}
    return changing("POST", f"/v1/service-types/{id_}/versions/{version}/publish", body, revision)


def retire(id_: str, version: int, revision: int, valid_to: str, why: str) -> Call[ServiceTypeVersion]:
    """Have it not sold any more from that day on."""
    body = {"why": why, "valid_to": valid_to}
    return changing("POST", f"/v1/service-types/{id_}/versions/{version}/retire", body, revision)


def changing(method: str, path: str, body: Any, revision: int, *, dry_run: bool = False) -> Call[Any]:
    """A change of what was seen at that revision."""
    query = {"dry_run": "true"} if dry_run else {}
    return Call(method, path, query, body, new_key(), {"If-Match": f'"{revision}"'})
