"""SQL of what orders ask: price lists, how customers stand, and the ledger of charges."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from billing_service.model import Charge, Price, PriceList
from billing_service.standing import Course, Credit, Standing
from patchbay_chassis.database import Connection, Row
from patchbay_contracts.v1.billing import OpenBilling
from patchbay_contracts.words import Grade

_LISTS = """
    SELECT l.id, l.version, l.reseller, l.currency, l.name, l.tax_note, l.valid_from, l.valid_to,
           p.service_type, p.grade, p.setup, p.monthly,
           (SELECT min(n.valid_from) - 1 FROM price_list n
            WHERE n.id = l.id AND n.state = 'published' AND n.version > l.version) AS until
    FROM price_list l LEFT JOIN price p ON p.price_list = l.id AND p.version = l.version
    WHERE l.id = ANY($1::text[]) AND l.state = 'published' AND NOT EXISTS (
        SELECT FROM price_list n WHERE n.id = l.id AND n.state = 'published' AND n.version > l.version
        AND n.valid_from < current_date - 1)
    ORDER BY l.version"""
# What was replaced can be bought by no more: its own end would only hide what it cost.
_BEFORE = """
    SELECT l.id, l.version, l.reseller, l.currency, l.name, l.tax_note, l.valid_from, NULL::date AS valid_to,
           p.service_type, p.grade, p.setup, p.monthly, present.valid_from - 1 AS until
    FROM unnest($1::text[], $2::int[]) AS w(id, version)
    JOIN price_list present ON present.id = w.id AND present.version = w.version
    CROSS JOIN LATERAL (
        SELECT * FROM price_list b WHERE b.id = w.id AND b.version < w.version AND b.state = 'published'
        ORDER BY b.version DESC LIMIT 1) l
    JOIN price p ON p.price_list = l.id AND p.version = l.version AND p.service_type = ANY($3::text[])"""
_BARRED = """
    SELECT customer_id, state = 'blocked', credit_limit, credit_currency FROM account
    WHERE customer_id = ANY($1::uuid[]) AND (state = 'blocked' OR credit_limit IS NOT NULL)
    UNION ALL SELECT cause, NULL, NULL, NULL FROM undone WHERE step = $3 AND cause = ANY($2::uuid[])"""
_ACCOUNTS = """
    SELECT DISTINCT a.customer_id, a.reseller, a.state, a.credit_limit, a.credit_currency
    FROM unnest($1::uuid[], $2::text[]) AS w(customer_id, reseller) JOIN account a USING (customer_id, reseller)"""
_LOCK_ACCOUNTS = """
    SELECT FROM account WHERE customer_id = ANY($1::uuid[]) ORDER BY customer_id FOR UPDATE"""
# What an order takes from the charges may still be taken back while it is pending: it counts when it is done.
_USED = """
    SELECT customer_id, since, sum(CASE WHEN pending THEN greatest(monthly, 0) ELSE monthly END) FROM (
        SELECT first.customer_id, c.state = 'pending' AS pending, sum(c.quantity * c.monthly) AS monthly,
               CASE WHEN c.starts_at > now() THEN c.starts_at END AS since
        FROM charge first JOIN account a ON a.customer_id = first.customer_id
        JOIN charge c ON c.order_id = first.order_id
        WHERE first.customer_id = ANY($1::uuid[]) AND first.position = 0 AND NOT first.order_id = ANY($2::uuid[])
          AND c.state IN ('pending', 'active') AND c.currency = a.credit_currency
        GROUP BY first.customer_id, first.order_id, c.state, since) AS of_order
    GROUP BY customer_id, since"""
_CHARGE = """
    WITH opened AS (
        INSERT INTO account (customer_id, reseller) SELECT * FROM unnest($1::uuid[], $2::text[])
        ON CONFLICT (customer_id) DO NOTHING)
    INSERT INTO charge (order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity,
                        setup, monthly, currency, price_list, version)
    SELECT c.order_id, c.position, c.line, c.reseller, c.customer_id, c.service_type, c.grade,
           c.numbers::bigint[], c.quantity, c.setup, c.monthly, c.currency,
           c.price_list, c.version
    FROM unnest($3::uuid[], $4::smallint[], $5::smallint[], $6::text[], $7::uuid[], $8::text[], $9::text[],
                $10::text[], $11::int[], $12::numeric[], $13::numeric[], $14::text[], $15::text[], $16::int[])
         AS c(order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity, setup, monthly,
              currency, price_list, version)
    ON CONFLICT (order_id, position) DO NOTHING"""
_VOID = """
    WITH freed AS (
        UPDATE quote SET used_by = NULL WHERE used_by = ANY($1::uuid[])),
    mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY($1::uuid[]) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'void' FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position"""
_START = """
    WITH mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY($1::uuid[]) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'active', starts_at = coalesce(starts_at, now()) FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position"""


async def price_lists(db: Connection, ids: Sequence[str]) -> dict[str, list[PriceList]]:
    """Those price lists that there are: their published versions that are in force or may come to be, and until when,
    with all their prices, the oldest first."""
    return _gathered(await db.fetch(_LISTS, ids))


async def versions_before(
    db: Connection, versions: Mapping[str, int], service_types: Collection[str]
) -> dict[str, list[PriceList]]:
    """By price list, the version that this version of it replaced, with its prices of these service types."""
    return _gathered(await db.fetch(_BEFORE, list(versions), list(versions.values()), list(service_types)))


def _gathered(rows: Iterable[Row]) -> dict[str, list[PriceList]]:
    prices: dict[tuple[str, int], dict[tuple[str, Grade | None], Price]] = {}
    lists: dict[str, list[PriceList]] = {}
    for row in rows:
        of_list = prices.get((row.id, row.version))
        if of_list is None:
            of_list = prices[row.id, row.version] = {}
            lists.setdefault(row.id, []).append(_price_list(row, of_list))
        if row.service_type is not None:
            of_list[row.service_type, row.grade or None] = Price(row.setup, row.monthly)
    return lists


def _price_list(row: Row, prices: dict[tuple[str, Grade | None], Price]) -> PriceList:
    return PriceList(
        row.id,
        row.reseller,
        row.currency,
        row.valid_from,
        row.valid_to,
        prices,
        row.version,
        row.name,
        row.tax_note,
        min((day for day in (row.valid_to, row.until) if day), default=None),
    )


async def standing(db: Connection, customers: Iterable[UUID], orders: Sequence[UUID] = (), step: str = "") -> Standing:
    """How these customers stand, and which of the orders had their `step` taken back before it came.

    One statement, unless somebody's credit is limited: then those accounts are locked, so that what is used of it is
    true until the transaction ends.
    """
    found = await db.fetch(_BARRED, list(set(customers)), orders, step)
    limited = {id_: Credit(limit, currency) for id_, _, limit, currency in found if limit is not None}
    if limited:
        await db.execute(_LOCK_ACCOUNTS, list(limited))
        for id_, used in (await _used(db, list(limited), orders)).items():
            limited[id_] = replace(limited[id_], used=used)
    return Standing(
        frozenset(id_ for id_, blocked, *_ in found if blocked),
        frozenset(id_ for id_, blocked, *_ in found if blocked is None),
        limited,
    )


async def accounts_standing(db: Connection, accounts: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Standing]:
    """How each of these customers of resellers stands now; nothing is locked. Another reseller's has no account."""
    rows = await db.fetch(_ACCOUNTS, [customer for customer, _ in accounts], [reseller for _, reseller in accounts])
    limited = [row.customer_id for row in rows if row.credit_limit is not None]
    used = await _used(db, limited) if limited else {}
    return {(row.customer_id, row.reseller): _standing(row, used.get(row.customer_id, {})) for row in rows}


