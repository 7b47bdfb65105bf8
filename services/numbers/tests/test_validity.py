"""What the validity report says of a draft's numbers, and that its order is refused for what is called an error."""

from typing import Any
from uuid import UUID, uuid4

from numbers_service import validity
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.validity import Finding, Findings

from .asking import exact, hold, numbers_of, reason_of
from .holding import Draft, names
from .managing import BLOCK, TO_BOREALIS, lend, order
from .serving import Served

ACMES = 441314960000
CUSTOMERS = 441134960000
CUSTOMER_ID = "00000000-0000-7000-8000-000000000001"
NOT_OURS = 441999999999


async def report(draft: Draft, *lines: tuple[int, ...], customer: str | None = None) -> tuple[Finding, ...]:
    asked: dict[str, Any] = {
        "reseller": draft.reseller,
        "held_by": draft.owner["id"],
        "lines": [{"numbers": names(line)} for line in lines],
    }
    if customer:
        asked["customer"] = {"id": customer}
    answer = await draft.served.client.post("/validity", json=asked)
    assert answer.status_code == 200, answer.text
    findings = Findings.model_validate_json(answer.content).findings
    assert all(one.tab == "numbers" for one in findings)
    assert unknown(findings) == []
    return findings


def said(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(one.code.removeprefix("numbers."), one.severity, one.pointer) for one in findings]


async def ordered(draft: Draft, *numbers: int, customer: str | None = None) -> Any:
    """What the order of that draft is answered."""
    command = hold(
        exact(*numbers),
        reseller=draft.reseller,
        held_by=UUID(draft.owner["id"]),
        customer_id=UUID(customer) if customer else None,
    )
    (answer,) = await order(draft.served, command)
    return answer


