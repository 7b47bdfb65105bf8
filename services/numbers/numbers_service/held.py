"""SQL that shows what drafts and baskets of a reseller hold."""

from patchbay_chassis.database import Connection
from patchbay_contracts.held_numbers import HeldFor, HeldPage, HeldQuery
from patchbay_contracts.numbers import Asked, HoldOwner

# By the index of holds that are no order's: a reseller has as many as the settings allow.
_PAGE = """
    SELECT e164, owner_kind, owner, held_until FROM number
    WHERE reseller = $1 AND state = 'held' AND owner_kind <> 'order' AND held_until > now()
      AND e164 > $2 AND e164::text LIKE $3 ORDER BY e164 LIMIT $4"""


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
