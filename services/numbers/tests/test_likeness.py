"""The next best is like the number that was lost: of its grade, of a better one, and only then of a lower one."""

from services.numbers.tests.holding import Draft, instead, offers
from services.numbers.tests.serving import Served
from services.numbers.tests.test_replacing import ACMES, FIRST, LONDON, A, B, lose

GOLD, SILVER, BRONZE, BRONZE_TOO, PLATINUM = FIRST, FIRST + 11, FIRST + 110, FIRST + 111, FIRST + 960


async def test_what_is_offered_is_of_the_grade_that_was_lost_then_of_a_better_and_then_of_a_lower_one(
    served: Served,
) -> None:
    await lose(served, GOLD, A)
    (one,) = (await Draft(served).hold(GOLD, filter={"prefix": "0"})).lost
    assert one.offer is not None
    assert (one.grade, one.offer.grade, one.offer.e164) == ("gold", "gold", LONDON)
    assert offers(await Draft(served).hold(GOLD, A, filter={"prefix": "0121"})) == {GOLD: PLATINUM, A: B}
    await lose(served, PLATINUM)
    assert offers(await Draft(served).hold(GOLD, A, filter={"prefix": "0121"})) == {GOLD: SILVER, A: B}
    assert offers(await Draft(served).hold(GOLD, A, filter={"prefix": "0121", "ends_with": "111"})) == {
        GOLD: None,
        A: BRONZE_TOO,
    }
    assert offers(await Draft(served).hold(GOLD, filter={"grades": ["standard", "bronze"]})) == {GOLD: BRONZE}


async def test_no_grade_is_told_of_what_is_unknown(served: Served) -> None:
    (one,) = (await Draft(served, "borealis").hold(ACMES)).lost
    assert (one.reason, one.grade) == ("unknown", None)


async def test_what_is_taken_is_of_the_grade_that_was_lost_if_there_is_one(served: Served) -> None:
    await lose(served, GOLD, A)
    holds = await Draft(served).hold(GOLD, A, instead="take", filter={"prefix": "0"})
    assert instead(holds) == {GOLD: LONDON, A: B}
    holds = await Draft(served).hold(GOLD, instead="take", filter={"prefix": "0121"})
    assert instead(holds) == {GOLD: PLATINUM}
