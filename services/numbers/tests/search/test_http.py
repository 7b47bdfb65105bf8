"""What a replica answers over HTTP: rows with all that belongs to them, or clearly why not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from numbers_service.search.authority import Authority
from numbers_service.search.http import app
from numbers_service.search.replica import Replica
from patchbay_contracts.numbers import Found
from services.numbers.tests.search.conftest import Topic
from services.numbers.tests.search.house import ACME, BOREALIS, CUSTOMER, PUBLIC, House
from services.numbers.tests.search.keeping import knows, replica, running

CUSTOMER_ID = "00000000-0000-7000-8000-000000000001"
BOUND = timedelta(seconds=5)


@pytest_asyncio.fixture
async def one(house: House, authority: Authority, topic: Topic) -> AsyncIterator[Replica]:
    async with running(replica(authority, topic.settings)) as one:
        await knows(one, house)
        yield one


def client(one: Replica) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app(one, BOUND)), base_url="http://replica")


async def asked(one: Replica, reseller: str = "acme", **query: Any) -> httpx.Response:
    async with client(one) as http:
        return await http.post("/search", json={"reseller": reseller, "query": query})


async def found(one: Replica, reseller: str = "acme", **query: Any) -> Found:
    answer = await asked(one, reseller, **query)
    assert answer.status_code == 200, answer.text
    return Found.model_validate_json(answer.content)


def free(house: House, *pools: tuple[str, str]) -> set[int]:
    return {number for block in house.free.values() for number, pool in block.items() if pool in pools}


async def test_a_row_has_all_that_belongs_to_a_number(one: Replica, house: House) -> None:
    answer = await found(one, prefix="0121737", count=1)
    (row,) = answer.numbers
    assert row.e164 == min(free(house, PUBLIC) & set(range(441217370000, 441217371100)))
    assert row.national == f"0121 737 {row.e164 % 10_000:04}"
    assert (row.area, row.pool) == ("Birmingham", "public")
    assert (row.grade, row.rule) == one.index.graded.grading.grade(row.e164)
    assert answer.read_as == ("+44121737",)
    assert answer.next is not None
    assert answer.nothing is None
    assert 0 <= answer.as_of.age_ms < 5_000


@pytest.mark.parametrize("method", ["next", "random"])
async def test_ten_thousand_rows_say_the_same_as_one_by_one(one: Replica, house: House, method: str) -> None:
    answer = await found(one, count=10_000, method=method)
    assert {row.e164 for row in answer.numbers} == free(house, PUBLIC)
    for row in answer.numbers:
        assert (row.national, row.area) == one.index.describe(row.e164)
    assert answer.total == len(answer.numbers)
    assert not answer.at_least
    assert answer.pools == {"public": answer.total}
    assert sum(answer.grades.values()) == answer.total
    assert answer.next is None


async def test_an_override_is_the_rule_with_its_reason(one: Replica, house: House, topic: Topic) -> None:
    while not any(o.e164 in free(house, PUBLIC) for block in house.overrides.values() for o in block.values()):
        await topic.say(house.change())
    await knows(one, house)
    answer = await found(one, count=10_000, grades=["gold"])
    assert "override: asked for" in {row.rule for row in answer.numbers}


async def test_pages_follow_each_other(one: Replica, house: House) -> None:
    first = await found(one, count=40)
    second = await found(one, count=40, after=first.next)
    assert [row.e164 for row in (*first.numbers, *second.numbers)] == sorted(free(house, PUBLIC))[:80]


@pytest.mark.parametrize(
    ("reseller", "pools", "mine"),
    [
        ("acme", ["reseller"], {ACME}),
        ("borealis", ["reseller"], {BOREALIS}),
        ("acme", ["customer"], {CUSTOMER}),
        ("borealis", ["customer"], set()),
        ("acme", ["public", "reseller", "customer"], {PUBLIC, ACME, CUSTOMER}),
        ("nobody", ["reseller", "customer"], set()),
    ],
)
async def test_nobody_sees_what_belongs_to_another_reseller(
    one: Replica, house: House, reseller: str, pools: list[str], mine: set[tuple[str, str]]
) -> None:
    for method in ("next", "random"):
        answer = await found(
            one, reseller, pools=pools, customer_id=CUSTOMER_ID, count=10_000, method=method, exact_counts=True
        )
        assert {row.e164 for row in answer.numbers} == free(house, *mine)
        assert answer.total == len(free(house, *mine))


async def test_no_counts_and_no_cursor_tell_of_another_resellers_numbers(one: Replica) -> None:
    page = await found(one, "acme", pools=["reseller"], count=5)
    answer = await asked(one, "borealis", pools=["reseller"], count=5, after=page.next)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/after"
    empty = await found(one, "nobody", pools=["reseller"], count=5)
    assert (empty.total, set(empty.grades.values())) == (0, {0})


async def test_nothing_found_says_why_and_what_is_nearest(one: Replica) -> None:
    answer = await found(one, prefix="01217379", count=3)
    assert answer.numbers == ()
    assert answer.nothing is not None
    assert answer.nothing.nearest is not None
    assert answer.nothing.nearest.query.prefix == "0121737"
    again = await found(one, **answer.nothing.nearest.query.model_dump(mode="json"))
    assert again.total == answer.nothing.nearest.total > 0


async def test_a_run_that_is_too_long_is_answered_with_the_longest(one: Replica) -> None:
    answer = await found(one, method="run", count=900)
    assert answer.nothing is not None
    assert answer.nothing.nearest is not None
    nearest = answer.nothing.nearest.query
    assert len((await found(one, **nearest.model_dump(mode="json"))).numbers) == nearest.count


async def test_gold_or_better_is_platinum_and_gold(one: Replica) -> None:
    answer = await found(one, grade_at_least="gold", count=10_000)
    assert {row.grade for row in answer.numbers} <= {"platinum", "gold"}
    assert answer.numbers


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"prefix": "0121x"}, "/query/prefix"),
        ({"count": 10_001}, "/query/count"),
        ({"segments": ["123456789"]}, "/query/segments/0"),
        ({"pattern": "0121 737 77777777777777"}, "/query/pattern"),
        ({"segments": ["12345678", "12345678"], "in_order": True, "method": "segments"}, "/query/segments"),
        ({"after": "nonsense"}, "/query/after"),
        ({"aligned": 10}, "/query/aligned"),
        ({"pools": ["customer"]}, "/query/customer_id"),
    ],
)
async def test_what_no_number_can_match_is_named_with_its_field_and_a_remedy(
    one: Replica, query: dict[str, Any], pointer: str
) -> None:
    answer = await asked(one, **query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert fault["message"]
    assert fault["remedy"]


async def test_a_body_that_is_no_json_is_a_clear_error(one: Replica) -> None:
    async with client(one) as http:
        answer = await http.post("/search", content=b"{")
    assert answer.status_code == 422


async def test_a_replica_that_is_not_level_answers_that_another_should_be_asked(
    house: House, authority: Authority, topic: Topic
) -> None:
    answer = await asked(replica(authority, topic.settings))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["title"] == "Not ready"
