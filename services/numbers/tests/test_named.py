"""How numbers stand that a dry run names: gone or not, and where the like of them is; of others' nothing is said."""

from typing import Any

from .asking import exact, hold
from .holding import Draft
from .managing import BLOCK, TO_BOREALIS, lend, order
from .serving import Served


async def named(draft: Draft, *numbers: int) -> list[dict[str, Any]]:
    line = {"held_by": draft.owner["id"], "numbers": [f"+{number}" for number in numbers]}
    answer = await draft.served.client.post("/availability/named", json={"reseller": draft.reseller, "lines": [line]})
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["lines"]
    return list(found)


async def test_a_number_is_gone_for_everybody_but_who_holds_it(served: Served) -> None:
    mine, other = Draft(served), Draft(served)
    await mine.hold(BLOCK)
    await order(served, hold(exact(BLOCK + 1)))
    assert [one.get("gone", False) for one in await named(mine, BLOCK, BLOCK + 1, BLOCK + 2)] == [False, True, False]
    held, *_ = await named(other, BLOCK, BLOCK + 1, BLOCK + 2)
    assert (held["gone"], held["pool"], held["e164"]) == (True, "public", f"+{BLOCK}")
    assert f"+{BLOCK}".startswith(held["prefix"])


async def test_nothing_is_said_of_numbers_that_are_not_ours_or_in_anothers_pool(served: Served) -> None:
    await lend(served, TO_BOREALIS, numbers=[BLOCK])
    assert await named(Draft(served), BLOCK, 441999999999) == []
