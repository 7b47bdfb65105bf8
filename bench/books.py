"""The books of all six services side by side: what must agree once every order has ended, whatever died meanwhile."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID, uuid5

import orjson

from bench.changed import changes, numbers_that_left
from bench.tables import Books, Order, read, still_open, wanted

PAUSE = 0.2
"""Seconds between two looks."""


async def discrepancies(databases: Mapping[str, str]) -> list[str]:
    """What does not agree, in sentences; nothing when the books balance. `databases`: URL by service."""
    books = await read(databases)
    return [sentence for check in CHECKS for sentence in check(books)]


async def settled(databases: Mapping[str, str], within: float) -> list[str]:
    """Wait until no order is open and the books balance; what does not agree when `within` seconds are over.

    The end of an order is heard of by the services one after the other, and marks in journals follow a little
    later: so the books are looked at until they balance.
    """
    until = time.monotonic() + within
    while time.monotonic() < until and await still_open(databases):  # noqa: ASYNC110 - other processes end them
        await asyncio.sleep(PAUSE)
    while (found := await discrepancies(databases)) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(PAUSE)
    return found


def _all(books: Books) -> dict[UUID, Order]:
    """What makes services, and what changes them."""
    return {**books.orders, **books.changes}


def _ended(books: Books, state: str) -> Iterator[Order]:
    return (order for order in books.orders.values() if order.state == state)


def ends(books: Books) -> Iterator[str]:
    """Every accepted order has ended, once, and its saga with it and the same way."""
    for order in _all(books).values():
        saga = books.sagas.get(order.id)
        if order.state not in ("completed", "failed"):
            yield f"order {order.id} was accepted and has not ended: it is {order.state}"
        if saga is None:
            yield f"order {order.id} was accepted and has no saga"
        elif saga["status"] != order.state:
            yield f"order {order.id} is {order.state}, but its saga is {saga['status']}"


def strangers(books: Books) -> Iterator[str]:
    """Nothing belongs to an order that nobody accepted, or to another reseller than its order does."""
    everything, sagas = _all(books), {order_id: [saga] for order_id, saga in books.sagas.items()}
    kept = {"saga": sagas} | {name: getattr(books, f"{name}s") for name in ("service", "number", "charge", "mail")}
    for what, rows_of in (kept | {"customer": books.customers}).items():
        for order_id, rows in rows_of.items():
            if (order := everything.get(order_id)) is None:
                yield f"there is a {what} of order {order_id}, which was never accepted"
            elif any(row["reseller"] != order.reseller for row in rows):
                yield f"order {order_id} is {order.reseller}'s, but one {what} of it is not"


def customers(books: Books) -> Iterator[str]:
    """A completed order has its customer; a failed one leaves none behind that it created."""
    for order in _ended(books, "completed"):
        asked = order.document["customer"]
        customer = uuid5(order.id, "customer") if order.creates_customer else UUID(asked["id"])
        if order.event["customer_id"] != str(customer):
            yield f"order {order.id} completed for customer {order.event['customer_id']} instead of {customer}"
        if books.states.get(customer) not in ("active", *(() if order.creates_customer else ("blocked",))):
            yield f"order {order.id} completed, but customer {customer} is {books.states.get(customer, 'not there')}"
        if len(books.customers.get(order.id, ())) != order.creates_customer:
            yield f"order {order.id} made {len(books.customers.get(order.id, ()))} customers"
    for order in _ended(books, "failed"):
        if any(row["state"] != "withdrawn" for row in books.customers.get(order.id, ())):
            yield f"order {order.id} failed, but the customer that it created is still there"


def services(books: Books) -> Iterator[str]:
    """A completed order has exactly the services it asked for, all active; a failed one has none."""
    for order in _ended(books, "completed"):
        told = {UUID(s["id"]): (s["line"], tuple(map(int, s["numbers"]))) for s in order.event["services"]}
        there = books.services.get(order.id, ())
        if {row["id"]: (row["line"], tuple(row["numbers"])) for row in there} != told:
            yield f"order {order.id} completed with {len(told)} services, but others are there: {len(there)}"
        if any((row["state"], row["verb"]) != ("active", None) for row in there if row["version"] == 1):
            yield f"order {order.id} completed, but its services are {_counted(row['state'] for row in there)}"
        if any(str(row["customer_id"]) != order.event["customer_id"] for row in there):
            yield f"order {order.id} completed, but one of its services is another customer's"
        yield from _as_asked(order, told)
    for order in _ended(books, "failed"):
        there = books.services.get(order.id, ())
        if any(row["state"] not in ("withdrawn", "refused") or row["verb"] for row in there):
            yield f"order {order.id} failed, but its services are {_counted(row['state'] for row in there)}"


def _as_asked(order: Order, told: Mapping[UUID, tuple[int, tuple[int, ...]]]) -> Iterator[str]:
    for position, line in enumerate(order.document["lines"]):
        made = [numbers for at, numbers in told.values() if at == position]
        numbers = [number for of_service in made for number in of_service]
        otherwise = order.otherwise(position)
        given = otherwise.get("instead_of", {})
        exact = sorted(int(given.get(number, number)) for number in line["numbers"]["exact"])
        if len(made) != order.services(position):
            yield f"order {order.id}, line {position}: {order.services(position)} services asked, {len(made)} made"
        if otherwise.get("state") == "refused":
            if numbers:
                yield f"order {order.id}, line {position}: it was left out, but has numbers"
        elif len(numbers) != wanted(line["numbers"]) or (exact and sorted(numbers) != exact):
            yield f"order {order.id}, line {position}: its services have other numbers than it asked for"


def numbers(books: Books) -> Iterator[str]:
    """A number in service is assigned to its order and to no other; a failed order keeps none."""
    left = numbers_that_left(books)
    for order in _ended(books, "completed"):
        there = {row["e164"]: row["state"] for row in books.numbers.get(order.id, ())}
        for number in order.numbers.keys() - left.keys():
            if there.get(number) != "assigned":
                yield f"order {order.id} has +{number} in service, but it is {there.get(number, 'not its own')}"
        for number in there.keys() - order.numbers.keys():
            yield f"order {order.id} keeps +{number} ({there[number]}) without a service for it"
    for order in _ended(books, "failed"):
        for row in books.numbers.get(order.id, ()):
            if row["state"] in ("held", "assigned"):
                yield f"order {order.id} failed, but keeps +{row['e164']} ({row['state']})"
    owners = Counter(n for order in _ended(books, "completed") for n in order.numbers if n not in left)
    for number, many in owners.items():
        if many > 1:
            yield f"+{number} is in service for {many} orders"


def charges(books: Books) -> Iterator[str]:
    """A completed order is charged for each of its services and numbers, once; a failed one for nothing."""
    for order in _ended(books, "completed"):
        there = books.charges.get(order.id, ())
        if any(row["state"] != "active" for row in there):
            yield f"order {order.id} completed, but its charges are {_counted(row['state'] for row in there)}"
        if (charged := sorted(number for row in there for number in row["numbers"])) != sorted(order.numbers):
            yield f"order {order.id} has {len(order.numbers)} numbers and is charged for {len(charged)}"
        for line in range(len(order.document["lines"])):
            services = sum(row["quantity"] for row in there if row["line"] == line and not row["grade"])
            if services != order.services(line):
                yield f"order {order.id}, line {line}: {order.services(line)} services, {services} charged"
        if any(row["grade"] and row["quantity"] != len(row["numbers"]) for row in there):
            yield f"order {order.id} is charged for another quantity of numbers than it has"
    for order in _ended(books, "failed"):
        there = books.charges.get(order.id, ())
        if any(row["state"] != "void" for row in there):
            yield f"order {order.id} failed, but its charges are {_counted(row['state'] for row in there)}"


def mails(books: Books) -> Iterator[str]:
    """Everybody whom an order wants told gets one mail: all of them of a completed one, the reseller of a failed."""
    for order in books.orders.values():
        saga = books.sagas.get(order.id)
        if saga is None or order.state not in ("completed", "failed"):
            continue
        organisations = orjson.loads(saga["recipients"] or "[]")
        told = {o["email"].lower() for o in organisations if order.state == "completed" or o["kind"] == "reseller"}
        written = Counter(row["recipient"].lower() for row in books.mails.get(order.id, ()))
        for recipient in told - written.keys():
            yield f"order {order.id} {order.state}, but {recipient} was not told"
        for recipient, many in written.items():
            if many > (recipient in told):
                yield f"order {order.id} {order.state}, and {recipient} was told {many} times"
        if any(row["outcome"] != order.state for row in books.mails.get(order.id, ())):
            yield f"order {order.id} {order.state}, but a mail says otherwise"


def journals(books: Books) -> Iterator[str]:
    """Whatever was said was sent."""
    for service, many in books.unsent.items():
        if many:
            yield f"{many} messages of {service} were said and never sent"


def _counted(states: Iterator[str]) -> str:
    return ", ".join(f"{many} {state}" for state, many in sorted(Counter(states).items())) or "not there"


CHECKS = (ends, strangers, customers, services, numbers, charges, mails, changes, journals)
