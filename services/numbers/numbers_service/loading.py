"""Blocks that come into the inventory: each good one is there afterwards, whatever is wrong with others."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from numbers_service import inventory_log
from numbers_service.changes import Changes
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection, Overtaken
from patchbay_contracts.inventory import NewBlock, NewBlocks
from patchbay_contracts.inventory_answers import LoadedBlocks, RefusedBlock

# What is in the way of a block, be it committed meanwhile, lets it be left out; a second look finds what that was.
_LOAD = """
    INSERT INTO block (first, last, country, trunk, area, pool, owner)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        AS w(first, last, country, trunk, area, pool, owner) ORDER BY w.first, w.last
    ON CONFLICT DO NOTHING RETURNING first, last, country, trunk, area, pool, owner"""
_IN_THE_WAY = """
    SELECT b.first, b.last, b.country, b.trunk, b.area, b.pool, b.owner
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS w(first, last, at)
    LEFT JOIN LATERAL (
        SELECT * FROM block WHERE int8range(block.first, block.last, '[]') && int8range(w.first, w.last, '[]')
        ORDER BY block.first LIMIT 1) b ON true
    ORDER BY w.at"""
_WITHIN = """
    SELECT DISTINCT b.first, b.last, b.country, b.trunk, b.area, b.pool, b.owner
    FROM unnest($1::bigint[]) AS w(first)
    JOIN block b ON int8range(b.first, b.last, '[]') && int8range(w.first, w.first + $2) ORDER BY b.first"""
_FIELDS = ("first", "last", "country", "trunk", "area", "pool", "owner")
_of = attrgetter(*_FIELDS)


class Refusal(NamedTuple):
    """Why something is not loaded, and what to do."""

    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}"


Outcome = Literal["loaded", "there_already"] | Refusal


async def post(db: Connection, reason: Reason, asked: NewBlocks) -> LoadedBlocks:
    """Load the blocks of one call."""
    outcomes = await load(db, asked.blocks)
    loaded = sorted(
        (block.first, block.last) for block, one in zip(asked.blocks, outcomes, strict=True) if one == "loaded"
    )
    if loaded:
        detail = {"loaded": len(loaded), "blocks": [f"+{first}" for first, _ in loaded]}
        await inventory_log.note(db, reason, "blocks loaded", detail, about=loaded)
    refused = (
        RefusedBlock(pointer=f"/blocks/{at}", message=one.message, remedy=one.remedy)
        for at, one in enumerate(outcomes)
        if isinstance(one, Refusal)
    )
    there_already = outcomes.count("there_already")
    return LoadedBlocks(loaded=len(loaded), there_already=there_already, refused=tuple(refused))


async def load(db: Connection, blocks: Sequence[NewBlock]) -> list[Outcome]:
    """Load these blocks; what became of each. The same block again is there already; another one in its place is
    not touched."""
    if not blocks:
        return []
    distinct = sorted(dict.fromkeys(blocks), key=attrgetter("first", "size"))
    loaded = {tuple(row) for row in await db.fetch(_LOAD, *map(list, zip(*map(_of, distinct), strict=True)))}
    db.gather(Changes).whole(first for first, *_ in loaded)
    left = [block for block in distinct if _of(block) not in loaded]
    there = await db.fetch(_IN_THE_WAY, [one.first for one in left], [one.last for one in left]) if left else []
    outcomes = {block: _compared(block, row) for block, row in zip(left, there, strict=True)}
    return [_once(block, outcomes) for block in blocks]


def _once(block: NewBlock, outcomes: dict[NewBlock, Outcome]) -> Outcome:
    """What became of a block: one that stands twice is loaded once."""
    outcome = outcomes.get(block, "loaded")
    outcomes.setdefault(block, "there_already")
    return outcome


def _compared(block: NewBlock, there: Any) -> Outcome:
    if there.first is None:
        raise Overtaken
    if _of(block) == tuple(there):
        return "there_already"
    return refusal(there)


async def within(db: Connection, firsts: Sequence[int], size: int) -> list[Any]:
    """The blocks that are there already and have some of the numbers that follow each of these, in order."""
    return list(await db.fetch(_WITHIN, firsts, size))


def refusal(there: Any) -> Refusal:
    """Another block is where this one should be."""
    whose = f"{there.pool} pool of {there.owner}" if there.owner else f"{there.pool} pool"
    home = f"country {there.country}, trunk {there.trunk or 'none'}, area {there.area}"
    what = f"+{there.first} to +{there.last} are there already, in the {whose}, {home}"
    return Refusal(what, "write the block as it is there, or leave it out; lending moves numbers to another pool")
