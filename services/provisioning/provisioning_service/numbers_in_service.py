"""SQL that lists the numbers that services have."""

from typing import Any

from patchbay_chassis.database import Connection
from patchbay_contracts.numbers_in_service import NumberInService, NumbersInService, NumbersQuery
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
