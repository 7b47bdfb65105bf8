"""How orders stand, as provisioning knows it, which carries them out. Asked of it over HTTP by whoever keeps a read
model of orders and wants to make it anew."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from patchbay_contracts.message import Frozen
from patchbay_contracts.v1.orders import Progress

MOST_ASKED = 200
Standing = Literal["waiting", "accepted", "back_ordered", "delayed", "stuck", "completed", "failed"]
"""`waiting` is for its start. `accepted` is under way, and nothing more was said of it."""


class StandingQuery(Frozen):
    """Which orders, of whatever reseller."""

    orders: tuple[UUID, ...] = Field(max_length=MOST_ASKED)


class OrderStanding(Frozen):
    """One that is known. `event`: the JSON of the last message on `orders.events.v1` that changed how it stands,
    without whom to write to; None if nothing was said. `at`: when it last moved. `moves`: of one that is watched."""

    order_id: UUID
    reseller: str
    standing: Standing
    at: AwareDatetime
    event: str | None = None
    moves: tuple[Progress, ...] = Field(default=(), exclude_if=not_)


class OrderStandings(Frozen):
    """Those that are known."""

    orders: tuple[OrderStanding, ...]
