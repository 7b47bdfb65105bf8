"""Grades that an inventory manager states for single numbers, whatever the rules say."""

from numbers_service import inventory_log, picture
from numbers_service.changes import Changes, ranges
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection
from patchbay_contracts.inventory import StateGrades
from patchbay_contracts.inventory_answers import GradesStated
from patchbay_contracts.v1.blocks import Regraded

_STATE = """
    INSERT INTO override AS o (e164, grade, reason, who)
    SELECT n, $2, $4, $3 FROM unnest($1::bigint[]) AS n ORDER BY n
    ON CONFLICT (e164) DO UPDATE
    SET grade = excluded.grade, reason = excluded.reason, who = excluded.who, at = now()
    WHERE (o.grade, o.reason) <> (excluded.grade, excluded.reason)
    RETURNING e164"""
_FORGET = """
    WITH mine AS (SELECT e164 FROM override WHERE e164 = ANY($1::bigint[]) ORDER BY e164 FOR UPDATE)
    DELETE FROM override USING mine WHERE override.e164 = mine.e164 RETURNING override.e164"""


async def state(db: Connection, reason: Reason, asked: StateGrades) -> GradesStated:
    """State the grade of these numbers, or let the rules decide again."""
    known = await picture.places(db, set(asked.numbers))
    numbers = sorted(known)
    if asked.grade is None:
        rows = await db.fetch(_FORGET, numbers)
    else:
        rows = await db.fetch(_STATE, numbers, asked.grade, *reason)
    changed = sorted(row.e164 for row in rows)
    why = reason.why if asked.grade else ""
    db.gather(Changes).regraded(Regraded(e164=n, grade=asked.grade, reason=why) for n in changed)
    if changed:
        what = f"graded {asked.grade}" if asked.grade else "graded by the rules again"
        await inventory_log.note_numbers(db, reason, what, ranges(changed))
    return GradesStated(changed=len(changed), unknown=tuple(sorted(set(asked.numbers) - known.keys())))
