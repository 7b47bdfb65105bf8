"""All SQL that finds what was ordered over the TM Forum API by its attributes. Whatever is read names its reseller."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.tmf.order_queries import COLUMNS, LAST, Stored, read
from patchbay_chassis.database import Connection

_UNREAD = "coalesce(terms, '{}') = '{}'"
"""What has no terms, in the words of its index."""
_COUNT = "SELECT count(*) FROM tmf_order WHERE {where}"
_PAGE = "SELECT {columns} FROM tmf_order WHERE {where} ORDER BY id DESC OFFSET {offset} LIMIT {limit}"
# Nobody knows how many have a term: were the newest read until enough of them have it, all might be.
_FOUND = """
    WITH found AS MATERIALIZED (SELECT id FROM tmf_order WHERE {where})
    SELECT {columns} FROM tmf_order
    WHERE reseller = $1 AND id IN (SELECT id FROM found ORDER BY id DESC OFFSET {offset} LIMIT {limit})
    ORDER BY id DESC"""


class Wanted(NamedTuple):
    """Which orders; what is left out may be anything. `any_of` and `none_of` are terms, `dated` compares with the
    orderDate. `also`: those without terms that are wanted too."""

    external_id: str | None = None
    id: UUID | None = None
    any_of: Sequence[list[int]] = ()
    none_of: Sequence[int] = ()
    dated: Sequence[tuple[str, datetime]] = ()
    also: Sequence[UUID] = ()

    @property
    def by_terms(self) -> bool:
        """Whether only orders with terms are found, and those that are named."""
        return bool(self.any_of or self.none_of or self.dated)


async def count(db: Connection, reseller: str, wanted: Wanted, *, unread: bool = False) -> int:
    """How many there are; of those without terms if they are `unread`."""
    where, values = _where(reseller, wanted, unread)
    return int(await db.fetchval(_COUNT.format(where=where), *values))


async def page(
    db: Connection,
    reseller: str,
    wanted: Wanted,
    *,
    before: UUID = LAST,
    offset: int = 0,
    limit: int = 100,
    unread: bool = False,
) -> list[Stored]:
    """A part of them, the newest first."""
    where, values = _where(reseller, wanted, unread)
    places = [f"${len(values) + at}" for at in (1, 2, 3)]
    statement = (_FOUND if wanted.by_terms and not unread else _PAGE).format(
        columns=COLUMNS, where=f"{where} AND id < {places[0]}", offset=places[1], limit=places[2]
    )
    return [read(row) for row in await db.fetch(statement, *values, before, offset, limit)]


def _where(reseller: str, wanted: Wanted, unread: bool) -> tuple[str, list[Any]]:
    values: list[Any] = [reseller]

    def given(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    where = ["reseller = $1"]
    if wanted.external_id is not None:
        where.append(f"external_id = {given(wanted.external_id)}")
    if wanted.id is not None:
        where.append(f"id = {given(wanted.id)}")
    if unread:
        where.append(_UNREAD)
    elif wanted.by_terms:
        found = [f"terms && {given(one)}::bigint[]" for one in wanted.any_of]
        found += [f"NOT terms && {given(list(wanted.none_of))}::bigint[]"] if wanted.none_of else []
        found += [f"dated {sign} {given(at)}" for sign, at in wanted.dated]
        has = f"NOT {_UNREAD} AND {' AND '.join(found)}"
        where.append(f"({has} OR id = ANY({given(list(wanted.also))}::uuid[]))" if wanted.also else has)
    return " AND ".join(where), values
