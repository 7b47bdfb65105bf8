"""SQL that finds resellers and customers, also those that a new one resembles. Each statement names the resellers."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from customer_service import names
from patchbay_chassis.database import Connection, Row
from patchbay_chassis.problems import invalid_at
from patchbay_contracts.customers import (
    CustomerFound,
    CustomersFound,
    CustomersQuery,
    ResellerRecord,
    ResellersFound,
    ResellersQuery,
)

NEWEST, LEAST = 2_000, 50
"""So many of the newest customers are looked through first, and so many of each reseller at least: words that many have
are found there."""
MOST_ALIKE = 500
"""So many names are compared with a new one at the most."""
LAST = datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)

_RESELLERS = """
    SELECT id, name, email, state, parent FROM reseller
    WHERE ($1::text[] IS NULL OR id = ANY($1)) AND (starts_with(id, lower($2)) OR NOT EXISTS (
        SELECT FROM unnest(string_to_array(lower($2), ' ')) AS w
        WHERE position(' ' || w IN ' ' || lower(name)) = 0))
    ORDER BY lower(name), id LIMIT $3"""
_STATE = {
    frozenset({"active", "blocked"}): "state <> 'withdrawn'",
    frozenset({"active"}): "state = 'active'",
    frozenset({"blocked"}): "state = 'blocked'",  # there is an index of those alone: they are few
}
_WINDOW = """
    SELECT c.* FROM unnest($1::text[]) AS r(id) CROSS JOIN LATERAL (
        SELECT id, reseller, name, email, phone, reference, state, created_at, words FROM customer
        WHERE reseller = r.id AND {state} AND created_at >= $2 AND created_at <= $3
        AND (created_at < $3 OR id < $4) ORDER BY created_at DESC, id DESC LIMIT $5) AS c"""
_NEWEST = f"{_WINDOW} ORDER BY created_at DESC, id DESC LIMIT $5"
# What is older than the oldest that was seen of some reseller may have an older one's place: only newer ones count.
_SEEN = f"""
    WITH seen AS MATERIALIZED ({_WINDOW}), far AS (
        SELECT max(oldest) AS at FROM (
            SELECT min(created_at) AS oldest FROM seen GROUP BY reseller HAVING count(*) >= $5)
        AS full_windows)"""  # noqa: S608 - ours
_PACE = f"""{_SEEN}
    SELECT max(created_at) AS newest, count(*) AS seen, far.at FROM seen, far
    WHERE created_at > far.at GROUP BY far.at"""  # noqa: S608 - ours
_AMONG_NEWEST = f"""{_SEEN}
    SELECT seen.* FROM seen, far WHERE words @@ $6::tsquery AND (far.at IS NULL OR created_at > far.at)
    ORDER BY created_at DESC, id DESC LIMIT $7"""  # noqa: S608 - ours
# Reseller by reseller, and by their words alone: all their words in one query are gone through together, slowly.
_BY_WORDS = """
    WITH found AS MATERIALIZED (
        SELECT c.* FROM unnest($1::text[], $5::text[]) AS r(id, query) CROSS JOIN LATERAL (
            SELECT id, reseller, name, email, phone, reference, state, created_at FROM customer
            WHERE words @@ r.query::tsquery OFFSET 0) AS c
        WHERE c.reseller = r.id)
    SELECT * FROM found WHERE {state} AND created_at >= $2 AND created_at <= $3
    AND (created_at < $3 OR id < $4) ORDER BY created_at DESC, id DESC LIMIT $6"""
# The words name the reseller. As a condition of its own it would let PostgreSQL go through all its customers' dates in
# the other index as well: 100 ms for a reseller that has half a million.
_OF_WORDS = """
    FROM (SELECT id, reseller, name, email, state, created_at FROM customer WHERE words @@ $2::tsquery OFFSET 0) AS c
    WHERE reseller = $1 AND state <> 'withdrawn'"""
_ALIKE = f"SELECT id, name {_OF_WORDS} LIMIT $3"
_SAME_EMAILS = """
    SELECT w.n, c.id FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(reseller, query, email, n)
    CROSS JOIN LATERAL (
        SELECT id FROM (
            SELECT id, reseller, email, state, created_at FROM customer WHERE words @@ w.query::tsquery OFFSET 0) AS s
        WHERE s.reseller = w.reseller AND state <> 'withdrawn' AND lower(s.email) = lower(w.email)
        ORDER BY created_at DESC, id LIMIT $4) AS c
    ORDER BY w.n"""
_REFERENCES = """
    SELECT c.reseller, c.reference, c.id FROM unnest($1::text[], $2::text[]) AS w(reseller, reference)
    JOIN customer c ON c.reseller = w.reseller AND c.reference = w.reference
        AND c.reference IS NOT NULL AND c.state <> 'withdrawn'"""
Named = tuple[str, str]
"""A reseller, and what it calls something."""
_Where = tuple[list[str], datetime, datetime, UUID]
"""Whose, from when on, and before which place."""

# An index that is being made anew is not there for a while.
_FILE = "SELECT gin_clean_pending_list(i) FROM to_regclass('customer_words') AS i WHERE i IS NOT NULL"


async def resellers(db: Connection, asked: ResellersQuery) -> ResellersFound:
    """Resellers for a drop-down."""
    text = " ".join(asked.text.split())
    rows = await db.fetch(_RESELLERS, asked.resellers, text, asked.limit + 1)
    found = tuple(ResellerRecord.model_validate(dict(row)) for row in rows[: asked.limit])
    return ResellersFound(resellers=found, more=len(rows) > asked.limit)


async def customers(db: Connection, asked: CustomersQuery) -> CustomersFound:
    """A page of customers, newest first. Raises Problem 422 for a cursor that is not ours."""
    before, last = _place(asked.after)
    if asked.created_before is not None:
        before, last = min((before, last), (asked.created_before, UUID(int=0)))
    resellers, state = sorted(set(asked.resellers)), _STATE[frozenset(asked.states)]
    where: _Where = (resellers, asked.created_from or FIRST, before, last)
    queries, most = names.asked(resellers, asked.text), asked.limit + 1
    if not queries:
        rows = await db.fetch(_NEWEST.format(state=state), *where, most)
    else:
        rows = await _among_newest(db, state, where, " | ".join(queries), most)
        if len(rows) < most:
            rows = await db.fetch(_BY_WORDS.format(state=state), *where, queries, most)
    shown = rows[: asked.limit]
    found = tuple(CustomerFound.model_validate(_without_words(row)) for row in shown)
    return CustomersFound(customers=found, next=_cursor(shown[-1]) if len(rows) > asked.limit else None)


async def _among_newest(db: Connection, state: str, where: _Where, query: str, most: int) -> list[Row]:
    """Those that match among the newest few thousand; of several resellers, among those of a time in which they make
    about so many together."""
    resellers, since, before, last = where
    window = NEWEST
    if len(resellers) > 1:
        pace = await db.fetchrow(_PACE.format(state=state), *where, max(LEAST, NEWEST // len(resellers)))
        if pace is not None:
            age = (pace.newest - pace.at).total_seconds() * NEWEST / pace.seen
            since = max(since, pace.newest - timedelta(seconds=min(age, (pace.newest - FIRST).total_seconds())))
            window = 2 * NEWEST
    return list(await db.fetch(_AMONG_NEWEST.format(state=state), resellers, since, before, last, window, query, most))


async def with_emails(db: Connection, wanted: Collection[Named], most: int) -> dict[Named, list[UUID]]:
    """The reseller's customers who have that address, however it is written, the newest first."""
    if not wanted:
        return {}
    asked = list(wanted)
    resellers, emails = [reseller for reseller, _ in asked], [email for _, email in asked]
    found: dict[Named, list[UUID]] = {}
    for n, id_ in await db.fetch(_SAME_EMAILS, resellers, [names.same(*one) for one in asked], emails, most):
        found.setdefault(asked[n - 1], []).append(id_)
    return found


