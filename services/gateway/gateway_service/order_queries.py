"""SQL that finds orders for operators, who may see those of several resellers. Each statement names the resellers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.queries import ASKED_OF, ENDED, State
from gateway_service.views import NEWEST
from patchbay_chassis.database import Connection

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
APART = timedelta(minutes=1)
"""An order's id tells when it was accepted; so far apart the two may be."""

OLDEST = UUID(int=0)
_COLUMNS = "id, reseller, kind, state, partly, starts_at, labels, reference, customer_id, accepted_at, ended_at"
_WHERE = "id < $2 AND id >= $3 AND accepted_at >= $4 AND accepted_at < $5"
# Where nothing narrows the search each reseller's newest are a range of the key, however many others it has.
_BY_RESELLER = f"""
    SELECT o.* FROM unnest($1::text[]) AS r(id) CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM orders WHERE reseller = r.id AND {_WHERE}%s ORDER BY id DESC LIMIT $6) AS o
    ORDER BY id DESC LIMIT $6"""  # noqa: S608 - ours
_AMONG_FEW = f"""
    SELECT {_COLUMNS} FROM orders WHERE reseller = ANY($1::text[]) AND {_WHERE}%s
    ORDER BY id DESC LIMIT $6"""  # noqa: S608 - ours
_OF_ORDERS = ", ".join(f"o.{name.strip()}" for name in _COLUMNS.split(","))
# A label's orders are a range of its key, the newest at its end: as many are looked at as are shown.
_LABELLED = f"""
    SELECT o.* FROM unnest($1::text[]) AS r(id) CROSS JOIN LATERAL (
        SELECT {_OF_ORDERS} FROM order_label AS l JOIN orders AS o ON o.reseller = l.reseller AND o.id = l.order_id
        WHERE l.reseller = r.id AND l.name = $7 AND l.value = $8 AND l.order_id < $2 AND l.order_id >= $3
            AND {_WHERE}%s
        ORDER BY l.order_id DESC LIMIT $6) AS o
    ORDER BY id DESC LIMIT $6"""  # noqa: S608 - ours
_ALSO_LABELLED = """
    AND EXISTS (SELECT FROM order_label AS m WHERE m.reseller = {2}.reseller AND m.name = ${0} AND m.value = ${1}
        AND m.order_id = {2}.{3})"""
# By each of what they are found by as many as are shown, from the end of its index.
_LIKE = f"""
    SELECT DISTINCT ON (id) * FROM (
        (SELECT {_COLUMNS} FROM orders
         WHERE reseller = ANY($1::text[]) AND id = ANY($7::uuid[]) AND {_WHERE}%s)
        UNION ALL
        (SELECT {_COLUMNS} FROM orders WHERE reference = $8 AND reseller = ANY($1::text[]) AND {_WHERE}%s
         ORDER BY reference, id DESC LIMIT $6)
        UNION ALL
        SELECT o.* FROM unnest($9::uuid[]) AS c(customer) CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM orders
            WHERE customer_id = c.customer AND reseller = ANY($1::text[]) AND {_WHERE}%s
            ORDER BY id DESC LIMIT $6) AS o) AS found
    ORDER BY id DESC LIMIT $6"""  # noqa: S608 - ours
# The text tells most apart at little cost; what it cannot tell is read.
_OF_TYPE = """ AND document LIKE ${0} AND EXISTS (
    SELECT FROM jsonb_array_elements(document::jsonb -> 'lines') AS line WHERE line ->> 'service_type' = ${1})"""
_PIECE = "SELECT id FROM orders WHERE reseller = $1 AND id < $2 ORDER BY id DESC OFFSET $3 LIMIT 1"
_ALSO_LIKE = " AND (id = ANY(${0}::uuid[]) OR reference = ${1} OR customer_id = ANY(${2}::uuid[]))"
# What made no services is looked for among the newest, by the numbers that were asked for and those that it speaks of.
_OF_NUMBER = """
    SELECT o.id FROM unnest($1::text[]) AS r(id) CROSS JOIN LATERAL (
        (SELECT id, document, event FROM orders WHERE reseller = r.id AND ended_at IS NULL ORDER BY id DESC LIMIT $2)
        UNION ALL
        (SELECT id, document, event FROM orders WHERE reseller = r.id AND state = 'failed' ORDER BY id DESC LIMIT $2)
        ) AS o
    WHERE o.document ~ $3 OR o.event LIKE $4
    ORDER BY o.id DESC LIMIT $5"""
LOOKED_THROUGH = 5_000
"""So many orders under way, and as many that failed, are looked at for a number; and so many at once for what no index
has."""
_ONE = f"SELECT orders.*, {ASKED_OF} WHERE orders.reseller = ANY($1::text[]) AND orders.id = $2"


