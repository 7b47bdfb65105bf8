"""Grade rules as declared data: what they are, what others would change, and others put in their place."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numbers_service import inventory_log, rules
from numbers_service.grading import DEFAULT, DIGITS, GRADES, Grading
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection, affected
from patchbay_chassis.problems import Problem
from patchbay_chassis.turn import Turn
from patchbay_contracts.inventory import DeclareGrades, GradeRules
from patchbay_contracts.inventory_answers import Grades, Preview, Regrading
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import GradesDeclared

EXAMPLES = 20
ENDINGS = 10**DIGITS

_WHOSE = "SELECT who, why, at FROM grade_rules WHERE version = $1"
# Of two who replace the same version the first wins.
_DECLARE = """
    INSERT INTO grade_rules (version, rules, who, why) VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING"""
_BLOCKS = "SELECT first, last FROM block ORDER BY first"
_OVERRIDDEN = "SELECT e164 FROM override"

Integers = NDArray[np.int64]


async def in_force(db: Connection) -> Grades:
    """The rules that decide now."""
    declared = await rules.current(db)
    whose = await db.fetchrow(_WHOSE, declared.version)
    return Grades(version=declared.version, rules=_shown(declared), **dict(whose or {}))


def _shown(declared: GradesDeclared) -> tuple[GradeRule, ...]:
    """As long as none were declared, those in the code."""
    return declared.rules if declared.version else DEFAULT.rules


async def declare(turn: Turn, reason: Reason, asked: DeclareGrades) -> Grades:
    """Grade by these rules from now on; everybody is told. Raises Problem if others are in force than are replaced."""
    declared = await rules.current(turn.db)
    if asked.rules != _shown(declared):
        version = declared.version + 1
        new = GradesDeclared(version=version, rules=asked.rules)
        values = (version, rules.written(asked.rules), *reason)
        if asked.version != declared.version or not affected(await turn.db.execute(_DECLARE, *values)):
            detail = "GET the rules that are in force, see what has changed, and replace their version."
            raise Problem(
                409, "The rules that you replace are not in force any more", detail, code="grade_rules_replaced"
            )
        detail_ = {"version": version, "rules": [rule.name for rule in asked.rules]}
        await inventory_log.note(turn.db, reason, "grade rules declared", detail_)
        turn.say(new)
        turn.db.after_commit(rules.forget)
    return await in_force(turn.db)


class Inventory(NamedTuple):
    """What rules are compared over: the rules in force, the blocks' first and last numbers, and what is graded by
    hand."""

    declared: GradesDeclared
    blocks: Sequence[Any]
    overridden: Sequence[Any]


async def inventory(db: Connection) -> Inventory:
    """As it is."""
    return Inventory(await rules.current(db), await db.fetch(_BLOCKS), await db.fetch(_OVERRIDDEN))


async def preview(there: Inventory, asked: GradeRules) -> Preview:
    """What these rules would change in the whole inventory, compared with those in force. It takes a while, and no
    database."""
    regraded = await asyncio.to_thread(_compared, there, asked)
    numbers = sum(one.numbers for one in regraded)
    return Preview(version=there.declared.version, numbers=numbers, regraded=tuple(regraded))


def _compared(there: Inventory, asked: GradeRules) -> list[Regrading]:
    before = rules.grading(there.declared)
    after = rules.grading(GradesDeclared(version=there.declared.version + 1, rules=asked.rules))
    blocks = np.array(there.blocks, np.int64).reshape(-1, 2)
    return compared(before, after, blocks, np.array(there.overridden, np.int64).reshape(-1))


def compared(before: Grading, after: Grading, blocks: Integers, stated: Integers) -> list[Regrading]:
    """What changes from which grade to which, the best first. `blocks` are first and last numbers, in rows; what is
    `stated` by hand does not change. It counts endings, of which there are fewer than numbers."""
    many = _endings(blocks, stated)
    old, new = _grades(before), _grades(after)
    changed = np.flatnonzero((old != new) & (many > 0))
    changes = old[changed].astype(np.int64) * len(GRADES) + new[changed]
    found = []
    for change in np.unique(changes).tolist():
        endings = changed[changes == change]
        examples = [n for ending in endings[:EXAMPLES].tolist() for n in _numbers(ending, blocks, stated)]
        found.append(
            Regrading(
                before=GRADES[change // len(GRADES)],
                after=GRADES[change % len(GRADES)],
                numbers=int(many[endings].sum()),
                examples=tuple(examples[:EXAMPLES]),
            )
        )
    return found


def _grades(grading: Grading) -> NDArray[np.uint8]:
    """The place in GRADES of each ending's grade."""
    return np.array([GRADES.index(grade) for grade, _ in grading.names], np.uint8)[grading.table]


def _endings(blocks: Integers, stated: Integers) -> Integers:
    """How many numbers have each ending: a block is a range of endings, which may go over their end."""
    starts = blocks[:, 0] % ENDINGS
    ends = starts + blocks[:, 1] - blocks[:, 0] + 1
    steps = np.zeros(2 * ENDINGS + 1, np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, ends, -1)
    many: Integers = np.cumsum(steps[:-1]).reshape(2, ENDINGS).sum(axis=0)
    np.subtract.at(many, stated % ENDINGS, 1)
    return many


def _numbers(ending: int, blocks: Integers, stated: Integers) -> Iterator[int]:
    """Numbers with that ending."""
    behind = (ending - blocks[:, 0]) % ENDINGS
    numbers = (blocks[:, 0] + behind)[behind <= blocks[:, 1] - blocks[:, 0]]
    yield from numbers[~np.isin(numbers, stated)][:EXAMPLES].tolist()
