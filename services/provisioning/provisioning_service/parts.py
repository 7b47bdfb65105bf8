"""SQL of lists with places and totals: services, and the numbers in them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from patchbay_chassis.database import Connection
from patchbay_contracts.taken_in import NumberInService, NumberPart, NumbersInPart, ServicePart, ServicesInPart
from provisioning_service import finding_services

# Those that are wanted anyhow are found by themselves, so that each half has the index that it needs.
_FOUND = "SELECT service.id, created_at FROM service WHERE {where}"
_COUNT = "SELECT count(*) FROM ({found}) AS found"
_PART = """
    SELECT service.*, c.verb AS change_verb, c.tries AS change_tries, c.reply
    FROM ({found} ORDER BY created_at DESC, id DESC OFFSET {offset} LIMIT {limit}) AS found
    JOIN service ON service.id = found.id LEFT JOIN service_change c ON c.order_id = service.changing
    ORDER BY service.created_at DESC, service.id DESC"""
_NUMBERS = """
    SELECT n.e164, id AS service_id, state AS service_state, created_at AS since
    FROM service CROSS JOIN unnest(numbers) AS n(e164) WHERE {where}"""
_NUMBERS_IN_PART = "{found} ORDER BY since DESC, service_id DESC, e164 OFFSET {offset} LIMIT {limit}"
_HERE = "service.reseller = $1 AND state <> 'planned'"
_IN_SERVICE = f"{_HERE} AND state IN ('active', 'suspended') AND NOT taken_in"
_WITH_ONE_OF = """service.id IN (
    SELECT service_id FROM service_number WHERE service_number.reseller = $1 AND e164 = ANY(${}::bigint[]))"""
Condition = tuple[str, Any]


async def services(db: Connection, asked: ServicePart) -> ServicesInPart:
    """Some services of a reseller, and how many there are like that."""
    of = [
        ("service.id = ANY(${}::uuid[])", asked.ids),
        ("customer_id = ANY(${}::uuid[])", asked.customer_ids),
        ("service.order_id = ANY(${}::uuid[]) AND NOT taken_in", asked.order_ids),
        ("service_type = ANY(${}::text[])", asked.service_types),
        (_WITH_ONE_OF, asked.numbers),
        ("service.numbers && ${}::bigint[]", asked.numbers),
        *_how(asked),
    ]
    id_ = "service.id", "uuid"
    found, values = _found(_FOUND, _HERE, asked, of, id_)
    total = int(await db.fetchval(_COUNT.format(found=found), *values))
    today = datetime.now(UTC).date()
    rows = await _part(db, _PART, found, values, asked)
    return ServicesInPart(services=tuple(finding_services.service(row, today) for row in rows), total=total)


async def numbers(db: Connection, asked: NumberPart) -> NumbersInPart:
    """Some numbers in a reseller's services, and how many there are like that."""
    of = [
        ("service.id = ANY(${}::uuid[])", asked.service_ids),
        (_WITH_ONE_OF, asked.numbers),
        ("n.e164 = ANY(${}::bigint[])", asked.numbers),
        *_how(asked),
    ]
    found, values = _found(_NUMBERS, _IN_SERVICE, asked, of, ("n.e164", "bigint"))
    total = int(await db.fetchval(_COUNT.format(found=found), *values))
    rows = await _part(db, _NUMBERS_IN_PART, found, values, asked)
    return NumbersInPart(numbers=tuple(NumberInService.model_validate(dict(row)) for row in rows), total=total)


def _how(asked: ServicePart | NumberPart) -> Sequence[Condition]:
    return (
        ("state = ANY(${}::text[])", asked.states),
        ("created_at >= ${}", asked.created_from),
        ("created_at < ${}", asked.created_before),
    )


def _found(
    statement: str, here: str, asked: ServicePart | NumberPart, of: Sequence[Condition], what: tuple[str, str]
) -> tuple[str, list[Any]]:
    """What finds them, and its values. `what` one is known by, and its type."""
    values: list[Any] = [asked.reseller]
    conditions = [here]
    known_by, kind = what
    left_out = [*asked.but_not, *asked.also]
    for condition, value in (*of, (f"{known_by} NOT IN (SELECT unnest(${{}}::{kind}[]))", left_out or None)):
        if value == ():
            conditions.append("false")
        elif value is not None:
            values.append(list(value) if isinstance(value, tuple) else value)
            conditions.append(condition.format(len(values)))
    found = statement.format(where=" AND ".join(conditions))
    if asked.also:
        values.append(list(asked.also))
        also = f"{here} AND {known_by} IN (SELECT unnest(${len(values)}::{kind}[]))"
        found += " UNION ALL " + statement.format(where=also)
    return found, values


async def _part(
    db: Connection, statement: str, found: str, values: Sequence[Any], asked: ServicePart | NumberPart
) -> Sequence[Any]:
    if not asked.count:
        return ()
    places = {"offset": f"${len(values) + 1}", "limit": f"${len(values) + 2}"}
    return await db.fetch(statement.format(found=found, **places), *values, asked.offset, asked.count)
