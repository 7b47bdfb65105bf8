"""All SQL of changes: claiming a service, its history, and what is to be done on the network."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection
from patchbay_contracts.services import Service, ServiceAspects
from patchbay_contracts.v1.changes import PlaceChange
from provisioning_service.change_model import BACK, Plan

# A service whose order is still under way may be taken back with it.
_LOCK = """
    SELECT service.*, NULL AS change_verb, 0 AS change_tries, '' AS reply,
           EXISTS (SELECT FROM saga WHERE saga.id = service.order_id AND open) AS being_made
    FROM service WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE OF service"""
_CLAIM = """
    UPDATE service SET changing = c.order_id FROM unnest($1::uuid[], $2::uuid[]) AS c(id, order_id)
    WHERE service.id = c.id"""
_LEAVE = "UPDATE service SET changing = NULL WHERE changing = ANY($2::uuid[]) AND id = ANY($1::uuid[])"
_NOTE = """
    INSERT INTO service_change (order_id, service_id, reseller, kind, by, why, before, after, asked_at, outcome, detail,
                                waived, ended_at)
    SELECT *, CASE outcome WHEN 'under_way' THEN NULL ELSE now() END
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::timestamptz[], $10::text[], $11::text[], $12::text[])
         AS c(order_id, service_id, reseller, kind, by, why, before, after, asked_at, outcome, detail, waived)
    ON CONFLICT (order_id) DO NOTHING"""
_FAIL = """
    UPDATE service_change SET outcome = 'failed', detail = f.detail, ended_at = now(), verb = NULL
    FROM unnest($1::uuid[], $2::text[]) AS f(order_id, detail)
    WHERE service_change.order_id = f.order_id AND outcome = 'under_way' RETURNING service_id"""
_ASK = """
    UPDATE service_change SET verb = p.verb, plan = p.plan, after = p.after, numbers = p.numbers::bigint[],
                              settings = p.settings, due = now(), tries = 0, back = false
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS p(order_id, verb, plan, after, numbers, settings)
    WHERE service_change.order_id = p.order_id AND outcome = 'under_way'"""
# The service itself is as it was: it changes here only when the network has done it.
_RESTORE = """
    UPDATE service_change c
    SET verb = b.back, back = true, due = now(), tries = 0, numbers = s.numbers, settings = s.settings
    FROM service s, unnest($2::text[], $3::text[]) AS b(verb, back)
    WHERE c.order_id = ANY($1::uuid[]) AND s.id = c.service_id AND NOT c.back AND b.verb = c.plan::json ->> 'verb'"""
_TAKE = """
    WITH mine AS (
        SELECT order_id FROM service_change WHERE verb IS NOT NULL AND due <= now() ORDER BY due LIMIT $1
        FOR UPDATE SKIP LOCKED)
    UPDATE service_change c SET due = now() + $2::interval, tries = tries + 1, taken_by = $3 FROM mine
    WHERE c.order_id = mine.order_id
    RETURNING c.order_id, service_id, reseller, verb, numbers, settings, tries, back"""
_INHERIT = "UPDATE service_change SET due = now() WHERE verb IS NOT NULL AND taken_by = $1"
# What was asked the other way since the job was taken is another job: its result does not count.
_RECORD = """
    WITH mine AS (
        SELECT c.order_id, r.again, r.pause, r.reply
        FROM unnest($1::uuid[], $2::boolean[], $3::boolean[], $4::interval[], $5::text[])
             AS r(order_id, back, again, pause, reply)
        JOIN service_change c ON c.order_id = r.order_id AND c.back = r.back AND c.verb IS NOT NULL
        ORDER BY c.order_id FOR UPDATE OF c)
    UPDATE service_change c SET verb = CASE WHEN mine.again THEN c.verb END, due = now() + mine.pause,
                                reply = mine.reply, taken_by = NULL
    FROM mine WHERE c.order_id = mine.order_id RETURNING c.order_id"""
_TO_APPLY = """
    SELECT c.order_id, c.plan, s.id, s.reseller, s.numbers
    FROM service_change c JOIN service s ON s.id = c.service_id AND s.changing = c.order_id
    WHERE c.order_id = ANY($1::uuid[]) AND outcome = 'under_way' ORDER BY s.id FOR UPDATE"""
_APPLY = """
    UPDATE service SET version = version + 1, changing = NULL, state = p.state, numbers = p.numbers::bigint[],
                       made_with = coalesce(made_with, service.numbers), settings = p.settings,
                       price_list = p.price_list, next_price_list = p.next_price_list, next_from = p.next_from
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[])
         AS p(id, state, numbers, settings, price_list, next_price_list, next_from)
    WHERE service.id = p.id"""
_COME = """
    INSERT INTO service_number (reseller, e164, service_id) SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[])
    ON CONFLICT DO NOTHING"""
_GONE = """
    DELETE FROM service_number USING unnest($1::text[], $2::bigint[], $3::uuid[]) AS g(reseller, e164, service_id)
    WHERE service_number.reseller = g.reseller AND service_number.e164 = g.e164
      AND service_number.service_id = g.service_id"""
_DONE = "UPDATE service_change SET outcome = 'done', ended_at = now() WHERE order_id = ANY($1::uuid[])"


Noted = tuple[PlaceChange, ServiceAspects, ServiceAspects, str | None]
"""A change with what was before and will be after, and why it was refused if it was."""


async def lock(db: Connection, services: Iterable[UUID]) -> dict[UUID, Any]:
    """The services' rows, which nobody else changes meanwhile."""
    return {row.id: row for row in await db.fetch(_LOCK, sorted(set(services)))}


