"""SQL of the services that orders make, and of what is left to do about them on the network."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection
from provisioning_service.activation import ActivateServices, PlannedService
from provisioning_service.catalogue import Catalogue
from provisioning_service.network import Job, Result

_CREATE = """
    WITH numbers AS (
        INSERT INTO service_number (reseller, e164, service_id)
        SELECT s.reseller, unnest(s.numbers::bigint[]) AS e164, s.id
        FROM unnest($1::uuid[], $5::text[], $9::text[]) AS s(id, reseller, numbers) ORDER BY 1, 2
        ON CONFLICT DO NOTHING)
    INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers,
                         settings, type_version, verb, due, tries, taken_by)
    SELECT s.id, s.order_id, s.line, s.siblings, s.reseller, s.customer_id, s.service_type, s.price_list,
           s.numbers::bigint[], s.settings, s.type_version, 'activate', now() + $11::interval, $12, $13
    FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::int[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                $9::text[], $10::text[], $14::int[])
         AS s(id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers, settings,
              type_version)
    ORDER BY s.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id"""

# What is being tried again while it is taken back is never activated any more: one statement decides.
_WITHDRAW = """
    WITH mine AS (SELECT id FROM service WHERE order_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
    UPDATE service SET verb = 'withdraw', due = now(), tries = 0 FROM mine
    WHERE service.id = mine.id AND state <> 'withdrawn'"""

_TAKE = """
    WITH mine AS (
        SELECT id FROM service WHERE verb IS NOT NULL AND due <= now() ORDER BY order_id LIMIT $1
        FOR UPDATE SKIP LOCKED)
    UPDATE service SET due = now() + $2::interval, tries = tries + 1, taken_by = $3 FROM mine
    WHERE service.id = mine.id
    RETURNING service.id, order_id, reseller, verb, siblings, numbers, settings, tries"""

# A verb that changed since the job was taken belongs to a newer job: its result must not be overwritten.
_RECORD = """
    WITH mine AS (
        SELECT service.id, r.state, r.again, r.pause, r.detail
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::interval[], $6::text[])
             AS r(id, verb, state, again, pause, detail)
        JOIN service ON service.id = r.id AND service.verb = r.verb ORDER BY service.id FOR UPDATE OF service)
    UPDATE service SET state = coalesce(mine.state, service.state), verb = mine.again, detail = mine.detail,
                       due = now() + mine.pause, taken_by = NULL
    FROM mine WHERE service.id = mine.id
    RETURNING service.id"""

_INHERIT = "UPDATE service SET due = now() WHERE verb IS NOT NULL AND taken_by = $1"
_LOCK = "SELECT id FROM saga WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_STATES = """
    SELECT order_id, bool_or(verb IS NOT NULL) AS busy, array_agg(DISTINCT state) AS states,
           min('/lines/' || line || ': ' || detail) FILTER (WHERE state = 'refused') AS detail
    FROM service WHERE order_id = ANY($1::uuid[]) GROUP BY order_id"""


async def create(
    db: Connection, commands: Sequence[ActivateServices], types: Catalogue, lease: timedelta, replica: str
) -> list[Job]:
    """Note the planned services, to be activated, each with the version of its type that it was sold by; what is there
    already stays as it is. With a lease they count as taken by the caller, who gets them as jobs."""
    rows = [(command, service) for command in commands for service in command.services]
    jobs = [_job(command, service) for command, service in rows]
    new = await db.fetch(
        _CREATE,
        [s.id for _, s in rows],
        [c.order_id for c, _ in rows],
        [s.line for _, s in rows],
        [len(c.services) for c, _ in rows],
        [c.reseller for c, _ in rows],
        [c.customer_id for c, _ in rows],
        [s.service_type for _, s in rows],
        [s.price_list for _, s in rows],
        ["{" + ",".join(map(str, s.numbers)) + "}" for _, s in rows],
        [job.settings for job in jobs],
        lease,
        1 if lease else 0,
        replica if lease else None,
        [_version(types, s.service_type, c.day) for c, s in rows],
    )
    ids = {id_ for (id_,) in new}
    return [job for job in jobs if job.service_id in ids] if lease else []


def _version(types: Catalogue, service_type: str, day: date | None) -> int | None:
    sold = types[service_type].on(day) if day is not None and service_type in types else None
    return None if sold is None else sold.version


def _job(command: ActivateServices, service: PlannedService) -> Job:
    by_number = {f"+{number}": settings for number, settings in service.settings_by_number.items()}
    settings = orjson.dumps({"settings": service.settings, "settings_by_number": by_number}).decode()
    siblings = len(command.services)
    return Job(
        service.id, command.order_id, command.reseller, "activate", siblings, tuple(service.numbers), settings, 1
    )


async def withdraw(db: Connection, orders: Sequence[UUID]) -> None:
    """From now on the orders' services are to be taken off the network."""
    await db.execute(_WITHDRAW, sorted(orders))


async def take(db: Connection, most: int, lease: timedelta, replica: str) -> list[Job]:
    """Claim services with something to do on the network; nobody else gets them while the lease lasts."""
    rows = await db.fetch(_TAKE, most, lease, replica)
    return [Job(r.id, r.order_id, r.reseller, r.verb, r.siblings, tuple(r.numbers), r.settings, r.tries) for r in rows]


NO_PAUSE = timedelta(0)
_STATE_AFTER = {("activate", "done"): "active", ("activate", "refused"): "refused", ("withdraw", "done"): "withdrawn"}


async def record(db: Connection, results: Sequence[Result]) -> set[UUID]:
    """Write results; the ids of the services that they counted for."""
    retry = [r.outcome == "unreachable" or (r.job.verb, r.outcome) == ("withdraw", "refused") for r in results]
    rows = await db.fetch(
        _RECORD,
        [r.job.service_id for r in results],
        [r.job.verb for r in results],
        [_STATE_AFTER.get((r.job.verb, r.outcome)) for r in results],
        [r.job.verb if again else None for r, again in zip(results, retry, strict=True)],
        [pause(r.job.tries) if again else NO_PAUSE for r, again in zip(results, retry, strict=True)],
        [r.detail for r in results],
    )
    return {id_ for (id_,) in rows}


def pause(tries: int) -> timedelta:
    """How long to wait after so many failed tries: from a second doubling to a minute."""
    return timedelta(seconds=min(60.0, 0.5 * 2 ** min(tries, 10)))


async def inherit(db: Connection, replica: str) -> None:
    """What a process of this name had taken is due now: while this one runs, that one does not."""
    await db.execute(_INHERIT, replica)


async def states(db: Connection, orders: Sequence[UUID]) -> Sequence[Any]:
    """How far the orders' services are: order_id, busy, states, detail (of one that was refused, with its line). Locks
    the sagas first, so that of two replicas that finish an order's last services together the second sees what the
    first wrote."""
    await db.execute(_LOCK, sorted(orders))
    return await db.fetch(_STATES, list(orders))
