"""Whether a change's numbers could be had is tried for real: what is found is what the change would be refused for, and
nothing stays held."""

from uuid import UUID

import pytest

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.change_checks import HoldFindings
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersUnavailable

from .asking import exact, hold, numbers_of, reason_of, some
from .holding import Draft
from .managing import BLOCK, TO_BOREALIS, lend, order
from .serving import Served

NOT_OURS = 441999999999
ONLY_GOLD = NumberRules(most=9, grades=("gold",))
IN_LONDON = NumberRules(most=9, prefixes=("4420",))


async def checked(served: Served, command: HoldNumbers) -> HoldFindings:
    answer = await served.client.post("/changes/validity", content=command.model_dump_json())
    assert answer.status_code == 200, answer.text
    found = HoldFindings.model_validate_json(answer.content)
    assert unknown(found.findings) == []
    return found


def said(found: HoldFindings) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.pointer.removeprefix("/change/wanted/numbers")) for one in found.findings]


def ruled(command: HoldNumbers, rules: NumberRules) -> HoldNumbers:
    return command.model_copy(update={"wants": (command.wants[0].model_copy(update={"rules": rules}),)})


async def test_numbers_that_can_be_had_are_graded_and_nobody_holds_them(served: Served) -> None:
    found = await checked(served, hold(exact(BLOCK, BLOCK + 123)))
    assert (said(found), [one.grade for one in found.numbers]) == ([], ["gold", "silver"])
    assert (await checked(served, hold(some(2, "0121")))).findings == ()
    assert await served.rows("SELECT * FROM number") == []
    assert served.kafka.said == []
    assert {version for (version,) in await served.rows("SELECT version FROM block")} == {1}


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (hold(exact(BLOCK, NOT_OURS, BLOCK + 1)), [("unknown_number", "/exact/1"), ("taken", "/exact/2")]),
        (hold(some(5, "99999")), [("too_few", "/count")]),
        (ruled(hold(exact(BLOCK + 246)), ONLY_GOLD), [("wrong_grade", "/exact/0")]),
        (ruled(hold(exact(BLOCK + 246)), IN_LONDON), [("wrong_prefix", "/exact/0")]),
        (ruled(hold(some(1, "0121")), IN_LONDON), [("wrong_prefix", "/count")]),
    ],
)
async def test_what_is_found_is_what_the_change_would_be_refused_for(
    served: Served, command: HoldNumbers, codes: list[tuple[str, str]]
) -> None:
    await Draft(served, "borealis").hold(BLOCK + 1)
    found = await checked(served, command)
    assert said(found) == [(f"numbers.{code}", "error", pointer) for code, pointer in codes]
    assert all(one.message and one.remedy for one in found.findings)
    (answer,) = await order(served, command)
    assert reason_of(answer) == codes[0][0]
    assert isinstance(answer, NumbersUnavailable)
    assert await served.rows("SELECT * FROM number WHERE owner = $1", command.order_id) == []


async def test_what_the_basket_of_its_author_holds_is_to_be_had_by_the_change_alone(served: Served) -> None:
    basket, other = Draft(served, kind="basket"), Draft(served)
    await basket.hold(BLOCK, minutes=10)
    id_ = UUID(basket.owner["id"])
    assert said(await checked(served, hold(exact(BLOCK), held_by=id_))) == []
    assert said(await checked(served, hold(exact(BLOCK), held_by=UUID(other.owner["id"])))) == [
        ("numbers.taken", "error", "/exact/0")
    ]
    await served.do("UPDATE number SET held_until = now() + interval '2 minutes'")
    (brief,) = (await checked(served, hold(exact(BLOCK), held_by=id_))).findings
    assert (brief.code, brief.severity) == ("numbers.ends_soon", "warning")
    (answer,) = await order(served, hold(exact(BLOCK), held_by=id_))
    assert numbers_of(answer) == [[BLOCK]]


async def test_a_number_in_anothers_pool_is_no_different_from_one_that_is_not_there(served: Served) -> None:
    await lend(served, TO_BOREALIS, numbers=[BLOCK + 10])
    assert said(await checked(served, hold(exact(BLOCK + 10)))) == [("numbers.unknown_number", "error", "/exact/0")]
