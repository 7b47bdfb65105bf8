"""The grade rules in force: data in the database, the newest version decides."""

from pydantic import TypeAdapter

from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import GradesDeclared

_CURRENT = "SELECT version, rules FROM grade_rules ORDER BY version DESC LIMIT 1"
_RULES = TypeAdapter(tuple[GradeRule, ...])


async def current(db: Connection) -> GradesDeclared:
    """The rules that were declared last; version 0 without rules as long as there were none, and those in the code
    decide."""
    row = await db.fetchrow(_CURRENT)
    if row is None:
        return GradesDeclared(version=0, rules=())
    return GradesDeclared(version=row.version, rules=_RULES.validate_json(row.rules))
