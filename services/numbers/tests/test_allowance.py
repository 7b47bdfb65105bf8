"""How many numbers a reseller may hold in drafts and baskets together."""

import asyncio
from uuid import UUID

import pytest

from numbers_service import allowance
from numbers_service.settings import Settings, settings

from .asking import exact, hold, numbers_of
from .holding import Draft, held, names
from .managing import BLOCK, order, problem
from .serving import Served


@pytest.fixture(autouse=True)
def _ten(monkeypatch: pytest.MonkeyPatch) -> None:
    few: Settings = settings().model_copy(update={"most_held": 10})
    monkeypatch.setattr(allowance, "settings", lambda: few)


async def test_what_is_too_many_in_all_drafts_and_baskets_is_refused_with_field_and_remedy(served: Served) -> None:
    draft, basket = Draft(served), Draft(served, kind="basket")
    await draft.hold(*range(BLOCK, BLOCK + 7))
    answer = await basket.post("/holds", numbers=names(range(BLOCK + 7, BLOCK + 11)))
    (fault,) = problem(answer)
    assert fault["pointer"] == "/query/numbers"
    assert fault["message"].startswith("1 too many: drafts and baskets of a reseller hold 10 at the most")
    assert fault["remedy"]
    assert held(await basket.list()) == []
    assert len(held(await basket.hold(*range(BLOCK + 7, BLOCK + 10)))) == 3
    assert len(held(await Draft(served, "borealis").hold(BLOCK + 20))) == 1, "another reseller has its own"


async def test_to_hold_longer_what_is_held_and_what_ended_does_not_count(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(*range(BLOCK, BLOCK + 10))
    assert len(held(await draft.hold(*range(BLOCK, BLOCK + 10)))) == 10
    await served.do("UPDATE number SET held_until = now() - interval '1 s'")
    assert len(held(await Draft(served).hold(*range(BLOCK + 10, BLOCK + 20)))) == 10


async def test_orders_hold_without_a_limit_and_what_they_take_over_counts_no_more(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(*range(BLOCK, BLOCK + 10))
    command = hold(exact(*range(BLOCK, BLOCK + 12)), held_by=UUID(draft.owner["id"]))
    (answer,) = await order(served, command)
    assert len(numbers_of(answer)[0]) == 12
    assert len(held(await draft.hold(*range(BLOCK + 20, BLOCK + 30)))) == 10


async def test_who_hold_at_the_same_time_do_not_hold_more_together(served: Served) -> None:
    drafts = [Draft(served) for _ in range(8)]
    asked = (one.post("/holds", numbers=names([BLOCK + 2 * at, BLOCK + 2 * at + 1])) for at, one in enumerate(drafts))
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [422] * 3
    (row,) = await served.rows("SELECT count(*) AS many FROM number")
    assert row.many == 10
