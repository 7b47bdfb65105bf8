"""Services and numbers of which clients say themselves how they are, and whom therefore their owners cannot find by
that: they are looked through, beside the list of all others."""

from collections.abc import Mapping
from typing import Any

from gateway_service.tmf import record_queries
from gateway_service.tmf.errors import refused
from gateway_service.tmf.record_queries import Kind
from gateway_service.tmf.selection import ALIKE, Filter, Selection
from patchbay_chassis.database import Connection
from patchbay_contracts.taken_in import MOST_DESCRIBED

MOST_LOOKED_THROUGH = 10_000


async def speaking(db: Connection, reseller: str, kind: Kind, asked: Selection) -> Mapping[str, dict[str, Any]]:
    """What was said of things, by their ids, where it is about what is asked. Raises Problem 422."""
    names = {one.path[0] for one in asked.filters}
    names |= {ALIKE[name] for name in names & ALIKE.keys()}
    found = await record_queries.naming(db, reseller, kind, names, MOST_DESCRIBED + 1)
    check(len(found), f"{kind}s that were described by you", asked.filters[0], MOST_DESCRIBED)
    return {id_: sent for id_, sent in found.items() if not names.isdisjoint(sent)}


def check(many: int, what: str, filter_: Filter, most: int = MOST_LOOKED_THROUGH) -> None:
    """Raises Problem 422 where too many would have to be looked through for a filter."""
    if many > most:
        name = ".".join((*filter_.path, *(() if filter_.operator == "eq" else (filter_.operator,))))
        message = f"more than {most} {what} would have to be looked through for it"
        raise refused(name, message, "leave it out, or narrow the list by values of other attributes as well")
