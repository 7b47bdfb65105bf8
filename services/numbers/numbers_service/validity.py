"""The numbers' part of the validity report: whether a draft's chosen numbers would be held for its order.

What an order would be refused for is an error, by the same rules (`model.is_known`, `queries.MAY_TAKE`); what it would
get, but may lose before, is a warning.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from numbers_service.index import PoolOf
from numbers_service.model import Taker, is_known
from numbers_service.queries import MAY_TAKE
from patchbay_chassis.database import Connection
from patchbay_contracts.validity import Finding, Findings, Severity, ValidityQuery

SOON = timedelta(minutes=5)
"""A hold that ends within this time is pointed out."""
MOST = 200
"""So many findings stand in a report at the most; how many more there are is said in one."""

SEVERITY: Mapping[str, Severity] = {
    "unknown": "error",
    "lost": "error",
    "named_twice": "error",
    "not_held": "warning",
    "ends_soon": "warning",
}

_CHOSEN = f"""
    WITH w AS (
        SELECT n.e164, p.pool, p.owner AS pool_owner, p.lent, p.span, NULL::uuid AS owner, n.reseller, n.held_by,
               true AS named
        FROM unnest($1::bigint[], $2::text[], $3::uuid[]) AS n(e164, reseller, held_by)
        CROSS JOIN LATERAL place(n.e164) p)
    SELECT w.held_by, w.e164, w.pool, w.pool_owner,
           CASE WHEN o.owner = w.held_by AND o.owner_kind <> 'order' AND o.reseller = w.reseller AND o.state = 'held'
                     AND o.held_until > now() THEN o.held_until END AS held_until,
           coalesce(o.held_until < now() + $4::interval, false) AS ends_soon,
           CASE WHEN w.span IS NOT NULL THEN s.reseller = w.reseller AND s.state = 'quarantined'
                WHEN o.e164 IS NOT NULL THEN coalesce({MAY_TAKE.replace("$9", "'order'")}, false)
                ELSE true END AS is_to_be_had
    FROM w LEFT JOIN number o ON o.e164 = w.e164 LEFT JOIN span s ON s.first = w.span ORDER BY w.e164"""


class Chosen(NamedTuple):
    """A number of ours: whose pool it is in, until when the draft holds it, if it does, and whether its order would get
    it."""

    place: PoolOf
    held_until: datetime | None
    ends_soon: bool
    is_to_be_had: bool


async def findings(db: Connection, query: ValidityQuery) -> Findings:
    """What is to be said of the numbers of a draft, in the order of its lines."""
    (found,) = await findings_of_many(db, [query])
    return found


async def findings_of_many(db: Connection, queries: Sequence[ValidityQuery]) -> list[Findings]:
    """The same of each, as if it were alone."""
    asked = {(n, q.reseller, q.held_by) for q in queries for line in q.lines for n in line.numbers}
    chosen = await chosen_of(db, asked)
    found = (_bounded(list(_all(query, chosen.get(query.held_by, {})))) for query in queries)
    return [Findings(findings=tuple(one)) for one in found]


async def chosen_of(db: Connection, asked: Collection[tuple[int, str, UUID]]) -> dict[UUID, dict[int, Chosen]]:
    """How these numbers stand for the drafts and orders of these resellers, by the ids of these; without what is in no
    block."""
    rows = await db.fetch(_CHOSEN, *map(list, zip(*sorted(asked), strict=True)), SOON) if asked else ()
    chosen: dict[UUID, dict[int, Chosen]] = {}
    for held_by, e164, pool, owner, until, soon, to_be_had in rows:
        chosen.setdefault(held_by, {})[e164] = Chosen(PoolOf(pool, owner), until, soon, to_be_had)
    return chosen


def _all(query: ValidityQuery, chosen: Mapping[int, Chosen]) -> Iterator[Finding]:
    taker = Taker(query.held_by, query.reseller, query.customer.id if query.customer else None)
    named: dict[int, int] = {}
    for line, one in enumerate(query.lines):
        for at, number in enumerate(one.numbers):
            pointer = f"/lines/{line}/numbers/{at}"
            if number in named:
                where = f"line {named[number] + 1} has it already"
                yield _finding("named_twice", pointer, number, where, "take it out of one of the two")
            else:
                named[number] = line
                yield from _of(taker, number, chosen.get(number), pointer)


def _of(taker: Taker, number: int, one: Chosen | None, pointer: str) -> Iterator[Finding]:
    """What is to be said of one number, if anything. What is in another's pool is answered as unknown."""
    if one is None or not is_known(taker, one.place):
        yield _finding("unknown", pointer, number, "it is not among ours", "choose another")
    elif one.held_until is not None:
        if one.ends_soon:
            until = f"it is held until {one.held_until:%H:%M:%S} UTC only"
            yield _finding("ends_soon", pointer, number, until, "extend the hold, or create at once")
    elif one.is_to_be_had:
        over = "it is not held any more, though nobody else has it yet"
        yield _finding("not_held", pointer, number, over, "add it again, so that nobody else takes it")
    else:
        yield _finding("lost", pointer, number, "it was taken meanwhile", "choose another")


def _finding(code: str, pointer: str, number: int, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"numbers.{code}",
        severity=SEVERITY[code],
        tab="numbers",
        pointer=pointer,
        message=f"+{number}: {message}",
        remedy=remedy,
    )


def _bounded(found: Sequence[Finding]) -> Iterable[Finding]:
    """The first, the errors before the warnings if there are too many; and how many more there are."""
    if len(found) <= MOST:
        return found
    *shown, more = sorted(found, key=lambda one: one.severity != "error")[:MOST]
    message = f"{len(found) - MOST + 1:,} numbers more need to be seen to"
    rest = more.model_copy(update={"code": "numbers.more", "pointer": "/lines", "message": message})
    return [*shown, rest.model_copy(update={"remedy": "see to those that are named, and look again"})]
