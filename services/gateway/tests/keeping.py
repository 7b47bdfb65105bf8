"""The gateway's tables as they were: whether anything changed, what, and all of it put back."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .conftest import Gateway

# That somebody looked, where he was, and that his holds were put off, is no change.
_NO_CHANGE = re.compile(
    r'"(seen_at|last_used_at|held_until|tab|changed_at)": "[^"]*"'
    r'|"report_seen": (null|\[[^\]]*\])|"findings_seen": \[(?:[^][]|\[[^][]*\])*\]'
)
_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'audit' ORDER BY relname"""
_ONE = "SELECT '{0}' AS name, json_agg(to_jsonb(t) ORDER BY t::text)::text AS rows FROM {0} t"
_BACK = "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::{0}, $1::json)"


class Kept:
    """What stands in all tables."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._all, self._read = dict[str, str](), ""
        self._moved = 0

    async def keep(self) -> None:
        """From now on it is put back to what it is now."""
        names = [row.relname for row in await self._gateway.rows(_TABLES)]
        self._read = " UNION ALL ".join(_ONE.format(name) for name in names)
        self._all = await self._now()
        self._moved = await self._transactions()

    async def changed(self) -> Mapping[str, tuple[str, str]]:
        """The rows of tables that are not as they were, as JSON: before, and now."""
        if (moved := await self._transactions()) == self._moved:
            return {}
        now = await self._now()
        self._moved = moved
        return {name: (was, now[name]) for name, was in self._all.items() if now[name] != was}

    async def restore(self, changed: Mapping[str, tuple[str, str]]) -> None:
        """What was changed is as it was."""
        if not changed:
            return
        async with self._gateway.database.transaction() as db:
            await db.execute("SET LOCAL session_replication_role = replica")
            for name, (was, _) in changed.items():
                await db.execute(f"DELETE FROM {name}")
                await db.execute(_BACK.format(name), was)
        self._moved = await self._transactions()

    async def _now(self) -> dict[str, str]:
        return {row.name: row.rows or "[]" for row in await self._gateway.rows(self._read)}

    async def _transactions(self) -> int:
        """Goes up with each transaction that writes, of anybody."""
        rows = await self._gateway.rows("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(rows[0][0])


def is_change(was: str, now: str) -> bool:
    """Whether rows differ in more than that somebody looked at them."""
    return _NO_CHANGE.sub("", was) != _NO_CHANGE.sub("", now)


def texts(value: Any) -> Iterator[str]:
    """All that can be read in a document, also in documents within it."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str) and value[:1] in {"{", "["}:
        yield value
        try:
            yield from texts(json.loads(value))
        except ValueError:
            return
    elif value is not None:
        yield str(value)