async def claim(db: Connection, claims: Mapping[UUID, UUID]) -> None:
    """These services (keys) are changed by those orders."""
    if claims:
        await db.execute(_CLAIM, list(claims), list(claims.values()))


async def note(db: Connection, changes: Sequence[Noted]) -> None:
    """Begin the history of these changes."""
    rows = [
        (
            change.order_id,
            change.service_id,
            change.reseller,
            change.wanted.kind,
            change.by,
            change.why,
            before.model_dump_json(exclude_none=True),
            after.model_dump_json(exclude_none=True),
            change.accepted_at,
            "under_way" if refused is None else "refused",
            refused or "",
            orjson.dumps([one.model_dump() for one in change.waived]).decode() if change.waived else None,
        )
        for change, before, after, refused in changes
    ]
    if rows:
        await db.execute(_NOTE, *map(list, zip(*rows, strict=True)))


async def leave(db: Connection, details: Mapping[UUID, str]) -> None:
    """These changes have failed, and leave their services to others."""
    rows = await db.fetch(_FAIL, list(details), list(details.values()))
    await db.execute(_LEAVE, [service_id for (service_id,) in rows], list(details))


async def ask(db: Connection, plans: Mapping[UUID, tuple[Plan, ServiceAspects]]) -> None:
    """What the services will be, and that the network is to be told."""
    await db.execute(
        _ASK,
        list(plans),
        [plan.verb for plan, _ in plans.values()],
        [plan.model_dump_json() for plan, _ in plans.values()],
        [after.model_dump_json(exclude_none=True) for _, after in plans.values()],
        [_array(plan.numbers) for plan, _ in plans.values()],
        [_settings(plan) for plan, _ in plans.values()],
    )


async def restore(db: Connection, orders: Sequence[UUID]) -> None:
    """From now on the network is to have the services as they are here."""
    await db.execute(_RESTORE, sorted(orders), list(BACK), list(BACK.values()))


async def take(db: Connection, most: int, lease: timedelta, replica: str) -> Sequence[Any]:
    """Claim what is to be done on the network; nobody else gets it while the lease lasts."""
    return await db.fetch(_TAKE, most, lease, replica)


async def inherit(db: Connection, replica: str) -> None:
    """What a process of this name had taken is due now."""
    await db.execute(_INHERIT, replica)


async def record(db: Connection, results: Sequence[tuple[UUID, bool, bool, timedelta, str]]) -> set[UUID]:
    """Write results (order, back, again, pause, reply); the orders that they counted for."""
    rows = await db.fetch(_RECORD, *map(list, zip(*results, strict=True)))
    return {order_id for (order_id,) in rows}


async def apply(db: Connection, orders: Sequence[UUID]) -> None:
    """The services of these changes are from now on as they were planned. What is applied already stays so."""
    rows = [(row, Plan.model_validate_json(row.plan)) for row in await db.fetch(_TO_APPLY, list(orders))]
    if not rows:
        return
    await db.execute(
        _APPLY,
        [row.id for row, _ in rows],
        [plan.state for _, plan in rows],
        [_array(plan.numbers) for _, plan in rows],
        [_settings(plan) for _, plan in rows],
        [plan.price_list for _, plan in rows],
        [plan.to_come.price_list if plan.to_come else None for _, plan in rows],
        [plan.to_come.from_date if plan.to_come else None for _, plan in rows],
    )
    come = [(row.reseller, n, row.id) for row, plan in rows for n in set(plan.numbers) - set(row.numbers)]
    gone = [(row.reseller, n, row.id) for row, plan in rows for n in set(row.numbers) - set(plan.numbers)]
    for statement, numbers in ((_COME, come), (_GONE, gone)):
        if numbers:
            await db.execute(statement, *map(list, zip(*sorted(numbers), strict=True)))
    await db.execute(_DONE, [row.order_id for row, _ in rows])


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _settings(of: Plan | Service) -> str:
    by_number = {f"+{number}": own for number, own in of.settings_by_number.items()}
    return orjson.dumps({"settings": of.settings, "settings_by_number": by_number}).decode()
