"""SQL that shows what drafts and baskets of a reseller hold."""

from patchbay_chassis.database import Connection
from patchbay_contracts.held_numbers import AllMissed, HeldFor, HeldPage, HeldQuery, Missed, MissedQuery
from patchbay_contracts.numbers import Asked, HoldOwner

# By the index of holds that are no order's: a reseller has as many as the settings allow.
_PAGE = """
    SELECT e164, owner_kind, owner, held_until FROM number
    WHERE reseller = $1 AND state = 'held' AND owner_kind <> 'order' AND held_until > now()
      AND e164 > $2 AND e164::text LIKE $3 ORDER BY e164 LIMIT $4"""
_MISSED = """
    SELECT w.owner_kind, w.owner, w.e164,
           CASE WHEN n.e164 IS NULL THEN s.first IS NOT NULL ELSE n.state <> 'held' OR n.held_until > now() END AS taken
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS w(reseller, owner_kind, owner, e164)
    LEFT JOIN number n ON n.e164 = w.e164
    LEFT JOIN LATERAL (SELECT * FROM span WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) s ON w.e164 <= s.last
    WHERE (n.owner = w.owner AND n.owner_kind = w.owner_kind AND n.reseller = w.reseller
           AND n.state = 'held' AND n.held_until > now()) IS NOT TRUE"""


async def page(db: Connection, asked: Asked[HeldQuery]) -> HeldPage:
    """The numbers that are asked for."""
    query = asked.query
    begins = f"{(query.number or '').removeprefix('+')}%"
    rows = await db.fetch(_PAGE, asked.reseller, query.after or 0, begins, query.count + 1)
    held = (
        HeldFor(e164=row.e164, owner=HoldOwner(kind=row.owner_kind, id=row.owner), held_until=row.held_until)
        for row in rows[: query.count]
    )
    return HeldPage(numbers=tuple(held), more=len(rows) > query.count)


async def missed(db: Connection, asked: MissedQuery) -> AllMissed:
    """Which of these numbers their owners do not hold any more."""
    thought = [
        (of.reseller, of.owner.kind, of.owner.id, number) for of in asked.holds for number in dict.fromkeys(of.numbers)
    ]
    rows = await db.fetch(_MISSED, *map(list, zip(*thought, strict=True))) if thought else []
    return AllMissed(
        numbers=tuple(
            Missed(owner=HoldOwner(kind=row.owner_kind, id=row.owner), e164=row.e164, taken=row.taken) for row in rows
        )
    )
