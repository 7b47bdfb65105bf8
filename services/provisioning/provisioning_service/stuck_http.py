"""Stuck orders, as the gateway asks about them for whoever runs Patchbay: it says who decides what."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies, mending
from patchbay_chassis.mending import Mend, NotStuck, Way
from patchbay_chassis.problems import Problem
from patchbay_chassis.saga_stored import from_store
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turn
from patchbay_contracts.operations import Mended, MendOrder, StuckOrder, StuckOrders, StuckQuery, WaitingStep
from provisioning_service.handlers import walker

_FIRST = UUID(int=0)


def routes(running: Running) -> APIRouter:
    """Everything under /sagas."""
    api = APIRouter(prefix="/sagas")

    @api.post("/stuck")
    async def stuck(request: Request) -> Response:
        asked = await bodies.read(request, StuckQuery)
        async with running.database.connection() as db:
            rows = await mending.stuck(db, asked.after or _FIRST, asked.most + 1)
            done = await mending.history(db, [row.id for row in rows])
        shown = tuple(_shown(row, [one for one in done if one.mend.saga == row.id]) for row in rows[: asked.most])
        more = shown[-1].order_id if len(rows) > asked.most else None
        return bodies.said(StuckOrders(orders=shown, next=more))

    @api.post("/{order}/{way}")
    async def mend(request: Request, order: UUID, way: Way) -> Response:
        asked = await bodies.read(request, MendOrder)
        wanted = Mend(asked.id, order, way, asked.by, asked.reason)

        async def work(turn: Turn) -> mending.Mended:
            done, said = await mending.mend(walker, wanted, turn.db)
            turn.say(*said)
            return done

        try:
            return bodies.said(_told(await running.turns.carry_out(work)))
        except NotStuck as error:
            raise _not_stuck(order, error.status) from None

    return api


def _told(done: mending.Mended) -> Mended:
    named = {"order_id": done.mend.saga, "reseller": done.reseller, "steps": done.steps, "at": done.at}
    return Mended(id=done.mend.id, way=done.mend.way, by=done.mend.by, reason=done.mend.reason, **named)


_KINDS = {"back_order": "order"}
"""What is called otherwise outside."""


def _shown(row: Any, done: list[mending.Mended]) -> StuckOrder:
    state = from_store(row.state, "", "")
    waits = tuple(WaitingStep(step=name, tries=state.steps[name].tries) for name in mending.waiting(state))
    step, reason, detail = state.failure or ("", "", "")
    return StuckOrder(
        order_id=row.id, reseller=row.reseller, kind=_KINDS.get(row.name, row.name),
        begun_at=row.begun_at, moved_at=row.moved_at,
        waits_for=waits, failed_step=step, reason=reason, detail=detail, mended=tuple(map(_told, done)),
    )  # fmt: skip


def _not_stuck(order: UUID, status: str | None) -> Problem:
    if status is None:
        fault = {"pointer": "", "message": f"there is no order {order}", "remedy": "see the list of stuck orders"}
        return Problem(404, "No such order", "Nothing was done.", [fault], code="no_such_order")
    detail = f"The order is {status}, or the id of this decision was used for another one. Nothing was done."
    return Problem(409, "The order is not stuck", detail, code="order_not_stuck")
