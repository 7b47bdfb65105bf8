"""An inventory manager lends numbers to a pool and takes them back: what is in use stays where it is, and is named."""

import asyncio
from operator import attrgetter
from typing import Any
from uuid import UUID

import pytest

from numbers_service import lending
from patchbay_contracts.v1.blocks import BlockMessage, BlockStated, Freed

from .asking import completed, exact, hold, numbers_of, reason_of, release, some
from .follower import Follower
from .managing import (
    ACMES,
    BLOCK,
    CUSTOMER,
    TO_ACME,
    TO_BOREALIS,
    WHY,
    ask,
    asked,
    block,
    lend,
    lent,
    let_time_pass,
    load,
    log,
    order,
    problem,
    ranges,
    stated,
    take_back,
)
from .serving import Served

A, B = 442079460003, 442079460013
CUSTOMER_ID = UUID(CUSTOMER.partition("/")[2])


async def test_a_lent_block_is_for_the_pool_that_it_is_lent_to_and_for_nobody_else(served: Served) -> None:
    answer = await lend(served, blocks=[BLOCK])
    assert answer["lent"] == ranges((BLOCK, BLOCK + 999))
    (said,) = served.kafka.said
    assert said == await stated(served, BLOCK)
    assert isinstance(said, BlockStated)
    assert said.freed == (Freed(pool="reseller", owner="acme", ranges=((BLOCK, BLOCK + 999),)),)
    assert reason_of((await order(served, hold(exact(BLOCK), reseller="borealis")))[0]) == "unknown_number"
    assert numbers_of((await order(served, hold(some(1, pool="reseller", prefix="0121"))))[0]) == [[BLOCK]]
    assert await log(served) == [("ann", "lent to the reseller pool acme", WHY)]


async def test_the_log_says_of_a_number_what_was_about_it(served: Served) -> None:
    await load(served, block(441619460000))
    await lend(served, ranges=[(BLOCK, BLOCK + 9), (A, A)])
    await take_back(served, numbers=[A])

    async def about(number: int) -> list[str]:
        found = await ask(served, "GET", f"/log?number=%2B{number}")
        return [one["what"] for one in found["entries"]]

    assert await about(BLOCK + 9) == ["lent to the reseller pool acme"]
    assert len(await about(A)) == 2
    assert await about(BLOCK + 10) == []
    assert await about(441619460999) == ["blocks loaded"]
    assert problem(await asked(served, "GET", "/log?number=x"))[0]["parameter"] == "number"
    await lend(served, numbers=range(441619460000, 441619460300, 2))
    assert len(await about(441619460298)) == 2  # of 150 ranges, more than an entry shows


async def test_ranges_over_several_blocks_and_single_numbers_are_lent(served: Served) -> None:
    answer = await lend(served, ranges=[(A, B)], numbers=[BLOCK + 7, BLOCK + 8, ACMES])
    assert answer["lent"] == ranges((BLOCK + 7, BLOCK + 8), (A, B))
    assert answer["there_already"] == ranges((ACMES, ACMES))
    assert await lent(served) == [
        (BLOCK + 7, BLOCK + 8, "reseller", "acme"),
        (A, 442079460009, "reseller", "acme"),
        (442079460010, B, "reseller", "acme"),
    ]


async def test_a_customers_pool_and_the_public_pool_can_be_lent_to_as_well(served: Served) -> None:
    await lend(served, {"pool": "customer", "owner": CUSTOMER.upper()}, numbers=[A])
    await lend(served, {"pool": "public"}, numbers=[ACMES])
    assert numbers_of((await order(served, hold(exact(A), customer_id=CUSTOMER_ID)))[0]) == [[A]]
    assert reason_of((await order(served, hold(exact(B, A))))[0]) == "unknown_number"
    assert numbers_of((await order(served, hold(exact(ACMES), reseller="borealis")))[0]) == [[ACMES]]


async def test_lending_the_same_again_changes_nothing(served: Served) -> None:
    await lend(served, ranges=[(BLOCK, BLOCK + 9)])
    served.kafka.said.clear()
    again = await lend(served, ranges=[(BLOCK, BLOCK + 9)])
    assert (again["lent"], again["there_already"]) == ([], ranges((BLOCK, BLOCK + 9)))
    assert served.kafka.said == []
    assert len(await log(served)) == 1


