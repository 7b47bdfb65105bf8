"""What the index knows too few of: found wherever the tables have it, and not looked for number by number."""

from typing import Any

import pytest

from numbers_service import choosing
from numbers_service.changes import Changes
from numbers_service.grading import DEFAULT, IN_FORCE, Grading
from patchbay_chassis.database import Connection
from services.numbers.tests.behind import FIRST, Asked, Behind, from_index, wanted

SCARCE = FIRST + 777
OTHER = """
    INSERT INTO number (e164, state, owner, line, reseller, held_until)
    VALUES ($1, 'held', gen_random_uuid(), 0, 'acme', now() + $2::text::interval)"""
COUNT_ON = "UPDATE block SET version = version + 1 WHERE first = $1"

pytestmark = pytest.mark.usefixtures("blocks")


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the index are in force, whatever was declared before."""
    monkeypatch.setattr(IN_FORCE, "grading", DEFAULT)


async def chosen(db: Connection, replica: Behind, many: int = 1, **filter_: Any) -> tuple[list[int], int]:
    """What is chosen, and for how many wishes the tables were looked through."""
    replica.db = db
    choose = from_index(replica, tables := Asked())
    (numbers,) = await choose.candidates(db, [wanted(many, **filter_)])
    return numbers, len(tables.wanted)


@pytest.mark.parametrize(
    "filter_",
    [
        {"ends_with": "5000"},
        {"prefix": "0999"},
        {"prefix": "0121", "grades": ("gold",), "segments": ("99",)},
        {"method": "random", "pattern": "*55555"},
        {"grades": ("platinum",), "ends_with": "1", "lowest": True},
        {"method": "run", "aligned": 10, "grades": ("silver",)},
    ],
)
async def test_what_is_not_there_is_not_looked_for_number_by_number(db: Connection, filter_: dict[str, Any]) -> None:
    many = 30 if "aligned" in filter_ else 1
    assert await chosen(db, Behind(), many, **filter_) == ([], 0)


@pytest.mark.parametrize("filter_", [{}, {"method": "random"}, {"lowest": True, "prefix": "0121"}, {"method": "run"}])
async def test_what_came_free_a_moment_ago_is_found_before_the_index_is_told(
    db: Connection, filter_: dict[str, Any]
) -> None:
    replica = Behind()
    replica.taken(SCARCE)
    await db.execute(COUNT_ON, FIRST)
    await db.execute(COUNT_ON, FIRST)
    assert await chosen(db, replica, ends_with="777", **filter_) == ([SCARCE], 0)


async def test_what_is_held_no_longer_is_found_before_that_is_swept_up(db: Connection) -> None:
    replica = Behind()
    replica.taken(SCARCE)
    await db.execute(OTHER, SCARCE, "-1 s")
    assert await chosen(db, replica, ends_with="777") == ([SCARCE], 0)
    assert await chosen(db, replica, ends_with="777", prefix="020") == ([], 0)


async def test_what_this_transaction_freed_is_found_and_what_it_took_is_not(db: Connection) -> None:
    replica = Behind()
    replica.taken(SCARCE)
    db.gather(Changes).freed([SCARCE])
    await db.execute(OTHER, FIRST + 77, "1 hour")
    there = list(range(FIRST + 177, FIRST + 1_000, 100))
    assert await chosen(db, replica, 20, ends_with="77") == (there, 0)


async def test_what_somebody_took_a_moment_ago_is_not_chosen(db: Connection) -> None:
    await db.execute(OTHER, SCARCE, "1 hour")
    await db.execute(COUNT_ON, FIRST)
    assert await chosen(db, Behind(), 2, ends_with="777") == ([], 0)


async def test_the_tables_choose_while_the_index_grades_by_other_rules(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IN_FORCE, "grading", Grading(DEFAULT.rules[:1]))
    assert await chosen(db, Behind(), ends_with="5000") == ([], 1)


async def test_the_tables_choose_where_very_much_has_changed(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_NEWER", 0)
    await db.execute(COUNT_ON, FIRST)
    assert await chosen(db, Behind(), prefix="0121", ends_with="5000") == ([], 1)