async def test_of_numbers_that_are_held_for_the_draft_nothing_is_said(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(BLOCK, BLOCK + 1, ACMES)
    assert await report(draft, (BLOCK, BLOCK + 1), (), (ACMES,)) == ()
    assert await report(draft) == ()


async def test_a_number_that_somebody_else_took_is_an_error_and_its_order_is_refused(served: Served) -> None:
    draft, other = Draft(served), Draft(served, "borealis")
    await draft.hold(BLOCK, BLOCK + 1, minutes=10)
    await served.do("UPDATE number SET held_until = now() - interval '1 s' WHERE e164 = $1", BLOCK)
    await other.hold(BLOCK)
    (found,) = await report(draft, (BLOCK, BLOCK + 1))
    assert said((found,)) == [("lost", "error", "/lines/0/numbers/0")]
    assert (found.message, found.remedy) == (f"+{BLOCK}: it was taken meanwhile", "choose another")
    assert reason_of(await ordered(draft, BLOCK, BLOCK + 1)) == "taken"


async def test_another_draft_of_the_same_reseller_is_somebody_else(served: Served) -> None:
    draft, other = Draft(served), Draft(served)
    await other.hold(BLOCK)
    assert said(await report(draft, (BLOCK,))) == [("lost", "error", "/lines/0/numbers/0")]
    assert reason_of(await ordered(draft, BLOCK)) == "taken"


async def test_a_number_in_service_is_lost_and_one_that_the_reseller_had_last_may_be_had_again(served: Served) -> None:
    draft = Draft(served)
    span = "INSERT INTO span VALUES ($1, $2, $3, gen_random_uuid(), 'acme', {}, now())"
    await served.do(span.format("NULL"), BLOCK, BLOCK + 199, "assigned")
    await served.do(span.format("now() + interval '1 day'"), BLOCK + 200, BLOCK + 399, "quarantined")
    assert said(await report(draft, (BLOCK, BLOCK + 200))) == [
        ("lost", "error", "/lines/0/numbers/0"),
        ("not_held", "warning", "/lines/0/numbers/1"),
    ]
    assert said(await report(Draft(served, "borealis"), (BLOCK + 200,))) == [("lost", "error", "/lines/0/numbers/0")]
    assert reason_of(await ordered(draft, BLOCK)) == "taken"
    assert numbers_of(await ordered(draft, BLOCK + 200)) == [[BLOCK + 200]]


async def test_a_number_that_is_held_no_more_and_still_free_is_a_warning_as_its_order_gets_it(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(BLOCK, BLOCK + 1)
    await draft.release(BLOCK)
    await served.do("UPDATE number SET held_until = now() - interval '1 s' WHERE e164 = $1", BLOCK + 1)
    assert said(await report(draft, (BLOCK, BLOCK + 1))) == [
        ("not_held", "warning", "/lines/0/numbers/0"),
        ("not_held", "warning", "/lines/0/numbers/1"),
    ]
    assert numbers_of(await ordered(draft, BLOCK, BLOCK + 1)) == [[BLOCK, BLOCK + 1]]


async def test_a_hold_that_ends_soon_is_a_warning_with_the_time(served: Served) -> None:
    draft = Draft(served)
    holds = await draft.hold(BLOCK, minutes=4)
    (found,) = await report(draft, (BLOCK,))
    assert said((found,)) == [("ends_soon", "warning", "/lines/0/numbers/0")]
    assert f"{holds.held[0].held_until:%H:%M:%S} UTC" in found.message
    await draft.extend(BLOCK, minutes=30)
    assert await report(draft, (BLOCK,)) == ()


async def test_a_number_that_stands_in_two_lines_or_twice_in_one_is_an_error_where_it_stands_again(
    served: Served,
) -> None:
    draft = Draft(served)
    await draft.hold(BLOCK, BLOCK + 1)
    found = await report(draft, (BLOCK,), (BLOCK + 1, BLOCK, BLOCK + 1))
    assert said(found) == [
        ("named_twice", "error", "/lines/1/numbers/1"),
        ("named_twice", "error", "/lines/1/numbers/2"),
    ]
    assert found[0].message == f"+{BLOCK}: line 1 has it already"


async def test_what_is_in_no_block_and_what_is_in_anothers_pool_are_alike(served: Served) -> None:
    draft = Draft(served, "borealis")
    await draft.hold(ACMES, BLOCK)
    found = await report(draft, (ACMES, NOT_OURS, BLOCK))
    assert said(found) == [("unknown", "error", "/lines/0/numbers/0"), ("unknown", "error", "/lines/0/numbers/1")]
    assert found[0].message.partition(":")[2] == found[1].message.partition(":")[2]
    assert reason_of(await ordered(draft, ACMES)) == "unknown_number"


async def test_a_number_that_was_lent_to_somebody_else_is_unknown(served: Served) -> None:
    draft = Draft(served)
    await lend(served, TO_BOREALIS, numbers=[BLOCK])
    assert said(await report(draft, (BLOCK,))) == [("unknown", "error", "/lines/0/numbers/0")]
    assert reason_of(await ordered(draft, BLOCK)) == "unknown_number"


async def test_a_customers_numbers_are_for_that_customer_alone(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(CUSTOMERS, customer_id=CUSTOMER_ID)
    assert await report(draft, (CUSTOMERS,), customer=CUSTOMER_ID) == ()
    for other in (None, str(uuid4())):
        assert said(await report(draft, (CUSTOMERS,), customer=other)) == [("unknown", "error", "/lines/0/numbers/0")]
        assert reason_of(await ordered(draft, CUSTOMERS, customer=other)) == "unknown_number"


async def test_of_very_many_findings_the_errors_stand_first_and_the_rest_is_counted(served: Served) -> None:
    draft = Draft(served)
    found = await report(draft, (*range(BLOCK, BLOCK + 300), NOT_OURS))
    assert len(found) == validity.MOST
    assert said(found)[0] == ("unknown", "error", "/lines/0/numbers/300")
    assert said(found)[-1] == ("more", "warning", "/lines")
    assert found[-1].message == "102 numbers more need to be seen to"
