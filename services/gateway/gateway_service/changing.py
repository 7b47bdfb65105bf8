"""Changes of services, each accepted as an order of its own: for the API and for the site's pages."""

from datetime import UTC, datetime
from uuid import UUID

import orjson

from gateway_service import queries, replays
from gateway_service.accepting import AcceptedChange, Key
from patchbay_chassis.envelope import mint
from patchbay_chassis.service import Running
from patchbay_contracts.services import ServiceChange
from patchbay_contracts.v1.changes import PlaceChange


def accepted(
    change: ServiceChange, service_id: UUID, reseller: str, by: str, id_: UUID | None = None
) -> AcceptedChange:
    """Give the change its id. What is stored says which service it is of."""
    placed = PlaceChange(
        order_id=id_ or mint(),
        reseller=reseller,
        service_id=service_id,
        by=by[:200],
        accepted_at=datetime.now(UTC),
        version=change.version,
        wanted=change.wanted,
        why=change.why,
        reference=change.reference,
        held_by=change.held_by,
        waived=change.waived,
        notify=change.notify,
    )
    shown = {"service_id": str(service_id)} | change.model_dump(mode="json")
    return AcceptedChange(placed.order_id, orjson.dumps(shown).decode(), placed)


async def is_placed(running: Running, reseller: str, key: Key | None) -> bool:
    """Whether the change was placed under that key before."""
    if key is None:
        return False
    async with running.database.connection() as db:
        return await queries.made(db, reseller, key) is not None


async def place(running: Running, change: AcceptedChange, key: Key | None = None, trace: str = "") -> UUID:
    """Store the change and place it; under a key that was used before, the id of the order that it made then. Raises
    Problem 422 if that was another one."""
    reseller = change.placed.reseller
    async with running.turn() as turn:
        if key is not None and not await queries.remember(turn.db, reseller, key, change.id):
            request, id_ = await queries.remembered(turn.db, reseller, key)
            if not key.is_of(request):
                raise replays.used_for_something_else()
            return id_
        await queries.accept(turn.db, reseller, [change], kind="change")
        turn.say(change.placed, trace=trace)
        running.crash("accepting_http")
    return change.id
