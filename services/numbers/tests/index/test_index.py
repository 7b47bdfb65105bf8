"""What an index is told is what it knows: states, checksums, snapshots, grades."""

import random

import pytest

from numbers_service.grading import DEFAULT, Grading
from numbers_service.index import BlockChange, BlockState, Index, PoolOf, Wanted
from patchbay_contracts.numbers import GradeRule
from services.numbers.tests.index.oracle import BLOCKS, POOLS, PUBLIC, Oracle, world


def everything(index: Index) -> list[object]:
    return [index.state(block[0]) for block in BLOCKS] + [index.checksum(block[0]) for block in BLOCKS]


def counted(oracle: Oracle) -> None:
    for pool in POOLS:
        found = oracle.index.search(Wanted(pools=[pool], count=10_000))
        mine = [number for number, of in sorted(oracle.free.items()) if of == pool]
        assert found.numbers.tolist() == mine
        assert found.total == len(mine)


@pytest.mark.parametrize("seed", range(4))
def test_free_counts_and_checksums_are_those_of_a_plain_computation(seed: int) -> None:
    oracle, chance = world(seed, changes=0), random.Random(seed)
    for _ in range(60):
        for first, last, *_ in BLOCKS:
            assert oracle.index.checksum(first) == oracle.checksum(first, last)
        oracle.change(chance)
    counted(oracle)


def test_a_snapshot_loads_as_what_it_was_taken_of() -> None:
    oracle = world(1)
    loaded = Index.load(b"".join(oracle.index.dump()))
    assert everything(loaded) == everything(oracle.index)
    assert loaded.pools == oracle.index.pools
    asked = Wanted(count=10_000, pools=POOLS, seed=1, method="random")
    assert list(loaded.search(asked).rows()) == list(oracle.index.search(asked).rows())
    assert loaded.version(BLOCKS[0][0]) == oracle.index.version(BLOCKS[0][0])


def test_a_loaded_index_goes_on_changing_as_the_first_would() -> None:
    oracle = world(2)
    oracle.index = Index.load(b"".join(oracle.index.dump()))
    chance = random.Random(5)
    for _ in range(40):
        oracle.change(chance)
    counted(oracle)


@pytest.mark.parametrize("cut", [0, 10, 40, 2000, -1])
def test_a_torn_snapshot_is_refused(cut: int) -> None:
    whole = b"".join(world(1).index.dump())
    with pytest.raises(ValueError, match="snapshot"):
        Index.load(whole[:cut])


def test_a_state_that_is_put_again_replaces_what_was_known() -> None:
    index = world(3).index
    states = [index.state(block[0]) for block in BLOCKS]
    other = world(4).index
    other.put_many(states)
    assert everything(other) == everything(index)


def test_blocks_put_one_by_one_are_those_put_together() -> None:
    index = world(3).index
    other = Index(DEFAULT)
    for first, *_ in random.Random(1).sample(BLOCKS, len(BLOCKS)):
        other.put(index.state(first))
    assert everything(other) == everything(index)


def test_a_pool_that_grows_page_by_page_loses_none_of_its_numbers() -> None:
    index, thousands = Index(DEFAULT), range(441300000000, 441300300000, 1000)
    for at in range(0, len(thousands), 50):
        page = thousands[at : at + 50]
        index.put_many(BlockState(n, n + 999, "44", "0", "", 1, {PUBLIC: [(n, n + 999)]}) for n in page)
        assert index.search(Wanted()).total == (at + 50) * 1000
        assert index.search(Wanted(segments=["300"])).numbers.tolist() == [thousands[0]]


def test_other_rules_regrade_everything_but_overrides() -> None:
    oracle = world(5)
    rules = Grading([GradeRule(name="sevens", grade="gold", endings=("77", "7?7"))])
    oracle.index.regrade(rules)
    found = oracle.index.search(Wanted(count=10_000, pools=POOLS, grades=frozenset(["gold"])))
    expected = {
        n for n in oracle.free
        if (oracle.overrides[n].grade if n in oracle.overrides else rules.grade(n)[0]) == "gold"
    }  # fmt: skip
    assert set(found.numbers.tolist()) == expected
    assert found.counts["gold"] == len(expected)


def test_national_format_and_area_are_those_of_the_block() -> None:
    index = world(1).index
    assert index.describe(441217371005) == ("0121 737 1005", "Birmingham")
    assert index.describe(3545551000) == ("555 1000", "Iceland")
    assert index.describe(441217379999) is None


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (BlockState(441217371500, 441217371599, "44", "0", "", 1), "another block"),
        (BlockState(441217371000, 441217371998, "44", "0", "", 1), "it ends at"),
        (BlockState(441217380000, 441217379999, "44", "0", "", 1), "7 to 15 digits"),
        (BlockState(441217380000, 441217380999, "33", "0", "", 1), "country"),
        (BlockState(441217380000, 441217380999, "44", "0", "", 1, {PUBLIC: b"\0"}), "a bit for each"),
        (BlockState(441217380000, 441217380999, "44", "0", "", 1, {PUBLIC: [(1, 2)]}), "between"),
    ],
)
def test_a_block_that_cannot_be_is_refused_and_nothing_changes(block: BlockState, message: str) -> None:
    index = world(1).index
    before = everything(index)
    with pytest.raises(ValueError, match=message):
        index.put_many([block, BlockState(441217390000, 441217390999, "44", "0", "", 1)])
    assert everything(index) == before
    assert index.version(441217390000) is None


def test_a_change_of_an_unknown_block_is_an_error() -> None:
    with pytest.raises(KeyError):
        world(1).index.change(BlockChange(441310000000, 2, taken=[(441310000000, 441310000000)]))


def test_a_change_outside_its_block_is_refused() -> None:
    with pytest.raises(ValueError, match="taken"):
        world(1).index.change(BlockChange(441217371000, 2, taken=[(441217372000, 441217372000)]))


def test_no_pool_sees_what_is_anothers() -> None:
    index = world(1).index
    assert index.search(Wanted(pools=[PoolOf("reseller", "nobody")])).total == 0
