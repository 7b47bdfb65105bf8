"""All SQL of provisioning but the saga's own table, which the chassis' walker keeps."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from provisioning_service.activation import ActivateServices, PlannedService
from provisioning_service.network import Job, Result

_CATALOGUE = text("SELECT id, least_numbers, most_numbers, settings_schema FROM service_type")

_CREATE = text("""
    INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers,
                         settings, verb)
    SELECT s.id, s.order_id, s.line, s.siblings, s.reseller, s.customer_id, s.service_type, s.price_list,
           CAST(s.numbers AS bigint[]), s.settings, 'activate'
    FROM unnest(CAST(:id AS uuid[]), CAST(:order_id AS uuid[]), CAST(:line AS smallint[]), CAST(:siblings AS int[]),
                CAST(:reseller AS text[]), CAST(:customer_id AS uuid[]), CAST(:service_type AS text[]),
                CAST(:price_list AS text[]), CAST(:numbers AS text[]), CAST(:settings AS text[]))
         AS s(id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers, settings)
    ORDER BY s.id
    ON CONFLICT (id) DO NOTHING""")

# What is being tried again while it is taken back is never activated any more: one statement decides.
_WITHDRAW = text("""
    WITH mine AS (SELECT id FROM service WHERE order_id = ANY(CAST(:orders AS uuid[])) ORDER BY id FOR UPDATE)
    UPDATE service SET verb = 'withdraw', due = now(), tries = 0 FROM mine
    WHERE service.id = mine.id AND state <> 'withdrawn'
    RETURNING service.order_id""")

_TAKE = text("""
    WITH mine AS (
        SELECT id FROM service WHERE verb IS NOT NULL AND due <= now() ORDER BY order_id LIMIT :most
        FOR UPDATE SKIP LOCKED)
    UPDATE service SET due = now() + make_interval(secs => :lease), tries = tries + 1 FROM mine
    WHERE service.id = mine.id
    RETURNING service.id, order_id, reseller, verb, siblings, numbers, settings, tries""")

# A verb that changed since the job was taken belongs to a newer job: its result must not be overwritten.
_RECORD = text("""
    WITH results AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:verbs AS text[]), CAST(:states AS text[]),
                             CAST(:again AS text[]), CAST(:pauses AS float8[]), CAST(:details AS text[]))
                      AS r(id, verb, state, again, pause, detail)),
    mine AS (SELECT service.id FROM service JOIN results USING (id) ORDER BY service.id FOR UPDATE OF service)
    UPDATE service SET state = coalesce(r.state, service.state), verb = r.again, detail = r.detail,
                       due = now() + make_interval(secs => r.pause)
    FROM results r, mine WHERE service.id = r.id AND mine.id = r.id AND service.verb = r.verb
    RETURNING service.id""")

_LOCK = text("SELECT id FROM saga WHERE id = ANY(CAST(:orders AS uuid[])) ORDER BY id FOR UPDATE")
_STATES = text("""
    SELECT order_id, bool_or(verb IS NOT NULL) AS busy, array_agg(DISTINCT state) AS states,
           max(detail) FILTER (WHERE state = 'refused') AS detail
    FROM service WHERE order_id = ANY(CAST(:orders AS uuid[])) GROUP BY order_id""")


async def service_types(db: AsyncConnection) -> Sequence[Any]:
    """The whole catalogue: id, least_numbers, most_numbers, settings_schema as a dict."""
    return (await db.execute(_CATALOGUE)).all()


async def create(db: AsyncConnection, commands: Sequence[ActivateServices]) -> None:
    """Note the planned services, to be activated. What is there already stays as it is."""
    rows = [(command, service) for command in commands for service in command.services]
    await db.execute(
        _CREATE,
        {
            "id": [s.id for _, s in rows],
            "order_id": [c.order_id for c, _ in rows],
            "line": [s.line for _, s in rows],
            "siblings": [len(c.services) for c, _ in rows],
            "reseller": [c.reseller for c, _ in rows],
            "customer_id": [c.customer_id for c, _ in rows],
            "service_type": [s.service_type for _, s in rows],
            "price_list": [s.price_list for _, s in rows],
            "numbers": ["{" + ",".join(map(str, s.numbers)) + "}" for _, s in rows],
            "settings": [_settings(s) for _, s in rows],
        },
    )


def _settings(service: PlannedService) -> str:
    by_number = {f"+{number}": settings for number, settings in service.settings_by_number.items()}
    return orjson.dumps({"settings": service.settings, "settings_by_number": by_number}).decode()


async def withdraw(db: AsyncConnection, orders: Sequence[UUID]) -> None:
    """From now on the orders' services are to be taken off the network."""
    await db.execute(_WITHDRAW, {"orders": sorted(orders)})


async def take(db: AsyncConnection, most: int, lease: timedelta) -> list[Job]:
    """Claim services with something to do on the network; nobody else gets them while the lease lasts."""
    rows = await db.execute(_TAKE, {"most": most, "lease": lease.total_seconds()})
    return [Job(r.id, r.order_id, r.reseller, r.verb, r.siblings, tuple(r.numbers), r.settings, r.tries) for r in rows]


async def record(db: AsyncConnection, results: Sequence[Result]) -> set[UUID]:
    """Write results; the ids of the services that they counted for."""
    states = {("activate", "done"): "active", ("activate", "refused"): "refused", ("withdraw", "done"): "withdrawn"}
    retry = [r.outcome == "unreachable" or (r.job.verb, r.outcome) == ("withdraw", "refused") for r in results]
    rows = await db.execute(
        _RECORD,
        {
            "ids": [r.job.service_id for r in results],
            "verbs": [r.job.verb for r in results],
            "states": [states.get((r.job.verb, r.outcome)) for r in results],
            "again": [r.job.verb if again else None for r, again in zip(results, retry, strict=True)],
            "pauses": [
                min(60.0, 0.5 * 2**r.job.tries) if again else 0.0 for r, again in zip(results, retry, strict=True)
            ],
            "details": [r.detail for r in results],
        },
    )
    return set(rows.scalars())


async def states(db: AsyncConnection, orders: Sequence[UUID]) -> Sequence[Any]:
    """How far the orders' services are: order_id, busy, states, detail. Locks the sagas first, so that of two
    replicas that finish an order's last services together the second sees what the first wrote."""
    await db.execute(_LOCK, {"orders": sorted(orders)})
    return (await db.execute(_STATES, {"orders": list(orders)})).all()
