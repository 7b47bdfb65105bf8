"""What is said about blocks comes twice, late, in the wrong order or not at all: the index ends up right."""

from random import Random

import pytest
import pytest_asyncio

from numbers_service.grading import DEFAULT
from numbers_service.index import Index
from numbers_service.search import feed as feeding
from numbers_service.search import metrics, translating
from numbers_service.search.authority import Authority
from numbers_service.search.feed import Feed
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import BlockChanged, GradesDeclared
from services.numbers.tests.search.house import BLOCKS, House

FIRST = BLOCKS[0][0]
RULES = (GradeRule(name="ends in 7", grade="platinum", endings=("7",)),)


@pytest_asyncio.fixture
async def feed(house: House, authority: Authority) -> Feed:
    """A feed that has heard of every block."""
    feed = Feed(Index(DEFAULT), authority)
    await feed.take([house.stated(first) for first in house.blocks])
    return feed


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "PATIENCE", 0.0)


def repairs(why: str) -> float:
    return float(metrics.repairs.labels(why)._value.get())


def lacks(feed: Feed) -> bool:
    return feed.behind_since is not None


def is_true(feed: Feed, house: House) -> bool:
    """Whether the index knows every block as the house does."""
    known = [feed.index.state(first) for first in house.blocks]
    true = Index(DEFAULT)
    true.put_many(translating.state(house.stated(first)) for first in house.blocks)
    sums = [(check.free, check.crc) for check in map(house.checked, house.blocks)]
    return known == [true.state(f) for f in house.blocks] and [feed.index.checksum(f) for f in house.blocks] == sums


async def test_changes_in_order_make_the_index_what_the_house_is(feed: Feed, house: House) -> None:
    await feed.take(list(house.changes(200)))
    assert is_true(feed, house)
    assert not lacks(feed)
    assert house.asked == 0


@pytest.mark.parametrize("seed", range(5))
async def test_changes_that_come_twice_and_out_of_order_change_nothing_more(
    feed: Feed, house: House, seed: int
) -> None:
    dice, said = Random(seed), list(house.changes(100))
    shaken = sorted(enumerate(said + said[::3]), key=lambda one: one[0] % len(said) + dice.uniform(0, 8))
    for _, message in shaken:
        await feed.take([message])
    assert is_true(feed, house)
    assert not lacks(feed)
    assert house.asked == 0


async def test_an_old_statement_does_not_undo_what_came_after_it(feed: Feed, house: House) -> None:
    old = house.stated(FIRST)
    await feed.take([house.change(FIRST), old])
    assert is_true(feed, house)


async def test_a_missing_version_is_waited_for_before_the_authority_is_asked(feed: Feed, house: House) -> None:
    missing, next_ = house.change(FIRST), house.change(FIRST)
    await feed.take([next_])
    assert lacks(feed)
    await feed.settle()
    assert house.asked == 0
    await feed.take([missing])
    assert not lacks(feed)
    assert is_true(feed, house)


@pytest.mark.usefixtures("impatient")
async def test_a_version_that_never_comes_is_repaired_from_the_authority(feed: Feed, house: House) -> None:
    before = repairs("gap")
    house.change(FIRST)
    await feed.take([house.change(FIRST)])
    await feed.settle()
    assert is_true(feed, house)
    assert not lacks(feed)
    assert repairs("gap") == before + 1


@pytest.mark.usefixtures("impatient")
async def test_a_check_tells_of_a_last_change_that_never_came(feed: Feed, house: House) -> None:
    house.change(FIRST)
    await feed.take([house.checked(FIRST)])
    await feed.settle()
    assert is_true(feed, house)


@pytest.mark.usefixtures("impatient")
async def test_a_block_that_nobody_stated_is_fetched(house: House, authority: Authority) -> None:
    feed = Feed(Index(DEFAULT), authority)
    await feed.take([house.change(first) for first in house.blocks])
    await feed.settle()
    assert is_true(feed, house)


async def test_a_wrong_checksum_is_repaired_at_once_and_counted(feed: Feed, house: House) -> None:
    before, number = repairs("checksum"), next(iter(house.free[FIRST]))
    feed.index.change(translating.change(BlockChanged(block=FIRST, version=1, taken=((number, number),))))
    await feed.take([house.checked(first) for first in house.blocks])
    await feed.settle()
    assert is_true(feed, house)
    assert not lacks(feed)
    assert repairs("checksum") == before + 1
    assert house.asked == 1


async def test_a_check_of_an_older_version_says_nothing(feed: Feed, house: House) -> None:
    old = house.checked(FIRST)
    await feed.take([house.change(FIRST), old])
    await feed.settle()
    assert not lacks(feed)
    assert house.asked == 0


async def test_a_change_that_does_not_fit_its_block_is_repaired(feed: Feed, house: House) -> None:
    beyond = BlockChanged(block=FIRST, version=2, taken=((FIRST, FIRST + 5000),))
    house.change(FIRST)
    await feed.take([beyond])
    await feed.settle()
    assert is_true(feed, house)


@pytest.mark.usefixtures("impatient")
async def test_while_the_authority_is_away_a_repair_stays_due(feed: Feed, house: House) -> None:
    house.change(FIRST)
    await feed.take([house.change(FIRST)])
    house.away = True
    with pytest.raises(OSError, match="authority"):
        await feed.settle()
    assert lacks(feed)
    house.away = False
    await feed.settle()
    assert is_true(feed, house)


@pytest.mark.usefixtures("impatient")
async def test_a_block_that_the_authority_does_not_know_is_forgotten(feed: Feed, house: House) -> None:
    await feed.take([BlockChanged(block=49301230000, version=7)])
    assert lacks(feed)
    await feed.settle()
    assert not lacks(feed)


async def test_the_newest_rules_grade(feed: Feed, house: House) -> None:
    await feed.take([GradesDeclared(version=2, rules=RULES), GradesDeclared(version=1, rules=())])
    assert feed.grades == 2
    assert feed.index.graded.grading.grade(441217370007) == ("platinum", "ends in 7")