class Like(NamedTuple):
    """Orders by any of these: their ids, their reference, who they are of."""

    ids: tuple[UUID, ...] = ()
    reference: str | None = None
    customers: tuple[UUID, ...] = ()

    @property
    def values(self) -> list[Any]:
        """As statements take them."""
        return [list(self.ids), self.reference, list(self.customers)]


class Wanted(NamedTuple):
    """Which orders. `customer_id`: also those that made it. `labels`: names with values; all of them. `likes`: each of
    them, by one of what it has. `service_type`: what a line asks for. `starts_from`, `starts_before`: when those begin
    that were to wait. `since`: none that is older than the order of that id."""

    state: State | None = None
    reference: str = ""
    customer_id: UUID | None = None
    accepted_from: datetime = FIRST
    accepted_before: datetime = LAST
    labels: tuple[tuple[str, str], ...] = ()
    likes: tuple[Like, ...] = ()
    service_type: str = ""
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    since: UUID = OLDEST

    @property
    def newest(self) -> UUID:
        """Each order has a lesser id."""
        return _at(self.accepted_before + APART) if self.accepted_before < LAST else NEWEST

    @property
    def oldest(self) -> UUID:
        """No order has a lesser id."""
        return max(self.since, _at(self.accepted_from - APART)) if self.accepted_from > FIRST else self.since

    @property
    def is_looked_for(self) -> bool:
        """Whether orders have to be looked at for it one by one."""
        return bool(self.service_type or self.starts_from or self.starts_before)


async def piece(db: Connection, reseller: str, wanted: Wanted, before: UUID) -> UUID | None:
    """Down to which order those before that one are looked through at once; None if these are the last."""
    last = await db.fetchval(_PIECE, reseller, min(before, wanted.newest), LOOKED_THROUGH - 1)
    return last if last is not None and last > wanted.oldest else None


async def page(
    db: Connection, resellers: Sequence[str], wanted: Wanted, before: UUID = NEWEST, limit: int = 50
) -> Sequence[Any]:
    """Orders of these resellers that are older than `before`, newest first."""
    more, values, few = "", list[Any](), False
    for n, like in enumerate(wanted.likes):
        values += like.values
        more += _ALSO_LIKE.format(len(values) + 4, len(values) + 5, len(values) + 6) if n else ""
    label_of = ("orders", "id") if wanted.likes else ("l", "order_id")
    for n, label in enumerate(wanted.labels):
        values += label
        more += _ALSO_LABELLED.format(len(values) + 5, len(values) + 6, *label_of) if n or wanted.likes else ""
    if wanted.state in ENDED:
        more += f" AND state = '{wanted.state}'"  # by its name, so that the index of those that failed is used
    elif wanted.state is not None:
        values.append(wanted.state)
        more, few = f"{more} AND ended_at IS NULL AND state = ${len(values) + 6}", True
    for column, value in (("reference", wanted.reference or None), ("customer_id", wanted.customer_id)):
        if value is not None:
            values.append(value)
            more, few = f"{more} AND {column} = ${len(values) + 6}", True
    more += _looked_for(wanted, values)
    before, least = min(before, wanted.newest), wanted.oldest
    times = (wanted.accepted_from, wanted.accepted_before)
    if wanted.likes:
        query = _LIKE % (more, more, more)
    else:
        query = (_LABELLED if wanted.labels else _AMONG_FEW if few else _BY_RESELLER) % more
    return await db.fetch(query, list(resellers), before, least, *times, limit, *values)


def _looked_for(wanted: Wanted, values: list[Any]) -> str:
    more = ""
    if wanted.service_type:
        values += [f'%"service_type":"{wanted.service_type}"%', wanted.service_type]
        more += _OF_TYPE.format(len(values) + 5, len(values) + 6)
    for comparison, moment in ((">=", wanted.starts_from), ("<", wanted.starts_before)):
        if moment is not None:
            values.append(moment)
            more += f" AND starts_at {comparison} ${len(values) + 6}"
    return more


async def of_number(db: Connection, resellers: Sequence[str], number: str, limit: int) -> tuple[UUID, ...]:
    """Orders of these resellers that are under way or failed, about a number that begins so; the newest of them."""
    asked_for, spoken_of = rf'"(exact|numbers)":\[[^]]*"\{number}', f"%{number}%"
    each = max(100, LOOKED_THROUGH // max(1, len(resellers)))
    return tuple(id_ for (id_,) in await db.fetch(_OF_NUMBER, list(resellers), each, asked_for, spoken_of, limit))


async def one(db: Connection, resellers: Sequence[str], id_: UUID) -> Any | None:
    """An order of one of these resellers, or None."""
    return await db.fetchrow(_ONE, list(resellers), id_)


def _at(moment: datetime) -> UUID:
    """The least id (UUIDv7) that an order of that moment has."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
