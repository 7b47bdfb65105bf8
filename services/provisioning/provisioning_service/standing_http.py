"""How orders stand, as the gateway asks when it makes its read model anew."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.service import Running
from patchbay_contracts.message import OrderMessage
from patchbay_contracts.standing import OrderStanding, OrderStandings, StandingQuery
from patchbay_contracts.v1.orders import Progress
from provisioning_service import order_saga, standing, waiting
from provisioning_service.handlers import walker
from provisioning_service.standing import Stands


def routes(running: Running) -> APIRouter:
    """Everything under /orders."""
    api = APIRouter(prefix="/orders")

    @api.post("/standing")
    async def how_orders_stand(request: Request) -> Response:
        asked = await bodies.read(request, StandingQuery)
        async with running.database.connection() as db:
            # An order that begins in between is found as a saga, so those that wait are looked for first.
            waits = await waiting.among(db, asked.orders)
            begun = await walker.look(asked.orders, db)
        found = {id_: _shown(id_, one.reseller, Stands("waiting", one.accepted_at)) for id_, one in waits.items()}
        found |= {
            id_: _shown(id_, reseller, standing.of(one.saga, one.state), order_saga.all_moves(one.state))
            for id_, (reseller, one) in begun.items()
        }
        return bodies.said(OrderStandings(orders=tuple(found.values())))

    return api


def _shown(id_: UUID, reseller: str, stands: Stands, moves: tuple[Progress, ...] = ()) -> OrderStanding:
    said = stands.said
    event = said.model_dump_json(exclude={"recipients"}) if isinstance(said, OrderMessage) else None
    return OrderStanding(
        order_id=id_, reseller=reseller, standing=stands.standing, at=stands.at, event=event, moves=moves
    )
