"""What a client or an operator changes of a service order that is there: its attributes, and its states where somebody
carries it out by hand. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from gateway_service.tmf.errors import bad, refused
from gateway_service.tmf.kept import item as item_kept
from gateway_service.tmf.kept import without_secrets
from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import FINAL, NEXT, STATES, State, may_follow
from gateway_service.tmf.sent import ITEMS, About, Item, items_of, plain, read

PATCHABLE = {
    "description",
    "expectedCompletionDate",
    "externalId",
    "notificationContact",
    "priority",
    "requestedCompletionDate",
    "requestedStartDate",
    "externalReference",
    "note",
    "orderRelationship",
    "relatedParty",
}
"""What the standard lets be changed, beside states and items."""
FIXED = {
    "id",
    "href",
    "category",
    "orderDate",
    "startDate",
    "completionDate",
    "cancellationDate",
    "cancellationReason",
    "errorMessage",
    "milestone",
    "jeopardyAlert",
    "@type",
    "@baseType",
    "@schemaLocation",
}
"""What it does not. All else is the client's own."""


class Mover(NamedTuple):
    """Who moves an order on, when, and why."""

    by: str
    at: datetime
    why: str = ""


def patched(order: Stored, shown: Mapping[str, Any], given: Mapping[str, Any], who: Mover) -> Stored:
    """The order after a merge patch. Raises Problem 400 and 422."""
    read(About, given)
    for name in FIXED & given.keys():
        if given[name] != shown.get(name):
            remedy = f"leave it out; change any of {', '.join(sorted(PATCHABLE))}"
            raise refused(f"/{name}", "this cannot be changed", remedy)
    own = {name: value for name, value in given.items() if name not in FIXED and name not in ("state", *ITEMS)}
    sent = plain(merged(order.sent, without_secrets(own)), About)
    _same_customer(order, sent)
    order = order._replace(sent=sent)
    for name in ITEMS:
        if name in given:
            order = _with_items(order, given[name], name, who)
    if "state" in given:
        order = moved(order, shown["state"], given["state"], who)
    return order._replace(sent=without_secrets(order.sent))


def merged(was: Any, given: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(given, Mapping):
        return given
    kept = dict(was) if isinstance(was, Mapping) else {}
    for name, value in given.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


def _same_customer(order: Stored, sent: Mapping[str, Any]) -> None:
    """Patchbay carries an order out for the customer that it was placed for."""
    if order.orders() and _customers(order.sent) != _customers(sent):
        message = "the customer cannot be changed: the order is carried out"
        raise refused("/relatedParty", message, "leave the customer as it is, and order anew for another")


def _customers(sent: Mapping[str, Any]) -> list[Any]:
    parties = sent.get("relatedParty", [])
    return [(one.get("id"), one.get("email")) for one in parties if str(one.get("role", "")).lower() == "customer"]


def _with_items(order: Stored, given: Any, name: str, who: Mover) -> Stored:
    there = {str(item["id"]): at for at, item in enumerate(items_of(order.sent))}
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise bad(f"/{name}", "not a list of items", "give a list of objects with their ids")
    for place, one in enumerate(given):
        at = there.get(str(one.get("id")))
        if at is None:
            raise refused(f"/{name}/{place}/id", "the order has no such item", "take its id from the order")
        order = _with_item(order, at, one, f"/{name}/{place}", who)
    return order


def _with_item(order: Stored, at: int, given: Mapping[str, Any], where: str, who: Mover) -> Stored:
    became, sent = order.items[at], items_of(order.sent)[at]
    after = merged(sent, {name: value for name, value in given.items() if name not in ("id", "state")})
    if after != sent:
        if became.get("state") in (None, *FINAL):
            raise refused(where, "the item is carried out as it was ordered", "change its service by another order")
        if after.get("action") != sent["action"] or not isinstance(after.get("service"), dict):
            raise refused(where, "an item stays what it was", "change its service's attributes alone")
        read(Item, after, where)
        order = _replaced(order, at, sent=item_kept(after))
    if "state" in given and given["state"] is not None:
        if "state" not in became:
            raise refused(f"{where}/state", "Patchbay carries this item out by itself", "follow its state")
        order = _replaced(order, at, became=_moved_item(became, given["state"], f"{where}/state", who))
    return _dated(order, who)


def _replaced(
    order: Stored, at: int, *, sent: Mapping[str, Any] | None = None, became: dict[str, Any] | None = None
) -> Stored:
    if sent is not None:
        name = next(one for one in ITEMS if one in order.sent)
        items = [sent if place == at else one for place, one in enumerate(order.sent[name])]
        order = order._replace(sent=order.sent | {name: items})
    if became is not None:
        order = order._replace(items=[became if place == at else one for place, one in enumerate(order.items)])
    return order


def moved(order: Stored, now: State, then: Any, who: Mover, where: str = "/state") -> Stored:
    """The order with all that is done by hand brought into a state. Raises Problem 422 where the standard knows no way
    there."""
    if then == now:
        return order
    open_ = [at for at, item in enumerate(order.items) if "state" in item and item["state"] not in FINAL]
    if not open_:
        by_itself = any("order" in item for item in order.items) and now not in FINAL
        message = "Patchbay carries the order out by itself" if by_itself else f"the order is {now}, and stays so"
        raise refused(where, message, "follow its state, or cancel it" if by_itself else "place another order")
    for at in open_:
        order = _replaced(order, at, became=_moved_item(order.items[at], then, where, who))
    return _dated(order, who)


def _moved_item(item: dict[str, Any], then: Any, where: str, who: Mover) -> dict[str, Any]:
    now = cast(State, item["state"])
    if then not in STATES or not may_follow(now, then):
        after: Sequence[str] = NEXT.get(now, ())
        remedy = f"after {now} comes {' or '.join(after)}" if after else f"what is {now} stays so"
        raise refused(where, f"no order goes from {now} to {str(then)[:40]!r}", remedy)
    if then == now:
        return item
    told = {"by": who.by, "at": who.at.isoformat()} | ({"why": who.why} if who.why else {})
    return {key: value for key, value in item.items() if key not in ("by", "at", "why")} | {"state": then} | told


def _dated(order: Stored, who: Mover) -> Stored:
    """When it was begun, and when it ended."""
    states = [item["state"] for item in order.items if "state" in item]
    begun = order.started_at or (who.at if any(state not in ("acknowledged", "rejected") for state in states) else None)
    ended = order.ended_at or who.at if states and all(state in FINAL for state in states) else None
    return order._replace(started_at=begun, ended_at=ended)


def waits(order: Stored) -> bool:
    """Whether somebody has something to do for it."""
    return any("state" in item and item["state"] not in FINAL for item in order.items)