async def test_what_is_not_free_stays_where_it_is_and_is_named(served: Served) -> None:
    held, assigned, resting = BLOCK + 10, BLOCK + 20, BLOCK + 30
    await order(served, hold(exact(held)))
    for number in (assigned, resting):
        await order(served, command := hold(exact(number)))
        await order(served, completed(command, number))
    await order(served, release(command))
    run = range(BLOCK + 100, BLOCK + 300)
    await order(served, command := hold(exact(*run)))
    await order(served, completed(command, *run))
    answer = await lend(served, TO_BOREALIS, blocks=[BLOCK])
    assert answer["not_free"] == [
        {"state": "held", "ranges": ranges((held, held))},
        {"state": "assigned", "ranges": ranges((assigned, assigned), (BLOCK + 100, BLOCK + 299))},
        {"state": "quarantined", "ranges": ranges((resting, resting))},
    ]
    assert [(first, last) for first, last, *_ in await lent(served)] == [
        (BLOCK, held - 1),
        (held + 1, assigned - 1),
        (assigned + 1, resting - 1),
        (resting + 1, BLOCK + 99),
        (BLOCK + 300, BLOCK + 999),
    ]
    assert served.kafka.said[-1] == await stated(served, BLOCK)


async def test_what_is_lent_elsewhere_has_to_be_taken_back_first(served: Served) -> None:
    await lend(served, TO_BOREALIS, ranges=[(BLOCK + 5, BLOCK + 9)])
    answer = await lend(served, TO_ACME, ranges=[(BLOCK, BLOCK + 9)])
    assert answer["lent"] == ranges((BLOCK, BLOCK + 4))
    assert answer["lent_elsewhere"] == ranges((BLOCK + 5, BLOCK + 9))
    own = await lend(served, TO_BOREALIS, ranges=[(ACMES, ACMES)])
    assert (await lend(served, TO_ACME, numbers=[ACMES]))["lent_elsewhere"] == own["lent"]


async def test_numbers_that_are_in_no_block_are_named(served: Served) -> None:
    answer = await lend(served, blocks=[BLOCK + 1], ranges=[(BLOCK + 990, BLOCK + 1_009)], numbers=[441999999999])
    assert answer["lent"] == ranges((BLOCK + 990, BLOCK + 999))
    assert answer["unknown"] == ranges((BLOCK + 1_000, BLOCK + 1_009), (441999999999,) * 2, (BLOCK + 1,) * 2)
    nothing = await take_back(served, blocks=[BLOCK + 1], numbers=[441999999999, ACMES])
    assert nothing["not_lent"] == ranges((ACMES, ACMES), (441999999999,) * 2, (BLOCK + 1,) * 2)


async def test_what_is_taken_back_is_its_lenders_at_once(served: Served) -> None:
    await lend(served, blocks=[BLOCK])
    answer = await take_back(served, ranges=[(BLOCK + 100, BLOCK + 199)], numbers=[BLOCK])
    assert answer["returned"] == ranges((BLOCK, BLOCK), (BLOCK + 100, BLOCK + 199))
    assert [one[:2] for one in await lent(served)] == [(BLOCK + 1, BLOCK + 99), (BLOCK + 200, BLOCK + 999)]
    assert served.kafka.said[-1] == await stated(served, BLOCK)
    assert numbers_of((await order(served, hold(exact(BLOCK), reseller="borealis")))[0]) == [[BLOCK]]
    again = await take_back(served, numbers=[BLOCK])
    assert (again["returned"], again["not_lent"]) == ([], ranges((BLOCK, BLOCK)))
    assert await log(served) == [
        ("ann", "lent to the reseller pool acme", WHY),
        ("ann", "taken back", WHY),
    ]


async def test_who_lent_what_is_left_of_a_range_and_why_is_still_known(served: Served) -> None:
    await lend(served, blocks=[BLOCK])
    await ask(served, "POST", "/lending/return", {"numbers": [f"+{BLOCK + 1}"], "why": "asked for"}, who="ben")
    rows = await served.rows("SELECT DISTINCT who, why, since FROM lent")
    assert [(row.who, row.why) for row in rows] == [("ann", WHY)]


async def test_what_is_in_use_when_it_is_taken_back_is_its_lenders_when_it_is_free(served: Served) -> None:
    await lend(served, blocks=[BLOCK])
    await order(served, held := hold(exact(BLOCK)))
    await order(served, command := hold(exact(BLOCK + 1)))
    await order(served, completed(command, BLOCK + 1))
    answer = await take_back(served, ranges=[(BLOCK, BLOCK + 2)])
    assert answer["returned"] == ranges((BLOCK + 2, BLOCK + 2))
    assert answer["when_free"] == [
        {"state": "held", "ranges": ranges((BLOCK, BLOCK))},
        {"state": "assigned", "ranges": ranges((BLOCK + 1, BLOCK + 1))},
    ]
    await order(served, release(held))
    assert numbers_of((await order(served, hold(exact(BLOCK), reseller="borealis")))[0]) == [[BLOCK]]
    await order(served, release(command))
    await let_time_pass(served)
    assert numbers_of((await order(served, hold(exact(BLOCK + 1), reseller="borealis")))[0]) == [[BLOCK + 1]]


