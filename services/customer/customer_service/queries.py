"""All SQL of the customer service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_service.model import Customer, Reseller, others
from patchbay_contracts.order import SealedCustomer
from patchbay_contracts.words import Organisation

_OTHERS = TypeAdapter(tuple[Organisation, ...])

_RESELLERS = text("SELECT id, name, email, state FROM reseller WHERE id = ANY(CAST(:ids AS text[]))")
_CUSTOMERS = text("SELECT id, reseller, name, email, state, others FROM customer WHERE id = ANY(CAST(:ids AS uuid[]))")
# A customer that this order made before keeps what it has: the second insert of the same id does nothing.
_CREATE = text("""
    INSERT INTO customer (id, reseller, order_id, name, email, pin_hash, address, phone, reference, others)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:reseller AS text[]), CAST(:order_id AS uuid[]),
                         CAST(:name AS text[]), CAST(:email AS text[]), CAST(:pin_hash AS bytea[]),
                         CAST(:address AS text[]), CAST(:phone AS text[]), CAST(:reference AS text[]),
                         CAST(:others AS text[]))
    ON CONFLICT DO NOTHING
    RETURNING id""")
_WITHDRAW = text("""
    WITH mine AS (SELECT id FROM customer WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE)
    UPDATE customer SET state = 'withdrawn' FROM mine WHERE customer.id = mine.id AND state <> 'withdrawn'""")


@dataclass(frozen=True)
class Creation:
    """A customer to create."""

    id: UUID
    order_id: UUID
    reseller: str
    details: SealedCustomer
    pin_hash: bytes


async def resellers(db: AsyncConnection, ids: Iterable[str]) -> dict[str, Reseller]:
    """Those resellers that there are."""
    rows = await db.execute(_RESELLERS, {"ids": sorted(set(ids))})
    return {row.id: Reseller(row.id, row.name, row.email, row.state) for row in rows}


async def customers(db: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Those customers that there are, whoever's they are."""
    if not ids:
        return {}
    rows = await db.execute(_CUSTOMERS, {"ids": sorted(set(ids))})
    return {
        row.id: Customer(row.id, row.reseller, row.name, row.email, row.state, _OTHERS.validate_json(row.others))
        for row in rows
    }


async def create(db: AsyncConnection, wanted: Sequence[Creation]) -> set[UUID]:
    """Create customers; the ids of those that are new. One is missing if it was there, or its reference was."""
    rows = sorted(wanted, key=lambda creation: creation.id)
    created = await db.execute(
        _CREATE,
        {
            "id": [c.id for c in rows],
            "reseller": [c.reseller for c in rows],
            "order_id": [c.order_id for c in rows],
            "name": [c.details.name for c in rows],
            "email": [c.details.email for c in rows],
            "pin_hash": [c.pin_hash for c in rows],
            "address": [c.details.address.model_dump_json() if c.details.address else None for c in rows],
            "phone": [c.details.phone for c in rows],
            "reference": [c.details.reference for c in rows],
            "others": [_OTHERS.dump_json(others(c.details)).decode() if c.details.contacts else "[]" for c in rows],
        },
    )
    return set(created.scalars())


async def withdraw(db: AsyncConnection, ids: Iterable[UUID]) -> None:
    """These customers, as far as they are there, can no longer order, and their references are free."""
    await db.execute(_WITHDRAW, {"ids": sorted(ids)})
