"""What somebody types to find customers, services and orders: numbers in any way of writing them, and customers by what
they are found by. Numbers are never read by a parser of phone numbers: the beginning of one is a number as well."""

import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, StringConstraints, ValidationError

from gateway_service import order_queries
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Database
from patchbay_chassis.problems import invalid_parameter
from patchbay_contracts.customers import MOST_CUSTOMERS, CustomersFound, CustomersQuery
from patchbay_contracts.numbers_in_service import OrdersFound, OrdersQuery
from patchbay_contracts.services import MOST_LISTED, ServicePage, ServiceQuery
from patchbay_contracts.words import undressed

HOME = "44"
"""The calling code of a number that is written as it is dialled at home."""
_BEGINNING = re.compile(r"\+[1-9][0-9]{0,14}")
_LOOKS_LIKE_ONE = re.compile(r"[+0-9 ()/.-]*[0-9][+0-9 ()/.-]{3,}")


def beginning_in(text: str) -> str | None:
    """A number with its calling code, or how one begins, however it is written: +44 (0)121 737, 0121-737, 0044121737
    or 44121737. None for what is none."""
    digits = undressed(text)
    at_home = digits.startswith("0") and not digits.startswith("00")
    number = f"+{HOME}{digits[1:]}" if at_home else f"+{digits.removeprefix('+')}"
    return number if _BEGINNING.fullmatch(number) else None


def number_in(text: str) -> str | None:
    """The same of a text that may be something else: then it has four characters of a number at the least."""
    return beginning_in(text) if _LOOKS_LIKE_ONE.fullmatch(text.strip()) else None


def id_in(text: str) -> UUID | None:
    """An id, if the text is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def customers(upstream: Upstream, resellers: Sequence[str], text: str) -> tuple[UUID, ...]:
    """Who is found by that: words of the name, an e-mail address, a reference, or an id. Raises Problem 422 if they are
    too many to look on for what they have."""
    if (id_ := id_in(text)) is not None:
        return (id_,)
    try:
        query = CustomersQuery(resellers=tuple(resellers), text=text, limit=MOST_CUSTOMERS)
    except ValidationError:
        return ()
    found = CustomersFound.model_validate_json(await upstream.ask("customer", "/customers/search", query))
    if found.next is not None:
        raise invalid_parameter("customer", f"more than {MOST_CUSTOMERS} customers are like that", "type more of it")
    return tuple(one.id for one in found.customers)


class OrdersOfNumber:
    """The orders of a reseller that have such a number, piece by piece from the newest on, however many they are: those
    that created services with one, and those that are under way or failed with one."""

    def __init__(self, upstream: Upstream, database: Database, reseller: str, number: str) -> None:
        self._upstream, self._database, self._reseller, self._number = upstream, database, reseller, number
        self._unmade: tuple[UUID, ...] | None = None

    async def before(self, order: UUID) -> tuple[tuple[UUID, ...], UUID | None]:
        """Of a thousand that are older, their ids; and the oldest that was looked at, if there are more behind it."""
        query = OrdersQuery(resellers=(self._reseller,), number=self._number, before=order)
        found = OrdersFound.model_validate_json(await self._upstream.ask("provisioning", "/orders/by-number", query))
        end = found.ids[-1] if found.more else None
        if self._unmade is None:
            async with self._database.connection() as db:
                most = 2 * order_queries.LOOKED_THROUGH
                self._unmade = await order_queries.of_number(db, (self._reseller,), self._number, most)
        unmade = (id_ for id_ in self._unmade if id_ < order and (end is None or id_ >= end))
        return tuple(dict.fromkeys((*found.ids, *unmade))), end


async def orders_of_number(
    upstream: Upstream, database: Database, resellers: Sequence[str], number: str, customer_id: UUID | None = None
) -> tuple[UUID, ...]:
    """The orders that created the services that have such a number, and those that are under way or failed with one.
    Raises Problem 422 if they are too many."""
    query = ServiceQuery(resellers=tuple(resellers), customer_id=customer_id, number=number, count=MOST_LISTED)
    found = ServicePage.model_validate_json(await upstream.ask("provisioning", "/services/search", query))
    if found.next is not None:
        raise invalid_parameter("number", f"more than {MOST_LISTED} services have such a number", "type more of it")
    async with database.connection() as db:
        unmade = await order_queries.of_number(db, resellers, number, MOST_LISTED)
    return tuple(dict.fromkeys((*(one.order_id for one in found.services), *unmade)))


def _number(given: str) -> str:
    if (found := beginning_in(given)) is None:
        raise ValueError("this is no number, nor how one begins: write it as +44121 or 0121")
    return found


Number = Annotated[
    Annotated[str, AfterValidator(_number)] | None,
    Query(description="a number, or how it begins: with its calling code, or as it is dialled at home"),
]
Customer = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None,
    Query(description="words of a customer's name, its e-mail address, your reference of it, or its id"),
]
