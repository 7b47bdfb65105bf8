"""SQL of what orders ask: preparing and withdrawing customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter

from customer_service.model import Customer, Reseller, others
from customer_service.names import SEPARATOR, lexemes
from patchbay_chassis.database import Connection
from patchbay_contracts.order import SealedCustomer
from patchbay_contracts.words import Organisation

_OTHERS = TypeAdapter(tuple[Organisation, ...])

_RESELLERS = "SELECT id, name, email, state FROM reseller WHERE id = ANY($1::text[])"
_CUSTOMERS = "SELECT id, reseller, name, email, state, others FROM customer WHERE id = ANY($1::uuid[])"
# A customer that this order made before keeps what it has: the second insert of the same id does nothing. What was
# taken back before it came is not created at all.
_CREATE = """
    INSERT INTO customer (id, reseller, order_id, name, email, pin_hash, address, phone, reference, others,
                          words)
    SELECT c.id, c.reseller, c.order_id, c.name, c.email, c.pin_hash, c.address, c.phone, c.reference, c.others,
           array_to_tsvector(string_to_array(c.words, E'\\x1f'))
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::text[],
                $8::text[], $9::text[], $10::text[], $12::text[])
         AS c(id, reseller, order_id, name, email, pin_hash, address, phone, reference, others, words)
    WHERE NOT EXISTS (SELECT FROM undone WHERE step = $11 AND cause = c.order_id)
    ON CONFLICT DO NOTHING
    RETURNING id"""
_WITHDRAW = """
    WITH mine AS (SELECT id FROM customer WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
    UPDATE customer SET state = 'withdrawn' FROM mine WHERE customer.id = mine.id AND state <> 'withdrawn'"""


@dataclass(frozen=True)
class Creation:
    """A customer to create."""

    id: UUID
    order_id: UUID
    reseller: str
    details: SealedCustomer
    pin_hash: bytes


async def resellers(db: Connection, ids: Sequence[str]) -> dict[str, Reseller]:
    """Those resellers that there are."""
    rows = await db.fetch(_RESELLERS, ids)
    return {row.id: Reseller(row.id, row.name, row.email, row.state) for row in rows}


async def customers(db: Connection, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Those customers that there are, whoever's they are."""
    if not ids:
        return {}
    rows = await db.fetch(_CUSTOMERS, sorted(set(ids)))
    return {
        row.id: Customer(row.id, row.reseller, row.name, row.email, row.state, _OTHERS.validate_json(row.others))
        for row in rows
    }


async def create(db: Connection, wanted: Sequence[Creation], step: str) -> set[UUID]:
    """Create customers, unless their order's `step` was taken back; the ids of those that are new. One is missing also
    if it was there, or its reference was."""
    rows = sorted(wanted, key=lambda creation: creation.id)
    created = await db.fetch(
        _CREATE,
        [c.id for c in rows],
        [c.reseller for c in rows],
        [c.order_id for c in rows],
        [c.details.name for c in rows],
        [c.details.email for c in rows],
        [c.pin_hash for c in rows],
        [c.details.address.model_dump_json() if c.details.address else None for c in rows],
        [c.details.phone for c in rows],
        [c.details.reference for c in rows],
        [_OTHERS.dump_json(others(c.details)).decode() if c.details.contacts else "[]" for c in rows],
        step,
        [SEPARATOR.join(lexemes(c.reseller, c.details.name, c.details.email, c.details.reference)) for c in rows],
    )
    return {id_ for (id_,) in created}


async def withdraw(db: Connection, ids: Iterable[UUID]) -> None:
    """These customers, as far as they are there, can no longer order, and their references are free."""
    await db.execute(_WITHDRAW, sorted(ids))
