"""What was lost to somebody else is named, and the next best is offered or, on request, held, in the same answer."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from numbers_service import handlers
from numbers_service.matching import FromTables, Wanted
from patchbay_chassis.database import Connection, Overtaken
from patchbay_chassis.testing import eventually
from patchbay_contracts.numbers import Holds
from patchbay_contracts.v1.blocks import BlockChanged
from services.numbers.tests.holding import Draft, held, instead, lost, offers
from services.numbers.tests.serving import Served
from services.numbers.tests.test_holds import let_end

FIRST, A, B, C = range(441214960000, 441214960004)
LONDON = 442079460000
ACMES, CUSTOMERS = 441314960000, 441134960000
CUSTOMER = "00000000-0000-7000-8000-000000000001"


async def lose(served: Served, *numbers: int) -> None:
    """Somebody else holds them."""
    assert held(await Draft(served, "borealis").hold(*numbers)) == list(numbers)


async def test_the_next_best_by_the_filter_is_offered_and_not_held(served: Served) -> None:
    await lose(served, LONDON + 3)
    draft = Draft(served)
    holds = await draft.hold(LONDON + 2, LONDON + 3, filter={"prefix": "020", "ends_with": "3"})
    assert held(holds) == [LONDON + 2]
    assert offers(holds) == {LONDON + 3: LONDON + 13}
    (one,) = holds.lost
    assert one.offer is not None
    assert (one.offer.national, one.offer.area, one.offer.pool) == ("020 7946 0013", "London", "public")
    assert (one.offer.grade, one.offer.rule) == ("standard", "no pattern")
    assert held(await draft.list()) == [LONDON + 2]


async def test_no_number_is_offered_twice_or_was_asked_for_or_is_held_already(served: Served) -> None:
    await lose(served, LONDON + 1, LONDON + 2)
    draft = Draft(served)
    await draft.hold(LONDON + 3)
    holds = await draft.hold(LONDON + 1, LONDON + 2, LONDON + 4, filter={"prefix": "020"})
    assert offers(holds) == {LONDON + 1: LONDON + 5, LONDON + 2: LONDON + 6}


async def test_where_too_few_match_the_first_that_were_lost_get_an_offer(served: Served) -> None:
    await lose(served, LONDON + 3, LONDON + 13, A)
    holds = await Draft(served).hold(A, LONDON + 3, LONDON + 13, filter={"prefix": "02079460", "grades": ["gold"]})
    assert offers(holds) == {A: LONDON, LONDON + 3: None, LONDON + 13: None}


async def test_the_pools_of_the_filter_are_gone_through_in_their_order(served: Served) -> None:
    await lose(served, A, B, C)
    pools = ("reseller", "customer", "public")
    holds = await Draft(served).hold(A, B, C, filter={"ends_with": "960000", "pools": pools, "customer_id": CUSTOMER})
    assert offers(holds) == {A: ACMES, B: CUSTOMERS, C: FIRST}
    holds = await Draft(served).hold(
        A, B, filter={"ends_with": "960000", "pools": pools[::-1], "customer_id": CUSTOMER}
    )
    assert offers(holds) == {A: FIRST, B: CUSTOMERS}


async def test_another_resellers_pool_is_never_offered(served: Served) -> None:
    await lose(served, A)
    draft = Draft(served, "charlie")
    holds = await draft.hold(A, filter={"prefix": "0131", "pools": ["reseller", "customer"], "customer_id": CUSTOMER})
    assert offers(holds) == {A: None}


async def test_without_a_filter_it_is_the_same_pool_grade_and_block(served: Served) -> None:
    gold, silver = FIRST + 111, FIRST + 11
    await served.do("INSERT INTO override VALUES ($1, 'silver', 'the mayor''s', 'ann', now())", A)
    await lose(served, A, B, FIRST + 100)
    await Draft(served, "acme").hold(ACMES + 1)
    holds = await Draft(served).hold(A, B, ACMES + 1)
    assert offers(holds) == {A: silver, B: C, ACMES + 1: ACMES + 2}
    assert gold not in offers(holds).values()


async def test_nothing_is_offered_for_what_is_unknown(served: Served) -> None:
    holds = await Draft(served, "borealis").hold(ACMES, 441999960000, filter={"prefix": "0121"})
    assert offers(holds) == {ACMES: None, 441999960000: None}


async def test_who_wants_no_offer_gets_none(served: Served) -> None:
    await lose(served, A)
    assert offers(await Draft(served).hold(A, instead="nothing", filter={"prefix": "0121"})) == {A: None}


async def test_on_request_the_next_best_is_held_in_place_of_what_was_lost(served: Served) -> None:
    await lose(served, LONDON + 1, LONDON + 2)
    served.kafka.said.clear()
    draft = Draft(served)
    holds = await draft.hold(LONDON + 1, LONDON + 2, LONDON + 3, instead="take", filter={"prefix": "020"})
    assert held(holds) == [LONDON + 3, LONDON + 4, LONDON + 5]
    assert instead(holds) == {LONDON + 1: LONDON + 4, LONDON + 2: LONDON + 5}
    assert lost(holds) == {LONDON + 1: "taken", LONDON + 2: "taken"}
    listed = await draft.list()
    assert (held(listed), instead(listed)) == (held(holds), instead(holds))
    assert served.kafka.said == [
        BlockChanged(block=LONDON, version=3, taken=((LONDON + 3, LONDON + 3),)),
        BlockChanged(block=LONDON, version=4, taken=((LONDON + 4, LONDON + 5),)),
    ]


async def test_the_same_call_again_takes_nothing_further_and_puts_the_end_off(served: Served) -> None:
    await lose(served, A, B)
    draft = Draft(served)
    first = await draft.hold(A, B, C, instead="take", minutes=5, filter={"prefix": "020"})
    again = await draft.hold(A, B, C, instead="take", minutes=60, filter={"prefix": "020"})
    assert (held(again), instead(again), lost(again)) == (held(first), instead(first), lost(first))
    assert all(one.held_until > first.held[-1].held_until + timedelta(minutes=50) for one in again.held)
    assert sorted(held(await draft.list())) == sorted(held(first))


async def test_the_same_call_again_leaves_what_is_free_again_alone_while_its_stand_in_is_held(served: Served) -> None:
    other, draft = Draft(served, "borealis"), Draft(served)
    await other.hold(A)
    await draft.hold(A, instead="take")
    await other.release()
    assert instead(await draft.hold(A, instead="take")) == {A: B}
    assert held(await draft.hold(A)) == [A]


async def test_a_stand_in_that_ended_or_was_given_back_is_replaced_in_its_turn(served: Served) -> None:
    await lose(served, A)
    draft = Draft(served)
    assert instead(await draft.hold(A, instead="take")) == {A: B}
    await let_end(served, B)
    await lose(served, B)
    assert instead(await draft.hold(A, instead="take")) == {A: C}
    await draft.release(C)
    await lose(served, C)
    assert instead(await draft.hold(A, instead="take")) == {A: C + 1}


class Slow(FromTables):
    """Chooses for the first who asks only when that one's next call is done, or waits for a lock."""

    def __init__(self, served: Served, draft: Draft) -> None:
        self.served, self.draft = served, draft
        self.second: asyncio.Task[Holds] | None = None

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        if self.second is None:
            self.second = asyncio.create_task(self.draft.hold(A, instead="take", filter={"prefix": "020"}))
            await eventually(self._done_or_waiting)
        return await super().candidates(db, wanted)

    async def _done_or_waiting(self) -> bool:
        assert self.second is not None
        return self.second.done() or bool(await self.served.rows("SELECT FROM pg_locks WHERE NOT granted"))