async def _used(db: Connection, customers: Sequence[UUID], orders: Sequence[UUID] = ()) -> dict[UUID, Course]:
    """What their charges come to in the currency of their limits, without those orders."""
    used: dict[UUID, dict[datetime | None, Decimal]] = {}
    for customer, since, monthly in await db.fetch(_USED, customers, orders):
        used.setdefault(customer, {})[since] = monthly
    return dict(used)


def _standing(row: Row, used: Course) -> Standing:
    blocked = frozenset({row.customer_id} if row.state == "blocked" else ())
    if row.credit_limit is None:
        return Standing(blocked)
    return Standing(blocked, credit={row.customer_id: Credit(row.credit_limit, row.credit_currency, used)})


async def charge(db: Connection, charges: Sequence[Charge], commands: Sequence[OpenBilling]) -> None:
    """Open an account for each customer and write charges, pending; what is there already stays as it is."""
    reseller_of = {command.customer_id: command.reseller for command in commands}
    customers = sorted(reseller_of)
    of_order = {command.order_id: command for command in commands}
    rows = sorted(charges, key=lambda charge: (charge.order_id, charge.position))
    await db.execute(
        _CHARGE,
        customers,
        [reseller_of[c] for c in customers],
        [c.order_id for c in rows],
        [c.position for c in rows],
        [c.line for c in rows],
        [of_order[c.order_id].reseller for c in rows],
        [of_order[c.order_id].customer_id for c in rows],
        [c.service_type for c in rows],
        [c.grade or "" for c in rows],
        ["{" + ",".join(map(str, c.numbers)) + "}" for c in rows],
        [c.quantity for c in rows],
        [c.price.setup for c in rows],
        [c.price.monthly for c in rows],
        [c.currency for c in rows],
        [c.price_list for c in rows],
        [c.version for c in rows],
    )


async def void(db: Connection, orders: Iterable[UUID]) -> None:
    """The orders' charges never start, and their quotes may be used again while they hold."""
    await db.execute(_VOID, sorted(orders))


async def start(db: Connection, orders: Iterable[UUID]) -> None:
    """The orders' charges start, now or on the day that they have."""
    await db.execute(_START, sorted(orders))
