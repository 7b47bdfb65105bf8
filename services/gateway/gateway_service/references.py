"""References that only one order of a reseller is to have: who claims one first has it, until that order fails."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from gateway_service.accepting import Accepted
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem

# Whoever claims the same at the same time is waited for. A failed order leaves its reference to the next.
_CLAIM = """
    WITH wanted AS (
        SELECT w.* FROM unnest($2::text[], $3::uuid[]) AS w(reference, id)
        WHERE NOT EXISTS (SELECT FROM orders o WHERE o.reseller = $1 AND o.reference = w.reference
                          AND o.state <> 'failed'))
    INSERT INTO unique_reference AS u (reseller, reference, order_id)
    SELECT $1, reference, id FROM wanted ORDER BY reference
    ON CONFLICT (reseller, reference) DO UPDATE SET order_id = excluded.order_id
        WHERE EXISTS (SELECT FROM orders o WHERE o.reseller = u.reseller AND o.id = u.order_id AND o.state = 'failed')
    RETURNING order_id"""
_HOLDERS = """
    SELECT DISTINCT ON (reference) reference, id FROM (
        SELECT reference, order_id AS id FROM unique_reference WHERE reseller = $1 AND reference = ANY($2::text[])
        UNION ALL
        SELECT reference, id FROM orders WHERE reseller = $1 AND reference = ANY($2::text[]) AND state <> 'failed') AS h
    ORDER BY reference, id"""
_TAKEN = """
    SELECT DISTINCT ON (reference) reference, id FROM (
        SELECT reference, order_id AS id FROM unique_reference u WHERE reseller = $1 AND reference = ANY($2::text[])
        AND NOT EXISTS (SELECT FROM orders o WHERE o.reseller = $1 AND o.id = u.order_id AND o.state = 'failed')
        UNION ALL
        SELECT reference, id FROM orders WHERE reseller = $1 AND reference = ANY($2::text[]) AND state <> 'failed') AS h
    ORDER BY reference, id"""


async def claim(db: Connection, reseller: str, orders: Sequence[Accepted]) -> Mapping[UUID, Problem]:
    """Claim the references of those orders that want theirs for themselves, before they are stored; by their ids what
    is wrong with those whose reference another order has."""
    if not any(order.is_unique for order in orders):
        return {}
    before: dict[str, UUID] = {}
    wanted: dict[str, UUID] = {}
    holders: dict[UUID, UUID] = {}
    for order in orders:
        reference = order.placed.reference
        if reference is None:
            continue
        if order.is_unique and reference in before:
            holders[order.id] = before[reference]
        elif order.is_unique:
            wanted[reference] = order.id
        before.setdefault(reference, order.id)
    claimed = {id_ for (id_,) in await db.fetch(_CLAIM, reseller, list(wanted), list(wanted.values()))}
    if lost := {reference: id_ for reference, id_ in wanted.items() if id_ not in claimed}:
        by = {r: id_ for r, id_ in await db.fetch(_HOLDERS, reseller, list(lost))}  # noqa: C416 - rows are no pairs
        holders |= {id_: by[reference] for reference, id_ in lost.items()}
        # Who named it after one that is refused itself is told who has it.
        holders = {id_: holders.get(holder, holder) for id_, holder in holders.items()}
    references = {order.id: order.placed.reference or "" for order in orders}
    return {id_: _in_use(references[id_], holder) for id_, holder in holders.items()}


async def holders(db: Connection, reseller: str, wanted: Sequence[str | None]) -> Mapping[str, UUID]:
    """Which of these references cannot be claimed, and which order has each."""
    return dict(map(tuple, await db.fetch(_TAKEN, reseller, wanted))) if wanted else {}


def fault(reference: str, holder: UUID) -> dict[str, str]:
    """What is wrong with an order whose reference another one has."""
    message = f"order {holder} has the reference {reference!r}"
    return {"pointer": "/reference", "message": message, "remedy": "look at that order, or take another reference"}


def _in_use(reference: str, holder: UUID) -> Problem:
    detail = f"Order {holder} has it: /v1/orders/{holder}. Nothing was accepted."
    return Problem(409, "The reference is in use", detail, [fault(reference, holder)], code="reference_in_use")
