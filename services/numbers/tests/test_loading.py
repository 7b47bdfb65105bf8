"""An inventory manager loads blocks: each good one is there, once; what is wrong is named, and where."""

import asyncio
from typing import Any

import pytest

from patchbay_contracts.v1.blocks import BlockStated, Freed

from .managing import CUSTOMER, WHY, ask, asked, block, blocks, load, log, problem, stated
from .serving import Served

FIRST = 441619460000


async def test_a_loaded_block_is_free_in_its_pool_and_everybody_is_told(served: Served) -> None:
    assert await load(served, block(FIRST, 1_000)) == {"loaded": 1, "there_already": 0, "refused": []}
    (said,) = served.kafka.said
    assert isinstance(said, BlockStated)
    assert said == await stated(served, FIRST)
    assert (said.last, said.country, said.trunk, said.area) == (FIRST + 999, "44", "0", "Manchester")
    assert said.freed == (Freed(pool="public", ranges=((FIRST, FIRST + 999),)),)
    assert await log(served) == [("ann", "blocks loaded", WHY)]


async def test_blocks_of_every_size_pool_country_and_length_stand_side_by_side(served: Served) -> None:
    others = (
        block(FIRST, 100, pool="reseller", owner="acme"),
        block(FIRST + 100, 100, pool="customer", owner=CUSTOMER),
        block(FIRST + 10_000, 10_000),
        block(4721001000, 1_000, country="47", trunk="", area="Oslo"),
        block(49301234500, 100, country="49", area="Berlin"),
        block(49301234567800, 100, country="49", area="Berlin"),
    )
    assert (await load(served, *others))["loaded"] == 6
    said = {one.block: one for one in served.kafka.said if isinstance(one, BlockStated)}
    assert [said[b].freed[0].owner for b in (FIRST, FIRST + 100)] == ["acme", CUSTOMER]
    assert (said[4721001000].country, said[4721001000].trunk, said[4721001000].last) == ("47", "", 4721001999)
    assert said[49301234500].last == 49301234599


async def test_loading_the_same_again_changes_nothing_and_says_so(served: Served) -> None:
    await load(served, block(FIRST), block(FIRST + 1_000))
    served.kafka.said.clear()
    again = await load(served, block(FIRST), block(FIRST + 1_000), block(FIRST + 2_000), block(FIRST + 2_000))
    assert again == {"loaded": 1, "there_already": 3, "refused": []}
    assert [one.block for one in served.kafka.said if isinstance(one, BlockStated)] == [FIRST + 2_000]
    await load(served, block(FIRST))
    assert len(await log(served)) == 2


@pytest.mark.parametrize(
    "other",
    [
        block(FIRST, 100),
        block(FIRST + 900, 100),
        block(FIRST, 10_000),
        block(FIRST, area="Salford"),
        block(FIRST, trunk=""),
        block(FIRST, pool="reseller", owner="acme"),
    ],
    ids=["in its beginning", "in its end", "around it", "other area", "other trunk", "other pool"],
)
async def test_another_block_in_the_place_of_one_is_refused_and_the_others_are_loaded(
    served: Served, other: dict[str, Any]
) -> None:
    await load(served, block(FIRST))
    answer = await load(served, other, block(FIRST + 20_000))
    (refused,) = answer["refused"]
    assert answer["loaded"] == 1
    assert refused["pointer"] == "/blocks/0"
    assert refused["message"].startswith(f"+{FIRST} to +{FIRST + 999} are there already, in the public pool")
    assert refused["remedy"]
    assert await blocks(served) == [(FIRST, 1_000), (FIRST + 20_000, 1_000)]


async def test_of_two_blocks_that_overlap_in_one_call_the_lower_is_loaded(served: Served) -> None:
    answer = await load(served, block(FIRST, 1_000), block(FIRST + 100, 100))
    assert answer["loaded"] == 1
    assert [one["pointer"] for one in answer["refused"]] == ["/blocks/1"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "says"),
    [
        ({"size": 200}, "/blocks/0/size", "100, 1000 or 10000"),
        ({"first": "+441619460500"}, "/blocks/0/first", "1,000 divides"),
        ({"first": "+44161946"}, "/blocks/0/first", "1,000 divides"),
        ({"first": "0161946000"}, "/blocks/0/first", "not an E.164 number"),
        ({"country": "1"}, "/blocks/0/first", "country 1"),
        ({"country": "uk"}, "/blocks/0/country", "as it should be"),
        ({"area": ""}, "/blocks/0/area", "at least 1"),
        ({"pool": "private"}, "/blocks/0/pool", "'public', 'reseller' or 'customer'"),
        ({"pool": "reseller"}, "/blocks/0/owner", "give its name"),
        ({"owner": "acme"}, "/blocks/0/owner", "leave owner empty"),
        ({"pool": "customer", "owner": "acme"}, "/blocks/0/owner", "<reseller>/<customer id>"),
        ({"colour": "red"}, "/blocks/0/colour", "no such field"),
    ],
)
async def test_a_block_that_cannot_be_is_named_with_its_field(
    served: Served, wrong: dict[str, Any], pointer: str, says: str
) -> None:
    (fault,) = problem(await asked(served, "POST", "/blocks", {"blocks": [block() | wrong]}))
    assert fault["pointer"] == pointer
    assert says in f"{fault['message']}: {fault['remedy']}"
    assert fault["remedy"]
    assert await blocks(served) == []


async def test_a_change_without_a_reason_or_without_a_name_is_refused(served: Served) -> None:
    (fault,) = problem(await asked(served, "POST", "/blocks", {"blocks": [block()], "why": " "}))
    assert fault["pointer"] == "/why"
    (fault,) = problem(await served.client.post("/inventory/blocks", json={"blocks": [block()], "why": WHY}))
    assert fault["parameter"] == "who"
    (fault,) = problem(await served.client.post("/inventory/loads?kind=blocks&who=ann&why=%20"))
    assert fault["parameter"] == "why"


async def test_no_block_at_all_is_nothing_loaded(served: Served) -> None:
    assert await load(served) == {"loaded": 0, "there_already": 0, "refused": []}
    assert await log(served) == []


async def test_managers_who_load_the_same_at_the_same_time_load_it_once(served: Served) -> None:
    many = [block(FIRST + at * 100, 100) for at in range(100)]
    answers = await asyncio.gather(*(load(served, *many[::step]) for step in (1, -1, 1, -1)))
    assert sum(answer["loaded"] for answer in answers) == 100
    assert sum(answer["there_already"] for answer in answers) == 300
    assert len(await blocks(served)) == 100


async def test_what_was_changed_can_be_read_page_by_page(served: Served) -> None:
    for at in range(3):
        await load(served, block(FIRST + at * 1_000), why=f"reason {at}")
    page = await ask(served, "GET", "/log?limit=2")
    assert [one["why"] for one in page["entries"]] == ["reason 2", "reason 1"]
    assert page["entries"][0]["detail"] == {"loaded": 1, "blocks": [f"+{FIRST + 2_000}"]}
    rest = await ask(served, "GET", f"/log?limit=2&after={page['next']}")
    assert [(one["who"], one["why"]) for one in rest["entries"]] == [("ann", "reason 0")]
    assert rest["next"] is None
