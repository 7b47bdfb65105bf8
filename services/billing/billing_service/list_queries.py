"""The SQL of price lists' versions, for those who look after them; and who changed what and why."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from billing_service.versions import Version
from patchbay_chassis.database import Connection
from patchbay_contracts.price_lists import AffectedQuery, AffectedReseller, DraftQuery, ListedPrice, PublishQuery, Scope
from patchbay_contracts.words import Money

_COLUMNS = Version.__dataclass_fields__.keys() - {"prices"}
_VERSIONS = """
    SELECT l.id, l.version, l.reseller, l.name, l.currency, l.tax_note, l.state, l.valid_from, l.valid_to, l.revision,
           l.changed_at, l.changed_by, l.why, p.service_type, p.grade, p.setup, p.monthly
    FROM price_list l LEFT JOIN price p ON p.price_list = l.id AND p.version = l.version"""
_OF_LIST = f"{_VERSIONS} WHERE l.id = ANY($1::text[]) ORDER BY l.id, l.version"
_OF_RESELLERS = f"""{_VERSIONS} AND p.grade = ''
    WHERE $1::text[] IS NULL OR l.reseller = ANY($1::text[]) OR l.reseller IS NULL
    ORDER BY l.id, l.version"""
_TODAY = "SELECT (now() AT TIME ZONE 'UTC')::date"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('price_list ' || $1))"
_DRAFT = """
    INSERT INTO price_list (id, version, reseller, name, currency, tax_note, state, revision, changed_at, changed_by,
                            why)
    VALUES ($1, $2, $3, $4, $5, $6, 'draft', 1, now(), $7, $8)
    ON CONFLICT (id, version) DO UPDATE
    SET name = $4, tax_note = $6, revision = price_list.revision + 1, changed_at = now(), changed_by = $7, why = $8
    WHERE price_list.state = 'draft'"""
_CLEAR = """
    DELETE FROM price p USING price_list l
    WHERE l.id = p.price_list AND l.version = p.version AND l.state = 'draft' AND l.id = $1 AND l.version = $2"""
_PRICES = """
    INSERT INTO price (price_list, version, service_type, grade, setup, monthly)
    SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::numeric[], $6::numeric[])"""
_PUBLISH = """
    UPDATE price_list SET state = 'published', valid_from = $3, valid_to = $4, changed_at = now(), changed_by = $5,
                          why = $6
    WHERE id = $1 AND version = $2 AND state = 'draft'"""
_AUDIT = "INSERT INTO audit (by, subject, action, why) VALUES ($1, $2, $3, $4)"
# What a change ends is a charge of the opposite quantity, from the day on which it ends: a customer counts for what is
# charged now or at last, whichever is more.
_AFFECTED = """
    SELECT reseller, min(currency) AS currency, count(*) AS customers, sum(services) AS services,
           sum(numbers) AS numbers, sum(monthly) AS monthly
    FROM (SELECT reseller, min(currency) AS currency,
                 greatest(sum(quantity) FILTER (WHERE grade = '' AND begun),
                          sum(quantity) FILTER (WHERE grade = ''), 0) AS services,
                 greatest(sum(quantity) FILTER (WHERE grade <> '' AND begun),
                          sum(quantity) FILTER (WHERE grade <> ''), 0) AS numbers,
                 greatest(sum(quantity * monthly) FILTER (WHERE begun), sum(quantity * monthly), 0) AS monthly
          FROM (SELECT *, coalesce(starts_at <= now(), true) AS begun FROM charge
                ORDER BY order_id DESC, position DESC LIMIT $4) newest
          WHERE price_list = $1 AND ($2::int IS NULL OR version = $2)
            AND (state = 'active' OR (state = 'pending' AND quantity > 0))
            AND ($3::text[] IS NULL OR reseller = ANY($3::text[]))
          GROUP BY reseller, customer_id) of_customer
    WHERE services > 0 OR numbers > 0 GROUP BY reseller ORDER BY reseller"""
# Without an index by price list, which each order would pay for.
_LOOKED_THROUGH = "SELECT count(*) FROM (SELECT FROM charge LIMIT $1) looked"
LOOKED_THROUGH = 200_000
"""So many charges, the newest, are looked at to say whom a price list affects."""


async def day_of(db: Connection) -> date:
    """The database's day (UTC)."""
    day: date = await db.fetchval(_TODAY)
    return day


