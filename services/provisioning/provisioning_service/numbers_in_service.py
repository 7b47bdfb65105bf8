"""SQL that lists the numbers that services have, and finds orders by them."""

from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_contracts.numbers_in_service import (
    NumberInService,
    NumbersInService,
    NumbersQuery,
    OrdersFound,
    OrdersQuery,
)
from provisioning_service.finding_services import ranges

# A number with a prefix has 7 to 15 digits: a range for each length, and each reads no more of the index than a page.
_PAGE = """
    SELECT s.* FROM unnest($1::text[]) AS r(reseller)
    CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS p(low, high) CROSS JOIN LATERAL (
        SELECT n.e164, n.service_id, service.customer_id, n.reseller, service.service_type, service.state
        FROM service_number n JOIN service ON service.id = n.service_id
        WHERE n.reseller = r.reseller AND n.e164 BETWEEN p.low AND p.high AND n.e164 > $4
          AND state IN ('active', 'suspended') AND n.e164 = ANY(service.numbers)
        ORDER BY n.e164 LIMIT $5) s
    ORDER BY s.e164 LIMIT $5"""
# Those of a service or a customer are in its rows: they are fewer than all that begin so.
_OF_SOME = """
    SELECT n.e164, service.id AS service_id, customer_id, reseller, service_type, state
    FROM service CROSS JOIN unnest(numbers) AS n(e164)
    WHERE reseller = ANY($1::text[]) AND state <> 'planned' AND state IN ('active', 'suspended') AND n.e164 > $4
      AND EXISTS (
          SELECT FROM unnest($2::bigint[], $3::bigint[]) AS p(low, high) WHERE n.e164 BETWEEN p.low AND p.high)
      {conditions}
    ORDER BY n.e164 LIMIT $5"""
_HAVING = """
    SELECT n.service_id FROM unnest($1::text[]) AS r(reseller)
    CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS p(low, high) CROSS JOIN LATERAL (
        SELECT service_id FROM service_number
        WHERE reseller = r.reseller AND e164 BETWEEN p.low AND p.high LIMIT $4) AS n
    LIMIT $4"""
_ORDERS = """
    SELECT DISTINCT order_id FROM service
    WHERE reseller = ANY($1::text[]) AND state <> 'planned' AND order_id < $4 {among}
      AND EXISTS (
          SELECT FROM unnest(numbers) AS n(e164) JOIN unnest($2::bigint[], $3::bigint[]) AS p(low, high)
          ON n.e164 BETWEEN p.low AND p.high)
    ORDER BY order_id DESC LIMIT $5"""
SORTED = 5_000
"""Of so many numbers at the most the orders are put in order. Where there are more, orders are looked through from the
newest on: many of them have one."""


async def page(db: Connection, query: NumbersQuery) -> NumbersInService:
    """The numbers that are asked for."""
    low, high = ([0], [10**15]) if query.number is None else ranges(query.number)
    values: list[Any] = [list(query.resellers), low, high, query.after or 0, query.count + 1]
    conditions = ""
    for condition, value in (("service.id = ${}", query.service_id), ("customer_id = ${}", query.customer_id)):
        if value is not None:
            values.append(value)
            conditions += f" AND {condition.format(len(values))}"
    rows = await db.fetch(_OF_SOME.format(conditions=conditions) if conditions else _PAGE, *values)
    numbers = tuple(NumberInService.model_validate(dict(row)) for row in rows[: query.count])
    return NumbersInService(numbers=numbers, more=len(rows) > query.count)


async def orders(db: Connection, query: OrdersQuery) -> OrdersFound:
    """The orders that are asked for."""
    low, high = ranges(query.number)
    having = [id_ for (id_,) in await db.fetch(_HAVING, list(query.resellers), low, high, SORTED + 1)]
    before = query.before or UUID(int=2**128 - 1)
    values: list[Any] = [list(query.resellers), low, high, before, query.count + 1]
    is_few = len(having) <= SORTED
    statement = _ORDERS.format(among="AND id = ANY($6::uuid[])" if is_few else "")
    rows = await db.fetch(statement, *values, *([having] if is_few else []))
    return OrdersFound(ids=tuple(id_ for (id_,) in rows[: query.count]), more=len(rows) > query.count)
