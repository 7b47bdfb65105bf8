"""What is kept of what clients send, once it was read. Pure."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway_service.tmf.sent import ITEMS, Item, Order, Ref, Service, items_of, plain


def service(found: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a service, without nulls where the standard has an attribute."""
    kept = plain(found, Service)
    named = kept.get("serviceSpecification")
    return kept | ({} if named is None else {"serviceSpecification": plain(named, Ref)})


def order(found: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an order, without nulls where the standard has an attribute."""
    kept = plain(found, Order)
    items = [item(one) for one in items_of(kept)]
    return kept | {name: items for name in ITEMS if name in kept}


def item(found: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an item likewise."""
    return plain(found, Item) | {"service": service(found["service"])}


def without_secrets(found: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it may be stored and shown: without anybody's PIN."""
    kept = dict(orjson.loads(orjson.dumps(found)))
    items: Any = items_of(kept)
    of_items = [one.get("service") for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    for holder in (kept, *of_items):
        parties = holder.get("relatedParty") if isinstance(holder, dict) else None
        for party in parties if isinstance(parties, list) else ():
            if isinstance(party, dict):
                party.pop("pin", None)
    return kept
