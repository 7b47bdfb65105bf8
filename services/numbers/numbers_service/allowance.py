"""How many numbers a reseller may hold in all its drafts and baskets together. Orders hold without it."""

from collections.abc import Collection

from numbers_service.model import Taker
from numbers_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem

# Who asks for one reseller does so alone, so that none counts what another is about to hold; and before it has locked
# anything else. The count has to be a statement of its own: it sees what was committed while this waited.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('allowance ' || $1, 0))"
_HELD = """
    SELECT count(*) FILTER (WHERE NOT (owner = $2 AND owner_kind = $3 AND e164 = ANY($4::bigint[])))
    FROM number WHERE reseller = $1 AND state = 'held' AND owner_kind <> 'order' AND held_until > now()"""


async def beyond(db: Connection, who: Taker, numbers: Collection[int]) -> int:
    """By how many these would exceed what the reseller may hold, as others hold now; what the draft or basket holds
    already counts once. No other hold of that reseller comes between until this transaction ends."""
    await db.execute(_ALONE, who.reseller)
    others = await db.fetchval(_HELD, who.reseller, who.owner, who.kind, sorted(numbers))
    return int(others) + len(numbers) - settings().most_held


async def check(db: Connection, who: Taker, numbers: Collection[int]) -> None:
    """Raises Problem if that would be too many."""
    if (over := await beyond(db, who, numbers)) > 0:
        most = settings().most_held
        fault = {
            "pointer": "/query/numbers",
            "message": f"{over:,} too many: drafts and baskets of a reseller hold {most:,} at the most, all together",
            "remedy": "release some, name fewer, or wait until holds end",
        }
        raise Problem(422, "Too many numbers are held", errors=[fault], code="too_many_held")