async def test_a_lent_number_that_has_rested_leaves_what_is_lent_though_the_range_was_cut_meanwhile(
    served: Served,
) -> None:
    await lend(served, blocks=[BLOCK])
    await order(served, command := hold(exact(BLOCK + 500)))
    await order(served, completed(command, BLOCK + 500))
    await order(served, release(command))
    await take_back(served, ranges=[(BLOCK + 100, BLOCK + 199)])
    await let_time_pass(served)
    assert [one[:2] for one in await lent(served)] == [
        (BLOCK, BLOCK + 99),
        (BLOCK + 200, BLOCK + 499),
        (BLOCK + 501, BLOCK + 999),
    ]
    (newest, *_) = (await ask(served, "GET", f"/log?number=%2B{BLOCK + 500}"))["entries"]
    assert (newest["who"], newest["what"], newest["why"]) == (
        "Patchbay", "returned to the lender", "rested after service",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "pointer", "says"),
    [
        ({"to": TO_ACME}, "", "no number is named"),
        ({"to": {"pool": "reseller"}, "blocks": [f"+{BLOCK}"]}, "/to/owner", "give its name"),
        ({"to": {"pool": "customer", "owner": "acme"}, "blocks": [f"+{BLOCK}"]}, "/to/owner", "<customer id>"),
        ({"to": TO_ACME, "ranges": [[f"+{B}", f"+{A}"]]}, "/ranges/0", "ends before it begins"),
        ({"to": TO_ACME, "ranges": [["+441000000000", "+442000000000"]]}, "/ranges/0", "too long"),
        ({"to": TO_ACME, "numbers": ["0121"]}, "/numbers/0", "not an E.164 number"),
        ({"blocks": [f"+{BLOCK}"]}, "/to", "required"),
    ],
)
async def test_lending_that_cannot_be_is_refused_with_its_field(
    served: Served, query: dict[str, Any], pointer: str, says: str
) -> None:
    (fault,) = problem(await asked(served, "POST", "/lending", query))
    assert (fault["pointer"], says in f"{fault['message']}: {fault['remedy']}") == (pointer, True)
    assert await lent(served) == []


async def test_more_blocks_than_one_call_may_touch_are_refused(served: Served) -> None:
    await served.do(
        "INSERT INTO block (first, last, country, trunk, area, pool, owner)"
        " SELECT n, n + 9999, '44', '0', 'Leeds', 'public', '' FROM generate_series($1, $2, 10000::bigint) AS n",
        441130000000,
        441131000000,
    )
    answer = await asked(served, "POST", "/lending", {"to": TO_ACME, "ranges": ranges((441130000001, 441131000000))})
    problem(answer)
    assert "1,010,000 numbers in all. Ask for up to 1,000,000 at a time" in answer.json()["detail"]


async def test_too_many_numbers_are_refused_without_waiting_for_whoever_lends(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "MOST_TOUCHED", 999)
    async with served.database.transaction() as db, asyncio.timeout(30):
        await db.execute("LOCK TABLE lent IN SHARE ROW EXCLUSIVE MODE")
        for path, to in (("/lending", {"to": TO_ACME}), ("/lending/return", {})):
            answer = await asked(served, "POST", path, {"numbers": [f"+{BLOCK}"]} | to)
            problem(answer)
            assert "1,000 numbers in all" in answer.json()["detail"]


async def test_lending_taking_back_and_holding_at_once_lose_no_number(served: Served) -> None:
    follower = Follower()
    follower.hear([await stated(served, BLOCK)])
    served.kafka.said.clear()

    async def manage(at: int) -> None:
        for turn in range(6):
            meant = [(BLOCK + (at * 37 + turn * 11) % 900, BLOCK + (at * 37 + turn * 11) % 900 + 60)]
            await (lend(served, TO_ACME if at % 2 else TO_BOREALIS, ranges=meant) if turn % 2 == 0 else
                   take_back(served, ranges=meant))  # fmt: skip

    async def sell(reseller: str) -> None:
        for turn in range(6):
            numbers = [BLOCK + (turn * 31 + at * 7) % 1_000 for at in range(20)]
            for number in numbers:
                (answer,) = await order(served, command := hold(exact(number), reseller=reseller))
                if answer.type == "numbers.NumbersHeld.v1" and number % 3:
                    await order(served, release(command))

    await asyncio.gather(*(manage(at) for at in range(4)), sell("acme"), sell("borealis"))
    said = [one for one in served.kafka.said if isinstance(one, BlockMessage)]
    follower.hear(sorted(said, key=attrgetter("version")))
    true = Follower()
    true.hear([await stated(served, BLOCK)])
    assert follower.free == true.free
    held = await served.rows("SELECT e164 FROM number")
    assert len(true.free) + len(held) == 1_000