async def with_name_alike(db: Connection, reseller: str, name: str, most: int) -> list[Row]:
    """The reseller's customers whose names are the same or nearly so, the same ones first."""
    query, wanted = names.similar(reseller, name), names.words(name)
    if query is None:
        return []
    rows = await db.fetch(_ALIKE, reseller, query, MOST_ALIKE)
    found = [row for row in rows if names.alike(wanted, names.words(row.name))]
    return sorted(found, key=lambda row: (sorted(names.words(row.name)) != sorted(wanted), row.name, row.id))[:most]


async def with_references(db: Connection, wanted: Collection[Named]) -> dict[Named, UUID]:
    """The reseller's customer who has that reference."""
    if not wanted:
        return {}
    rows = await db.fetch(_REFERENCES, [reseller for reseller, _ in wanted], [reference for _, reference in wanted])
    return {(row.reseller, row.reference): row.id for row in rows}


async def file_new_words(db: Connection) -> None:
    """Put the words of new customers from the list where they wait into their places."""
    await db.execute(_FILE)


def _without_words(row: Row) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "words"}


def _cursor(row: Row) -> str:
    return f"{row.created_at.astimezone(UTC).isoformat()}/{row.id}"


def _place(cursor: str | None) -> tuple[datetime, UUID]:
    if cursor is None:
        return LAST
    at, _, id_ = cursor.partition("/")
    try:
        place = datetime.fromisoformat(at), UUID(id_)
        if place[0].tzinfo is not None:
            return place
    except ValueError:
        pass
    raise invalid_at("/after", "this is no cursor of ours", "give next as you got it")
