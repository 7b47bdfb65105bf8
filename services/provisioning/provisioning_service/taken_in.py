"""Services that exist elsewhere: provisioning keeps record of them, and does nothing about them on the network."""

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
