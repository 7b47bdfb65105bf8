"""Price lists for those who look after them. Scope `prices`; with `house` those for all resellers."""

from collections.abc import Mapping
from typing import Any, Literal

from patchbay_client.calls import Call, get
from patchbay_client.kept_shapes import KeptPriceListPage, PriceListVersion, PriceListVersions
from patchbay_client.service_types import changing

Stands = Literal["draft", "coming", "in_force", "replaced", "ended"]


def page(
    after: str | None = None,
    limit: int = 50,
    *,
    text: str = "",
    state: Stands | None = None,
    currency: str = "",
    service_type: str = "",
) -> Call[KeptPriceListPage]:
    """Those that may be seen, by id: each by its version in force, or else its newest. `text`: beginnings of words of
    the id or name; `state`: how that version stands."""
    query = {"text": text, "state": state, "currency": currency, "service_type": service_type}
    return get("/v1/prices", after=after, limit=limit, **query)


def versions(id_: str) -> Call[PriceListVersions]:
    """The versions of one, the newest first."""
    return get(f"/v1/prices/{id_}")


def show(id_: str, version: int) -> Call[PriceListVersion]:
    """One version with its prices."""
    return get(f"/v1/prices/{id_}/versions/{version}")


def diff(id_: str, version: int, before: int | None = None) -> Call[dict[str, Any]]:
    """What differs from the version in force, or from another one, price by price."""
    return get(f"/v1/prices/{id_}/versions/{version}/diff", before=before)


def affected(id_: str) -> Call[dict[str, Any]]:
    """Whose charges are by it."""
    return get(f"/v1/prices/{id_}/affected")


def draft(
    id_: str, document: Mapping[str, Any], why: str, revision: int = 0, *, dry_run: bool = False
) -> Call[PriceListVersion]:
    """Save a draft: `name`, `currency`, `prices`, perhaps `reseller` and `tax_note`. `revision`: of the draft that it
    replaces, 0 where there is none."""
    return changing("PUT", f"/v1/prices/{id_}/draft", {**document, "why": why}, revision, dry_run=dry_run)


def publish(  # noqa: PLR0917
    id_: str, version: int, revision: int, valid_from: str, why: str, valid_to: str | None = None
) -> Call[PriceListVersion]:
    """Have a draft come into force on that day, such as 2026-12-01."""
    body = {"why": why, "valid_from": valid_from, "valid_to": valid_to}
    return changing("POST", f"/v1/prices/{id_}/versions/{version}/publish", body, revision)
