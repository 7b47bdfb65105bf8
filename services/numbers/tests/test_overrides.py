"""An inventory manager states the grade of single numbers, with a reason; and how long a pool's numbers rest."""

from datetime import timedelta
from typing import Any

import pytest

from patchbay_contracts.v1.blocks import BlockChanged, Regraded

from .asking import completed, exact, hold, numbers_of, release, some
from .managing import ACMES, BLOCK, MAYOR, WHY, ask, asked, grade_of, log, order, problem, state
from .serving import Served

A, B = BLOCK + 17, BLOCK + 23


async def rest(served: Served, days: int | None, pool: str = "public", owner: str = "") -> Any:
    query = {"of": {"pool": pool, "owner": owner}, "days": days}
    return await ask(served, "PUT", "/quarantine", query)


async def test_a_stated_grade_holds_whatever_the_rules_say_and_everybody_is_told(served: Served) -> None:
    assert await state(served, "platinum", A, B) == {"changed": 2, "unknown": []}
    (said,) = served.kafka.said
    assert isinstance(said, BlockChanged)
    assert said.regraded == tuple(Regraded(e164=n, grade="platinum", reason=MAYOR) for n in (A, B))
    assert await grade_of(served, A) == ("platinum", f"override: {MAYOR}")
    (found,) = await order(served, hold(some(1, prefix="0121", grades=("platinum",), method="next")))
    assert numbers_of(found) == [[A]]
    assert await log(served) == [("ann", "graded platinum", MAYOR)]


async def test_without_a_grade_the_rules_decide_again(served: Served) -> None:
    before = await grade_of(served, A)
    await state(served, "platinum", A)
    served.kafka.said.clear()
    assert (await state(served, None, A, B))["changed"] == 1
    assert [one.regraded for one in served.kafka.said if isinstance(one, BlockChanged)] == [(Regraded(e164=A),)]
    assert await grade_of(served, A) == before


async def test_stating_the_same_again_changes_nothing_and_another_reason_does(served: Served) -> None:
    await state(served, "gold", A)
    served.kafka.said.clear()
    assert (await state(served, "gold", A, A))["changed"] == 0
    assert (await state(served, None, B))["changed"] == 0
    assert served.kafka.said == []
    assert len(await log(served)) == 1
    assert (await state(served, "gold", A, why="the bishop's"))["changed"] == 1
    assert await grade_of(served, A) == ("gold", "override: the bishop's")


async def test_a_number_that_is_in_no_block_is_named_and_the_others_are_graded(served: Served) -> None:
    assert await state(served, "silver", A, 441999999999) == {"changed": 1, "unknown": ["+441999999999"]}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"grade": "copper"}, "/grade"), ({"numbers": ["0121"]}, "/numbers/0"), ({"why": ""}, "/why")],
)
async def test_a_grade_that_cannot_be_stated_is_refused_with_its_field(
    served: Served, change: dict[str, Any], pointer: str
) -> None:
    query = {"numbers": [f"+{A}"], "grade": "gold", "why": MAYOR} | change
    (fault,) = problem(await asked(served, "POST", "/overrides", query))
    assert fault["pointer"] == pointer


async def test_each_pools_numbers_rest_as_long_as_its_quarantine_says(served: Served) -> None:
    assert await rest(served, 5, "reseller", "acme") == {"changed": 1}
    assert await rest(served, 5, "reseller", "acme") == {"changed": 0}
    for number in (ACMES, BLOCK):
        await order(served, command := hold(exact(number)))
        await order(served, completed(command, number))
        await order(served, release(command))
    rows = await served.rows("SELECT e164, held_until - since AS rest FROM number")
    assert {row.e164: row.rest for row in rows} == {ACMES: timedelta(days=5), BLOCK: timedelta(days=90)}
    assert await rest(served, None, "reseller", "acme") == {"changed": 1}
    assert await rest(served, None, "reseller", "acme") == {"changed": 0}
    assert await log(served) == [("ann", "quarantine set", WHY)] * 2


async def test_no_quarantine_at_all_frees_a_number_as_soon_as_it_is_given_back(served: Served) -> None:
    await rest(served, 0)
    await order(served, command := hold(exact(BLOCK)))
    await order(served, completed(command, BLOCK))
    await order(served, release(command))
    (answer,) = await order(served, hold(exact(BLOCK), reseller="borealis"))
    assert numbers_of(answer) == [[BLOCK]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"of": {"pool": "reseller"}, "days": 5}, "/of/owner"),
        ({"of": {"pool": "public"}, "days": -1}, "/days"),
        ({"of": {"pool": "public"}, "days": 10_000}, "/days"),
        ({"of": {"pool": "public"}}, "/days"),
    ],
)
async def test_a_quarantine_that_cannot_be_is_refused_with_its_field(
    served: Served, query: dict[str, Any], pointer: str
) -> None:
    (fault,) = problem(await asked(served, "PUT", "/quarantine", query))
    assert fault["pointer"] == pointer
