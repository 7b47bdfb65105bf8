"""Customers: searched, read, changed; PINs set and verified; what was done to them."""

from uuid import UUID

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from customer_service import pin_desk, records, searching
from customer_service.model import reference_taken
from patchbay_chassis import bodies
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_chassis.service import Running
from patchbay_contracts.customers import (
    ChangeCustomer,
    CustomerLog,
    CustomerRecord,
    CustomerRecords,
    CustomersGet,
    CustomersQuery,
    LogQuery,
    OneCustomer,
    PinSet,
    PinVerified,
    SetPin,
    VerifyPin,
)

NEWEST = 2**63 - 1


def routes(running: Running) -> APIRouter:
    """Everything under /customers."""
    api = APIRouter(prefix="/customers")

    @api.post("/search")
    async def search(request: Request) -> Response:
        asked = await bodies.read(request, CustomersQuery)
        async with running.database.connection() as db:
            return bodies.said(await searching.customers(db, asked))

    @api.post("/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, CustomersGet)
        async with running.database.connection() as db:
            there = await records.get(db, asked.resellers, asked.ids)
        return bodies.said(CustomerRecords(customers=tuple(there[id_] for id_ in asked.ids if id_ in there)))

    @api.post("/change")
    async def change(request: Request) -> Response:
        asked = await bodies.read(request, ChangeCustomer)
        return bodies.said(await running.turns.carry_out(lambda turn: _changed(turn.db, asked)))

    @api.post("/pin")
    async def set_pin(request: Request) -> Response:
        asked = await bodies.read(request, SetPin)
        return bodies.said(await running.turns.carry_out(lambda turn: _pin_set(turn.db, asked)))

    @api.post("/pin/verify")
    async def verify_pin(request: Request) -> Response:
        asked = await bodies.read(request, VerifyPin)
        return bodies.said(await running.turns.carry_out(lambda turn: _pin_verified(turn.db, asked)))

    @api.post("/log")
    async def log(request: Request) -> Response:
        asked = await bodies.read(request, LogQuery)
        async with running.database.connection() as db:
            found = await records.log(db, asked.resellers, asked.id, _before(asked.after), asked.limit)
        if found is None:
            raise _unknown(asked.id)
        entries, further = found
        return bodies.said(CustomerLog(entries=tuple(entries), next=None if further is None else str(further)))

    return api


async def _changed(db: Connection, asked: ChangeCustomer) -> CustomerRecord:
    old = (await _locked(db, asked)).record
    wanted = (asked.details or old.details, asked.state or old.state)
    if asked.version != old.version and wanted != (old.details, old.state):
        problem = Problem(
            409, "Somebody else changed it", "Look at what it is now, and change that.", code="customer_changed"
        )
        problem.body["current"] = orjson.loads(old.model_dump_json())
        raise problem
    try:
        return await records.change(db, old, asked)
    except records.ReferenceTaken:
        taken = reference_taken(wanted[0].reference)
        fault = {"pointer": "/details/reference", "message": taken.message, "remedy": taken.remedy}
        raise Problem(422, "The reference is taken", errors=[fault], code="reference_taken") from None


async def _pin_set(db: Connection, asked: SetPin) -> PinSet:
    return await pin_desk.put(db, await _locked(db, asked), asked)


async def _pin_verified(db: Connection, asked: VerifyPin) -> PinVerified:
    return await pin_desk.verify(db, await _locked(db, asked), asked)


async def _locked(db: Connection, asked: OneCustomer) -> records.Known:
    known = await records.locked(db, asked.resellers, asked.id)
    if known is None:
        raise _unknown(asked.id)
    return known


def _before(cursor: str | None) -> int:
    if cursor is None:
        return NEWEST
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) <= NEWEST):
        raise invalid_at("/after", "this is no cursor of ours", "give next as you got it")
    return int(cursor)


def _unknown(id_: UUID) -> Problem:
    fault = {"pointer": "/id", "message": f"you have no customer {id_}", "remedy": "name one of yours"}
    return Problem(422, "There is no such customer", errors=[fault], code="unknown_customer")