async def test_two_equal_calls_at_once_take_one_stand_in(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await lose(served, A)
    draft = Draft(served)
    slow = Slow(served, draft)
    monkeypatch.setattr(handlers, "choose", slow)
    first = await draft.hold(A, instead="take", filter={"prefix": "020"})
    assert slow.second is not None
    assert [instead(first), instead(await slow.second)] == [{A: LONDON + 1}] * 2
    assert held(await draft.list()) == [LONDON + 1]


async def test_many_who_lost_the_same_numbers_get_different_ones(served: Served) -> None:
    await lose(served, A, B)
    drafts = [Draft(served) for _ in range(6)]
    all_holds = await asyncio.gather(*(draft.hold(A, B, instead="take", filter={"prefix": "0121"}) for draft in drafts))
    taken = [number for holds in all_holds for number in held(holds)]
    assert len(taken) == len(set(taken)) == 12


async def test_of_a_run_it_is_a_run_as_long_as_what_was_lost_or_nothing(served: Served) -> None:
    await lose(served, A, B, LONDON + 5)
    run = {"prefix": "020", "method": "run"}
    assert offers(await Draft(served).hold(A, B, C, filter=run)) == {A: LONDON, B: LONDON + 1}
    assert instead(await Draft(served).hold(A, B, instead="take", filter=run)) == {A: LONDON, B: LONDON + 1}
    wanted = range(FIRST + 100, FIRST + 115)
    await lose(served, *wanted)
    draft = Draft(served)
    assert set(offers(await draft.hold(*wanted, filter=run)).values()) == {None}
    assert held(await draft.hold(*wanted, instead="take", filter=run)) == []
    assert held(await draft.list()) == []


async def test_a_taken_stand_in_is_of_the_pools_of_the_filter_in_their_order(served: Served) -> None:
    await lose(served, A, B, C)
    filter_ = {"ends_with": "960000", "pools": ["customer", "reseller"]}
    holds = await Draft(served).hold(A, B, C, instead="take", filter=filter_ | {"customer_id": CUSTOMER})
    assert instead(holds) == {A: CUSTOMERS, B: ACMES}
    assert [one.pool for one in holds.held] == ["customer", "reseller"]


class Behind(FromTables):
    """Chooses as if it had not heard yet that some numbers were taken."""

    def __init__(self, taken: Collection[int]) -> None:
        self.taken = taken

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        return [[*self.taken, *found] for found in await super().candidates(db, wanted)]


@pytest.mark.parametrize("how", ["offer", "take"])
async def test_what_was_just_lost_is_not_offered_by_a_choice_that_is_behind(
    served: Served, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await lose(served, A, B)
    monkeypatch.setattr(handlers, "choose", Behind([A, B]))
    holds = await Draft(served).hold(A, B, instead=how, filter={"prefix": "020"})
    replaced: dict[int, Any] = instead(holds) if how == "take" else offers(holds)
    assert replaced == {A: LONDON + 1, B: LONDON + 2}


class Overtaking(FromTables):
    """Chooses what somebody else was faster with, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        self.times -= 1
        if self.times >= 0:
            raise Overtaken
        return await super().candidates(db, wanted)


async def test_a_turn_that_is_overtaken_is_done_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await lose(served, A)
    monkeypatch.setattr(handlers, "choose", Overtaking(2))
    assert instead(await Draft(served).hold(A, instead="take", filter={"prefix": "020"})) == {A: LONDON + 1}


async def test_who_is_overtaken_again_and_again_may_make_the_call_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lose(served, A)
    monkeypatch.setattr(handlers, "choose", Overtaking(100))
    draft = Draft(served)
    answer = await draft.post("/holds", numbers=[f"+{A}", f"+{B}"], instead="take", filter={"prefix": "020"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "try again" in answer.json()["detail"]
    monkeypatch.setattr(handlers, "choose", FromTables())
    holds = await draft.hold(A, B, instead="take", filter={"prefix": "020"})
    assert (held(holds), instead(holds)) == ([B, LONDON + 1], {A: LONDON + 1})


async def test_what_was_given_instead_is_forgotten_when_it_is_not_held_any_more(served: Served) -> None:
    await lose(served, A, B)
    draft = Draft(served)
    await draft.hold(A, B, instead="take", filter={"prefix": "020"})
    await draft.release(LONDON + 1)
    async with served.running.turn() as turn:
        await handlers.forget_what_was_given_instead(turn.db)
    assert await served.rows("SELECT owner, lost, given FROM given_instead") == [
        (UUID(draft.owner["id"]), B, LONDON + 2)
    ]


async def test_what_is_given_while_what_was_given_before_is_forgotten_is_remembered(served: Served) -> None:
    async def forget() -> None:
        async with served.running.turn() as turn:
            await handlers.forget_what_was_given_instead(turn.db)

    await lose(served, A)
    draft = Draft(served)
    await draft.hold(A, instead="take", filter={"prefix": "020"})
    await draft.release(LONDON + 1)
    again = "UPDATE number SET e164 = $1, owner = $2, owner_kind = 'draft', reseller = 'acme' WHERE e164 = $3"
    await lose(served, B)
    async with served.database.transaction() as db:
        await db.execute(again, LONDON + 2, UUID(draft.owner["id"]), B)
        await db.execute("UPDATE given_instead SET given = $1", LONDON + 2)
        await forget()
    assert instead(await draft.hold(A, instead="take", filter={"prefix": "020"})) == {A: LONDON + 2}