async def alone(db: Connection, id_: str) -> None:
    """Nobody else changes that list until the transaction ends."""
    await db.execute(_ALONE, id_)


async def of_lists(db: Connection, ids: Iterable[str]) -> dict[str, list[Version]]:
    """All versions of these lists, the oldest first."""
    return _versions(await db.fetch(_OF_LIST, sorted(set(ids))))


async def of_resellers(db: Connection, scope: Scope) -> dict[str, list[Version]]:
    """All versions of the lists of these resellers and of the house, with the prices of services alone."""
    return _versions(await db.fetch(_OF_RESELLERS, None if scope is None else list(scope)))


def _versions(rows: Sequence[Any]) -> dict[str, list[Version]]:
    lists: dict[str, dict[int, tuple[Any, list[ListedPrice]]]] = {}
    for row in rows:
        _, prices = lists.setdefault(row.id, {}).setdefault(row.version, (row, []))
        if row.service_type is not None:
            given = {"service_type": row.service_type, "grade": row.grade or None}
            prices.append(ListedPrice.model_construct(**given, setup=row.setup, monthly=row.monthly))
    return {
        id_: [
            Version(**{name: row[name] for name in _COLUMNS}, prices=tuple(prices)) for row, prices in versions.values()
        ]
        for id_, versions in lists.items()
    }


async def draft(db: Connection, asked: DraftQuery, version: int) -> None:
    """Write the draft in place of what it was."""
    list_ = (asked.price_list, version)
    await db.execute(_DRAFT, *list_, asked.reseller, asked.name, asked.currency, asked.tax_note, asked.by, asked.why)
    await db.execute(_CLEAR, *list_)
    prices = asked.prices
    columns = (
        [p.service_type for p in prices], [p.grade or "" for p in prices],
        [p.setup for p in prices], [p.monthly for p in prices],
    )  # fmt: skip
    await db.execute(_PRICES, *list_, *columns)
    await audit(db, asked.by, list_subject(asked.price_list), f"drafted version {version}", asked.why)


async def put_in_force(db: Connection, asked: PublishQuery) -> None:
    """From that day on the draft is in force."""
    await db.execute(_PUBLISH, asked.price_list, asked.version, asked.valid_from, asked.valid_to, asked.by, asked.why)
    done = f"published version {asked.version} from {asked.valid_from} to {asked.valid_to or 'further notice'}"
    await audit(db, asked.by, list_subject(asked.price_list), done, asked.why)


def list_subject(id_: str) -> str:
    """What the audit calls a list."""
    return f"price_list {id_}"


async def audit(db: Connection, by: str, subject: str, action: str, why: str) -> None:
    """Keep who did what and why."""
    await db.execute(_AUDIT, by, subject, action, why)


async def looked_through(db: Connection) -> tuple[int, bool]:
    """At how many charges `affected` looks, and whether there are older ones."""
    there = int(await db.fetchval(_LOOKED_THROUGH, LOOKED_THROUGH + 1))
    return min(there, LOOKED_THROUGH), there > LOOKED_THROUGH


async def affected(db: Connection, asked: AffectedQuery) -> list[AffectedReseller]:
    """By reseller: customers, services, numbers, and what they come to a month in the list's one currency. Of the
    newest charges alone."""
    scope = None if asked.resellers is None else list(asked.resellers)
    return [
        AffectedReseller(
            reseller=row.reseller,
            customers=row.customers,
            services=row.services,
            numbers=row.numbers,
            monthly=(Money(amount=row.monthly, currency=row.currency),),
        )
        for row in await db.fetch(_AFFECTED, asked.price_list, asked.version, scope, LOOKED_THROUGH)
    ]
