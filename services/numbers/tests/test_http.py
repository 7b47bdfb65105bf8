"""What the authority says of its blocks and grade rules over HTTP, read as search replicas read it."""

from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from numbers_service import picture
from numbers_service.grading import DEFAULT
from numbers_service.search import translating
from numbers_service.search.authority import Authority
from patchbay_chassis import bodies
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import BlockStated, GradesDeclared
from services.numbers.tests.search.conftest import served as served_at
from services.numbers.tests.serving import Served

FIRST, NEXT = 441134960000, 441214960000


@pytest_asyncio.fixture
async def authority(served: Served) -> AsyncIterator[Authority]:
    async with served_at(served.app) as url:
        authority = Authority(url)
        yield authority
        await authority.close()


async def stated(served: Served) -> list[BlockStated]:
    async with served.database.connection() as db:
        return await picture.states(db, 0, 100)


async def test_all_blocks_are_read_page_by_page(authority: Authority, served: Served) -> None:
    await served.do(
        "INSERT INTO lent (first, last, pool, owner, who, why) VALUES ($1, $1, 'public', '', 'ann', '-')", FIRST
    )
    await served.do("INSERT INTO override VALUES ($1, 'gold', 'the mayor''s', 'ann', now())", NEXT)
    read: list[BlockStated] = []
    after = 0
    for size in (2, 2, 1):
        page = await authority.blocks(after, 2)
        assert len(page.blocks) == size
        read += page.blocks
        after = page.next or 0
    assert page.next is None
    assert read == await stated(served)
    assert [block.block for block in read] == sorted(block.block for block in read)
    assert [freed.pool for freed in read[0].freed] == ["customer", "public"]
    assert [(one.e164, one.grade) for one in read[1].regraded] == [(NEXT, "gold")]


async def test_after_the_last_block_there_is_none(authority: Authority) -> None:
    page = await authority.blocks(0, 5)
    assert (len(page.blocks), page.next) == (5, page.blocks[-1].block)
    page = await authority.blocks(page.blocks[-1].block, 5)
    assert (page.blocks, page.next) == ((), None)


async def test_one_block_is_read_as_it_is_now(authority: Authority, served: Served) -> None:
    await served.do(
        "INSERT INTO number (e164, state, owner, line, reseller) VALUES ($1, 'assigned', gen_random_uuid(), 0, 'acme')",
        NEXT + 5,
    )
    block = await authority.block(NEXT)
    assert block is not None
    assert [freed.ranges for freed in block.freed] == [((NEXT, NEXT + 4), (NEXT + 6, NEXT + 999))]


async def test_a_block_that_is_not_there_is_none(authority: Authority, served: Served) -> None:
    assert await authority.block(NEXT + 1) is None
    answer = await served.client.get(f"/blocks/{NEXT + 1}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "No such block"


async def test_until_rules_are_declared_those_in_the_code_decide(authority: Authority) -> None:
    declared = await authority.grades()
    assert declared == GradesDeclared(version=0, rules=())
    assert translating.grading(declared) is DEFAULT


async def test_the_rules_that_were_declared_last_are_in_force(authority: Authority, served: Served) -> None:
    for version, name in ((1, "first"), (3, "third"), (2, "second")):
        rules = [
            {"name": name, "grade": "gold", "endings": ["77", "?5"]},
            {"name": "up", "grade": "silver", "ascending": 4},
        ]
        await served.do(
            "INSERT INTO grade_rules VALUES ($1, $2, 'ann', 'a trial', now())", version, orjson.dumps(rules).decode()
        )
    declared = await authority.grades()
    assert declared.version == 3
    assert declared.rules == (
        GradeRule(name="third", grade="gold", endings=("77", "?5")),
        GradeRule(name="up", grade="silver", ascending=4),
    )
    assert translating.grading(declared).grade(441214960005) == ("gold", "third")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/blocks?after=x", "after"),
        ("/blocks?most=1001", "most"),
        ("/blocks?after=-1", "after"),
        ("/blocks/+0", "first"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(served: Served, path: str, parameter: str) -> None:
    answer = await served.client.get(path)
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("path", ["/holds", "/inventory/blocks?who=ann", "/inventory/grades/preview?who=ann"])
async def test_a_body_that_is_too_large_is_refused(served: Served, path: str) -> None:
    answer = await served.client.post(path, content=b'{"why": "' + b"x" * bodies.MOST_BYTES + b'"}')
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert f"{bodies.MOST_BYTES} bytes" in answer.json()["detail"]
