"""The grade rules in force: data in the database, the newest version decides."""

from collections.abc import Sequence
from functools import lru_cache

from pydantic import TypeAdapter

from numbers_service.grading import IN_FORCE, Grading
from numbers_service.search import translating
from patchbay_chassis.database import Connection
from patchbay_chassis.fresh import Fresh
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import GradesDeclared

FRESH_FOR = 1.0
"""Seconds: within this time every process grades by rules that were declared."""

_CURRENT = "SELECT version, rules FROM grade_rules ORDER BY version DESC LIMIT 1"
_RULES = TypeAdapter(tuple[GradeRule, ...])


async def current(db: Connection) -> GradesDeclared:
    """The rules that were declared last; version 0 without rules as long as there were none, and those in the code
    decide."""
    row = await db.fetchrow(_CURRENT)
    if row is None:
        return GradesDeclared(version=0, rules=())
    return GradesDeclared(version=row.version, rules=_RULES.validate_json(row.rules))


def written(rules: Sequence[GradeRule]) -> str:
    """Rules as the database keeps them."""
    return _RULES.dump_json(tuple(rules), exclude_defaults=True).decode()


@lru_cache(maxsize=4)
def grading(declared: GradesDeclared) -> Grading:
    """What decides by these rules. It remembers what it decided, so the same rules have the same one."""
    return translating.grading(declared)


async def _read(db: Connection, keys: list[None]) -> dict[None, Grading]:
    return dict.fromkeys(keys, grading(await current(db)))


_known = Fresh(_read, FRESH_FOR)


async def heed(db: Connection) -> None:
    """Whoever grades calls this first: from here on this process grades by the rules in force."""
    IN_FORCE.grading = (await _known.get(db, [None]))[None]


def forget() -> None:
    """Look up what is in force before anything else is graded."""
    _known.forget()
