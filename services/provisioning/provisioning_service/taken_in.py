"""Services that exist elsewhere: provisioning keeps record of them, and does nothing about them on the network."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection, affected
from patchbay_chassis.problems import Problem
from patchbay_contracts.services import Service, Services, ServicesQuery
from patchbay_contracts.taken_in import (
    ChangeRecord,
    Done,
    ForgetService,
    NumberInService,
    NumberPart,
    NumbersInPart,
    ServicePart,
    ServicesInPart,
    TakeInService,
)
from patchbay_contracts.words import Settings
from provisioning_service import finding_services

PRICE_LIST = "elsewhere"
"""Stands where other services have their price list: nobody is charged for them here."""

# No `verb`: nothing is ever to be done on the network. It is its own order, as no order made it.
_TAKE_IN = """
    INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers,
                         settings, state, taken_in)
    VALUES ($1, $1, 0, 1, $2, $3, $4, $5, $6::bigint[], $7, $8, true) ON CONFLICT (id) DO NOTHING"""
_LOCK = "SELECT * FROM service WHERE id = $1 AND reseller = $2 FOR UPDATE"
_CHANGE = """
    UPDATE service
    SET customer_id = $3, state = $4, numbers = $5::bigint[], settings = $6, version = version + 1
    WHERE id = $1 AND reseller = $2"""
_FORGET = "DELETE FROM service WHERE id = $1 AND reseller = $2 AND taken_in"
_NUMBERS = """
    INSERT INTO service_number (reseller, e164, service_id) SELECT $1, unnest($2::bigint[]), $3
    ON CONFLICT DO NOTHING"""
_NO_NUMBERS = "DELETE FROM service_number WHERE reseller = $1 AND e164 = ANY($2::bigint[]) AND service_id = $3"
_CONDITIONS = """
    service.reseller = $1 AND state <> 'planned' AND ($2::uuid[] IS NULL OR service.id = ANY($2))
    AND ($3::uuid IS NULL OR customer_id = $3) AND ($4::text IS NULL OR service_type = $4)
    AND ($5::text[] IS NULL OR state = ANY($5))
    AND ($6::bigint IS NULL OR service.id IN (
        SELECT service_id FROM service_number WHERE service_number.reseller = $1 AND e164 = $6)
        AND $6 = ANY(service.numbers))"""
_COUNT = f"SELECT count(*) FROM service WHERE {_CONDITIONS}"  # noqa: S608 - ours
_PART = f"""
    SELECT service.*, c.verb AS change_verb, c.tries AS change_tries, c.reply
    FROM service LEFT JOIN service_change c ON c.order_id = service.changing
    WHERE {_CONDITIONS} ORDER BY service.created_at DESC, service.id DESC OFFSET $7 LIMIT $8"""  # noqa: S608 - ours
_IN_SERVICE = "reseller = $1 AND state <> 'planned' AND state IN ('active', 'suspended') AND NOT taken_in"
_COUNT_NUMBERS = f"SELECT coalesce(sum(cardinality(numbers)), 0) FROM service WHERE {_IN_SERVICE}"  # noqa: S608
_NUMBERS_IN_SERVICE = f"""
    SELECT n.e164, id AS service_id, state AS service_state, created_at AS since
    FROM service CROSS JOIN unnest(numbers) AS n(e164) WHERE {_IN_SERVICE}
    ORDER BY created_at DESC, id DESC, n.e164 OFFSET $2 LIMIT $3"""  # noqa: S608 - ours


async def take_in(db: Connection, asked: TakeInService) -> Service:
    """Keep record of it. Raises Problem 409 if the id is another's."""
    numbers = sorted(set(asked.numbers))
    made = await db.execute(
        _TAKE_IN,
        asked.id,
        asked.reseller,
        asked.customer_id,
        asked.service_type,
        PRICE_LIST,
        numbers,
        _settings(asked.settings),
        asked.state,
    )
    if affected(made) == 1:
        await db.execute(_NUMBERS, asked.reseller, numbers, asked.id)
    else:
        await _locked(db, asked.id, asked.reseller)
    return await _shown(db, asked.id, asked.reseller)


async def change(db: Connection, asked: ChangeRecord) -> Service:
    """How it is now. Raises Problem 422."""
    row = await _locked(db, asked.id, asked.reseller)
    numbers = sorted(row.numbers if asked.numbers is None else set(asked.numbers))
    await db.execute(
        _CHANGE,
        asked.id,
        asked.reseller,
        asked.customer_id or row.customer_id,
        asked.state or row.state,
        numbers,
        row.settings if asked.settings is None else _settings(asked.settings),
    )
    await db.execute(_NO_NUMBERS, asked.reseller, sorted(set(row.numbers) - set(numbers)), asked.id)
    await db.execute(_NUMBERS, asked.reseller, numbers, asked.id)
    return await _shown(db, asked.id, asked.reseller)


async def forget(db: Connection, asked: ForgetService) -> Done:
    """It is gone. Raises Problem 409 while it is active, and 422."""
    row = await _locked(db, asked.id, asked.reseller)
    if row.state == "active":
        raise Problem(409, "The service is active", "Record first that it ended, or that it rests.")
    await db.execute(_NO_NUMBERS, asked.reseller, list(row.numbers), asked.id)
    await db.execute(_FORGET, asked.id, asked.reseller)
    return Done()


async def part(db: Connection, asked: ServicePart) -> ServicesInPart:
    """Some services of a reseller, and how many there are like that."""
    wanted = (
        asked.reseller,
        None if asked.ids is None else list(asked.ids),
        asked.customer_id,
        asked.service_type,
        None if asked.states is None else list(asked.states),
        asked.number,
    )
    total = int(await db.fetchval(_COUNT, *wanted))
    rows = await db.fetch(_PART, *wanted, asked.offset, asked.count) if asked.count else ()
    today = datetime.now(UTC).date()
    return ServicesInPart(services=tuple(finding_services.service(row, today) for row in rows), total=total)


async def numbers(db: Connection, asked: NumberPart) -> NumbersInPart:
    """Some numbers in a reseller's services, and how many there are."""
    total = int(await db.fetchval(_COUNT_NUMBERS, asked.reseller))
    rows = await db.fetch(_NUMBERS_IN_SERVICE, asked.reseller, asked.offset, asked.count) if asked.count else ()
    return NumbersInPart(numbers=tuple(NumberInService.model_validate(dict(row)) for row in rows), total=total)


async def _locked(db: Connection, id_: UUID, reseller: str) -> Any:
    """The row of a service that was taken in. Raises Problem 422 for any other."""
    row = await db.fetchrow(_LOCK, id_, reseller)
    if row is not None and row.taken_in:
        return row
    message = "you have no such service" if row is None else "Patchbay carries this service out itself"
    remedy = "take its id from the list of services" if row is None else "order a change of it"
    fault = {"pointer": "/id", "message": message, "remedy": remedy}
    raise Problem(422, "The record cannot be changed", errors=[fault])


async def _shown(db: Connection, id_: UUID, reseller: str) -> Service:
    found: Services = await finding_services.shown(db, ServicesQuery(resellers=(reseller,), ids=(id_,)))
    return found.services[0]


def _settings(settings: Settings) -> str:
    return orjson.dumps({"settings": settings, "settings_by_number": {}}).decode()
