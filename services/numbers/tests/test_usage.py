"""An inventory manager sees how blocks and pools are used: every number is free, held, assigned or at rest, and counted
once."""

from typing import Any

import pytest

from numbers_service import handlers
from patchbay_contracts.v1.numbers import HoldNumbers

from .asking import completed, exact, hold, release
from .managing import BLOCK, CUSTOMER, TO_ACME, TO_BOREALIS, ask, asked, block, lend, load, order, problem
from .serving import Served

USED = ("size", "free", "held", "assigned", "quarantined", "lent")


@pytest.fixture
async def in_use(served: Served) -> Served:
    """In one block 2 numbers are held, 3 and a run of 150 assigned, 1 and a run of 100 at rest, 40 lent, one of them in
    service."""
    await lend(served, TO_ACME, ranges=[(BLOCK + 900, BLOCK + 939)])
    await order(served, hold(exact(BLOCK, BLOCK + 1)))
    await serve(served, BLOCK + 2, BLOCK + 3, BLOCK + 900)
    await serve(served, *range(BLOCK + 100, BLOCK + 250))
    for numbers in ([BLOCK + 4], range(BLOCK + 300, BLOCK + 400)):
        await order(served, release(await serve(served, *numbers)))
    return served


async def serve(served: Served, *numbers: int) -> HoldNumbers:
    """The order that put them in service."""
    await order(served, command := hold(exact(*numbers)))
    await order(served, completed(command, *numbers))
    return command


def used(one: dict[str, Any]) -> tuple[int, ...]:
    return tuple(one[name] for name in USED)


async def test_a_blocks_numbers_are_counted_once_each(in_use: Served) -> None:
    usage = (await ask(in_use, "GET", "/usage"))["usage"]
    (one,) = (one for one in usage if one["block"] == f"+{BLOCK}")
    assert used(one) == (1_000, 744, 2, 153, 101, 40)
    assert (one["last"], one["area"], one["pool"]) == (f"+{BLOCK + 999}", "Birmingham", "public")
    for one in usage:
        assert one["size"] == one["free"] + one["held"] + one["assigned"] + one["quarantined"]


async def test_a_pool_is_the_sum_of_its_blocks_and_says_what_is_lent_to_it(in_use: Served) -> None:
    pools = {(one["pool"], one["owner"]): one for one in (await ask(in_use, "GET", "/usage?by=pool"))["usage"]}
    assert set(pools) == {("public", ""), ("reseller", "acme"), ("customer", CUSTOMER)}
    assert used(pools["public", ""]) == (1_020, 764, 2, 153, 101, 40)
    assert (pools["public", ""]["blocks"], pools["public", ""]["borrowed"]) == (3, 0)
    assert used(pools["reseller", "acme"]) == (1_000, 1_000, 0, 0, 0, 0)
    assert (pools["reseller", "acme"]["blocks"], pools["reseller", "acme"]["borrowed"]) == (1, 40)


async def test_a_pool_is_added_up_from_its_blocks_as_they_were_last_counted(in_use: Served) -> None:
    live = (await ask(in_use, "GET", "/usage?by=pool"))["usage"]
    async with in_use.database.transaction() as db:
        await handlers.say_what_blocks_add_up_to(db)
    counted = (await ask(in_use, "GET", "/usage?by=pool"))["usage"]
    assert [used(one) for one in counted] == [used(one) for one in live]
    assert all(one["as_of"] is not None for one in counted)
    await order(in_use, hold(exact(BLOCK + 10)))
    (public,) = (one for one in (await ask(in_use, "GET", "/usage?by=pool"))["usage"] if one["pool"] == "public")
    assert used(public) == (1_020, 764, 2, 153, 101, 40)  # until the next round
    async with in_use.database.transaction() as db:
        await handlers.say_what_blocks_add_up_to(db)
    (public,) = (one for one in (await ask(in_use, "GET", "/usage?by=pool"))["usage"] if one["pool"] == "public")
    assert used(public) == (1_020, 763, 3, 153, 101, 40)


async def test_a_pool_that_only_borrows_is_shown(served: Served) -> None:
    await lend(served, {"pool": "reseller", "owner": "borealis"}, numbers=[BLOCK])
    (one,) = (p for p in (await ask(served, "GET", "/usage?by=pool"))["usage"] if p["owner"] == "borealis")
    assert used(one) == (0, 0, 0, 0, 0, 0)
    assert (one["blocks"], one["borrowed"], one["quarantine_days"]) == (0, 1, None)


async def test_how_long_numbers_rest_is_shown_of_each_pool_that_was_given_a_time(served: Served) -> None:
    for pool, days in ((TO_ACME, 5), (TO_BOREALIS, 0)):
        await ask(served, "PUT", "/quarantine", {"of": pool, "days": days})
    pools = (await ask(served, "GET", "/usage?by=pool"))["usage"]
    shown = {one["owner"]: one["quarantine_days"] for one in pools if one["pool"] != "customer"}
    assert shown == {"": None, "acme": 5, "borealis": 0}  # borealis has no number yet


@pytest.mark.parametrize("by", ["block", "pool"])
async def test_usage_is_read_page_by_page(served: Served, by: str) -> None:
    whole = (await ask(served, "GET", f"/usage?by={by}"))["usage"]
    read, after = [], ""
    while True:
        page = await ask(served, "GET", f"/usage?by={by}&limit=2&after={after}")
        read += page["usage"]
        if page["next"] is None:
            break
        after = page["next"]
    assert read == whole
    assert len(read) == {"block": 5, "pool": 3}[by]


async def test_blocks_of_different_countries_and_lengths_are_counted_side_by_side(served: Served) -> None:
    await load(served, block(4721001000, 100, country="47", trunk="", area="Oslo"))
    usage = (await ask(served, "GET", "/usage"))["usage"]
    assert [(one["block"], one["country"], one["size"]) for one in usage][:2] == [
        ("+4721001000", "47", 100),
        ("+441134960000", "44", 100),
    ]


@pytest.mark.parametrize(
    "query", ["?after=x", "?by=pool&after=x", "?by=pool&after=reseller:%00", "?by=area", "?limit=0"]
)
async def test_a_page_that_cannot_be_is_refused_with_its_parameter(served: Served, query: str) -> None:
    (fault,) = problem(await asked(served, "GET", f"/usage{query}"))
    assert fault["parameter"] == query[1:].rsplit("&", maxsplit=1)[-1].split("=", maxsplit=1)[0]


async def test_a_number_is_shown_whosever_it_is(in_use: Served) -> None:
    known = {n: await ask(in_use, "GET", f"/numbers/+{BLOCK + n}") for n in (0, 2, 4, 310, 600, 905)}
    assert {n: (one["state"], one["reseller"]) for n, one in known.items()} == {
        0: ("held", "acme"), 2: ("assigned", "acme"), 4: ("quarantined", "acme"), 310: ("quarantined", "acme"),
        600: ("free", ""), 905: ("free", ""),
    }  # fmt: skip
    assert [(one["pool"], one["owner"]) for one in (known[600], known[905])] == [("public", ""), ("reseller", "acme")]
    assert all(one["until"] for n, one in known.items() if n in (0, 4, 310))
    assert (known[2]["until"], known[2]["block"], known[2]["area"]) == (None, f"+{BLOCK}", "Birmingham")
    assert known[2]["since"]


@pytest.mark.parametrize("number", ["+4930901820", "nonsense"])
async def test_a_number_that_is_in_no_block_is_none(served: Served, number: str) -> None:
    answer = await asked(served, "GET", f"/numbers/{number}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no_such_number")
