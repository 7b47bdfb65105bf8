"""The books of changed services: their numbers and their charges are what the orders that changed them say."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

from bench.tables import Books, Order, Row


def numbers_that_left(books: Books) -> dict[int, UUID]:
    """Numbers that completed changes took from their services, with one such change."""
    done = (change for change in books.changes.values() if change.state == "completed")
    return {int(n): change.id for change in done for n in change.event["change"].get("removed", ())}


def changes(books: Books) -> Iterator[str]:
    """A service has what its completed changes made of it, is charged for that, and nothing of those that failed."""
    by_service = defaultdict[UUID, list[Order]](list)
    for change in books.changes.values():
        by_service[UUID(change.document["service_id"])].append(change)
        if change.state == "failed":
            yield from _left_behind(books, change)
    for of_order in books.services.values():
        for service in of_order:
            if made := by_service.get(service["id"]):
                yield from _as_changed(books, service, made)


def _left_behind(books: Books, change: Order) -> Iterator[str]:
    if any(row["state"] != "void" for row in books.charges.get(change.id, ())):
        yield f"change {change.id} failed, but it is charged for"
    for row in books.numbers.get(change.id, ()):
        if row["state"] in ("held", "assigned"):
            yield f"change {change.id} failed, but keeps +{row['e164']} ({row['state']})"


def _as_changed(books: Books, service: Row, made: list[Order]) -> Iterator[str]:
    done = [change for change in made if change.state == "completed"]
    if service["version"] != 1 + len(done):
        yield f"service {service['id']} has version {service['version']} after {len(done)} changes"
    if service["changing"] is not None and all(change.state in ("completed", "failed") for change in made):
        yield f"service {service['id']} is still claimed by change {service['changing']}"
    ended = service["state"] == "ended"
    has = set() if ended else set(service["has"])
    orders = {service["order_id"], *(change.id for change in done)}
    assigned = {r["e164"] for id_ in orders for r in books.numbers.get(id_, ()) if r["state"] == "assigned"}
    for number in has - assigned:
        yield f"service {service['id']} has +{number}, which is not assigned to it"
    added = {int(n) for change in done for n in change.event["change"].get("added", ())}
    for number in (assigned & (set(service["numbers"]) | added)) - has:
        yield f"service {service['id']} let +{number} go, which is still assigned to it"
    services, numbers = _charged(books, service, done)
    if services != (not ended):
        yield f"service {service['id']} is {service['state']}, and is charged {services} times"
    if numbers != Counter(has):
        yield f"service {service['id']} has {len(has)} numbers and is charged for {numbers.total()}"


def _charged(books: Books, service: Row, done: list[Order]) -> tuple[int, Counter[int]]:
    """How often the service is charged at last, and each of its numbers."""
    services, numbers = 1, Counter[int]()
    for row in books.charges.get(service["order_id"], ()):
        if row["line"] == service["line"] and row["state"] == "active":
            numbers.update(n for n in row["numbers"] if n in service["numbers"])
    for change in done:
        for row in books.charges.get(change.id, ()):
            if row["state"] != "active":
                continue
            services += 0 if row["grade"] else row["quantity"]
            numbers.update(dict.fromkeys(row["numbers"], 1 if row["quantity"] > 0 else -1))
    return services, Counter({number: many for number, many in numbers.items() if many})
