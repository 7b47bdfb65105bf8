"""All SQL of the service catalogue: its versions, who changed them, and the services that they are about."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_contracts.catalogue import ServiceTypeEntry
from patchbay_contracts.catalogue_changes import CatalogueLogEntry, VersionListed
from patchbay_contracts.order import ExistingCustomer
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service.catalogue import ServiceType, ServiceTypes, service_type
from provisioning_service.catalogue import service_types as in_order

_PUBLISHED = """
    SELECT service_type, version, valid_from, valid_to, entry FROM service_type_version
    WHERE state <> 'draft' AND service_type = ANY($1::text[])"""
_OF_RESELLERS = """
    SELECT DISTINCT service_type FROM service_type_version
    WHERE state <> 'draft' AND (resellers = '{}' OR resellers && $1::text[])"""
_VERSIONS = "SELECT * FROM service_type_version WHERE $1::text IS NULL OR service_type = $1 ORDER BY 1, 2 DESC"
_LOCK = "SELECT * FROM service_type_version WHERE service_type = $1 ORDER BY version FOR UPDATE"
_DRAFT = """
    INSERT INTO service_type_version (service_type, version, state, resellers, entry, changed_by)
    VALUES ($1, $2, 'draft', $3::text[], $4::json, $5) ON CONFLICT DO NOTHING RETURNING *"""
_REPLACE = """
    UPDATE service_type_version
    SET revision = revision + 1, resellers = $3::text[], entry = $4::json, changed_by = $5, changed_at = now()
    WHERE service_type = $1 AND version = $2 AND state = 'draft' RETURNING *"""
_STATE = """
    UPDATE service_type_version
    SET revision = revision + 1, state = $3, valid_from = $4, valid_to = $5, changed_by = $6, changed_at = now()
    WHERE service_type = $1 AND version = $2"""
_SEED = """
    INSERT INTO service_type_version (service_type, version, state, valid_from, resellers, entry, changed_by)
    VALUES ($1, 1, 'published', $2, $3::text[], $4::json, 'seed') ON CONFLICT DO NOTHING"""
_NOTE = """
    INSERT INTO catalogue_log (id, by, why, what, service_type, version, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)"""
_LOG = """
    SELECT * FROM catalogue_log
    WHERE ($1::text IS NULL OR service_type = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"""
_HAS = """
    SELECT reseller, customer_id, service_type, count(*) AS many FROM service
    WHERE customer_id = ANY($1::uuid[]) AND reseller = ANY($2::text[])
          AND state <> 'planned' AND state IN ('active', 'suspended')
    GROUP BY reseller, customer_id, service_type"""
_BY_RESELLER = """
    SELECT reseller, count(*) FROM service WHERE service_type = $1 AND state IN ('active', 'suspended')
    GROUP BY reseller ORDER BY reseller"""
_SERVICES = """
    SELECT id, reseller, numbers, settings FROM service
    WHERE service_type = $1 AND state IN ('active', 'suspended') LIMIT $2"""


async def service_types(db: Connection, ids: Sequence[str]) -> dict[str, ServiceTypes]:
    """Those service types that were ever published, with their schemas compiled."""
    found: dict[str, list[ServiceType]] = {}
    for id_, version, valid_from, valid_to, entry in await db.fetch(_PUBLISHED, ids):
        found.setdefault(id_, []).append(_read(id_, version, valid_from, valid_to, entry))
    return {id_: in_order(versions) for id_, versions in found.items()}


@lru_cache(maxsize=1_000)
def _read(id_: str, version: int, valid_from: date, valid_to: date | None, entry: str) -> ServiceType:
    """A version. To compile its schema takes longer than all else that is done to show it, and it is the same again."""
    return service_type(id_, ServiceTypeEntry.model_validate_json(entry), version, valid_from, valid_to)


async def sold_by(db: Connection, resellers: Sequence[str]) -> list[str]:
    """The service types that any of these resellers could ever sell."""
    return [id_ for (id_,) in await db.fetch(_OF_RESELLERS, list(resellers))]


async def versions(db: Connection, id_: str | None) -> Sequence[Any]:
    """All versions of a service type, or of all, the newest first."""
    return await db.fetch(_VERSIONS, id_)


async def locked(db: Connection, id_: str) -> Sequence[Any]:
    """The versions of a service type, the oldest first; nobody else changes them until the transaction ends."""
    return await db.fetch(_LOCK, id_)


async def draft(db: Connection, id_: str, number: int, entry: ServiceTypeEntry, by: str) -> Any:
    """A new draft; None if somebody else made one meanwhile."""
    return await db.fetchrow(_DRAFT, id_, number, list(entry.resellers), entry.model_dump_json(), by)


async def replace(db: Connection, id_: str, number: int, entry: ServiceTypeEntry, by: str) -> Any:
    """What a draft says from now on."""
    return await db.fetchrow(_REPLACE, id_, number, list(entry.resellers), entry.model_dump_json(), by)


async def set_state(db: Connection, listed: VersionListed) -> None:
    """A version's new state and dates, by `changed_by`."""
    of = (listed.service_type, listed.version, listed.state, listed.valid_from, listed.valid_to, listed.changed_by)
    await db.execute(_STATE, *of)


async def publish_first(db: Connection, id_: str, entry: ServiceTypeEntry, valid_from: date) -> None:
    """The first version of a service type, in force from that day; nothing if there is one."""
    await db.execute(_SEED, id_, valid_from, list(entry.resellers), entry.model_dump_json())


async def note(db: Connection, changed: VersionListed, what: str, why: str, detail: Mapping[str, Any]) -> None:
    """Note who changed what, and why."""
    text = orjson.dumps(detail).decode()
    await db.execute(_NOTE, mint(), changed.changed_by, why, what, changed.service_type, changed.version, text)


async def log(db: Connection, id_: str | None, before: UUID | None, most: int) -> list[CatalogueLogEntry]:
    """The newest changes, or those before that one."""
    rows = await db.fetch(_LOG, id_, before, most)
    return [CatalogueLogEntry.model_validate({**row, "detail": orjson.loads(row.detail)}) for row in rows]


async def owned(db: Connection, orders: Sequence[PlaceOrder]) -> dict[UUID, dict[str, int]]:
    """By order: how many services of each type its customer has."""
    customers = {o.order_id: (o.reseller, o.customer.id) for o in orders if isinstance(o.customer, ExistingCustomer)}
    found = await has(db, list(customers.values()))
    return {order: found.get(customer, {}) for order, customer in customers.items()}


async def has(db: Connection, customers: Sequence[tuple[str, UUID]]) -> dict[tuple[str, UUID], dict[str, int]]:
    """By reseller and customer: how many services of each type there are."""
    found: dict[tuple[str, UUID], dict[str, int]] = {}
    for reseller, customer, type_, many in await db.fetch(_HAS, [c for _, c in customers], [r for r, _ in customers]):
        found.setdefault((reseller, customer), {})[type_] = many
    return found


async def by_reseller(db: Connection, id_: str) -> dict[str, int]:
    """How many services of that type each reseller has."""
    return dict(tuple(row) for row in await db.fetch(_BY_RESELLER, id_))


async def services(db: Connection, id_: str, most: int) -> Sequence[Any]:
    """Some services of that type, with their numbers and settings."""
    return await db.fetch(_SERVICES, id_, most)
