"""The feed: whoever follows it has exactly the authority's picture, block by block, version by version."""

from collections.abc import Mapping
from typing import Any

import pytest

from numbers_service import picture
from numbers_service.changes import Changes, ranges
from numbers_service.picture import Place
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.blocks import BlockChanged, BlockStated, Freed, Regraded

pytestmark = pytest.mark.usefixtures("blocks")

FIRST = 442079460000
PUBLIC, ACME = Place("public", ""), Place("reseller", "acme")
ASSIGN = """
    INSERT INTO number (e164, state, owner, line, reseller) SELECT e164, 'assigned', gen_random_uuid(), 0, 'acme'
    FROM unnest($1::bigint[]) AS e164"""


async def close_up(db: Connection) -> list[Any]:
    return list(await db.close_up())


async def versions(db: Connection) -> Mapping[int, int]:
    return {row.first: row.version for row in await db.fetch("SELECT first, version FROM block")}


async def test_what_was_taken_and_freed_is_said_once_a_block_with_its_next_version(db: Connection) -> None:
    db.gather(Changes).taken([FIRST, FIRST + 1, FIRST + 12, FIRST + 3])
    db.gather(Changes).freed({FIRST + 5: PUBLIC, FIRST + 6: PUBLIC, FIRST + 7: ACME})
    assert await close_up(db) == [
        BlockChanged(
            block=FIRST,
            version=2,
            taken=((FIRST, FIRST + 1), (FIRST + 3, FIRST + 3)),
            freed=(
                Freed(pool="public", ranges=((FIRST + 5, FIRST + 6),)),
                Freed(pool="reseller", owner="acme", ranges=((FIRST + 7, FIRST + 7),)),
            ),
        ),
        BlockChanged(block=FIRST + 10, version=2, taken=((FIRST + 12, FIRST + 12),)),
    ]
    assert (await versions(db))[FIRST] == 2


async def test_what_is_taken_and_given_back_in_one_go_is_nobodys_news(db: Connection) -> None:
    db.gather(Changes).taken([FIRST])
    db.gather(Changes).freed({FIRST: PUBLIC})
    db.gather(Changes).freed({FIRST + 1: PUBLIC})
    db.gather(Changes).taken([FIRST + 1])
    assert await close_up(db) == []
    assert set((await versions(db)).values()) == {1}


async def test_a_grade_by_hand_is_said(db: Connection) -> None:
    regraded = Regraded(e164=FIRST + 2, grade="gold", reason="the mayor's")
    db.gather(Changes).regraded([regraded])
    assert await close_up(db) == [BlockChanged(block=FIRST, version=2, regraded=(regraded,))]


async def test_a_block_of_which_much_changed_is_stated_anew(db: Connection) -> None:
    await db.execute("INSERT INTO lent VALUES ($1, $2, 'reseller', 'acme', now(), 'ann', 'a loan')", FIRST, FIRST + 4)
    await db.execute(ASSIGN, [FIRST + 2, FIRST + 7])
    db.gather(Changes).taken([FIRST + 2, FIRST + 7])
    db.gather(Changes).whole([FIRST])
    (stated,) = await close_up(db)
    assert isinstance(stated, BlockStated)
    assert (stated.version, stated.last) == (2, FIRST + 9)
    assert stated.freed == (
        Freed(pool="public", ranges=((FIRST + 5, FIRST + 6), (FIRST + 8, FIRST + 9))),
        Freed(pool="reseller", owner="acme", ranges=((FIRST, FIRST + 1), (FIRST + 3, FIRST + 4))),
    )


async def test_blocks_are_stated_in_turn_and_checked_in_turn(db: Connection) -> None:
    blocks = [row.first for row in await db.fetch("SELECT first FROM block ORDER BY first")]
    assert [one.block for one in await picture.states(db, 0, 3)] == blocks[:3]
    assert [one.block for one in await picture.states(db, blocks[2], 3)] == blocks[3:]
    seen = [one.block for _ in range(4) for one in await picture.check(db, 3)]
    assert seen == blocks + blocks[: len(seen) - len(blocks)]


def test_numbers_in_a_row_are_one_range() -> None:
    assert ranges([1, 2, 3, 5, 7, 8]) == ((1, 3), (5, 5), (7, 8))
