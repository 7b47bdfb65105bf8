"""Orders that start later or wait for numbers outlive a restart, and orders that are taken back leave nothing."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.documents import Document, line, new_number, order
from tests.inventory import ask
from tests.suite import Suite

pytestmark = pytest.mark.timeout(240)

WHY = {"reason": "the customer changed its mind"}


async def cancel(suite: Suite, id_: str) -> int:
    """The status of the answer."""
    async with suite.client() as client:
        return (await client.post(f"/v1/orders/{id_}/cancel", json=WHY)).status_code


async def test_an_order_for_later_waits_through_a_restart_and_begins_then(suite: Suite) -> None:
    start = datetime.now(UTC) + timedelta(seconds=4)
    id_ = await suite.place(order(line(), start=start.isoformat()))
    assert (await suite.shows(id_, "waiting"))["outcome"] is None
    await suite.restart("provisioning")
    shown = await suite.shows(id_, "completed", "failed")
    assert shown["state"] == "completed", shown["outcome"]
    assert datetime.fromisoformat(shown["timeline"][1]["at"]) >= start
    await suite.balanced()


async def test_an_order_is_taken_back_while_it_waits(suite: Suite) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    id_ = await suite.place(order(line(), start=tomorrow.isoformat()))
    assert [await cancel(suite, id_) for _ in range(2)] in ([202, 202], [202, 200])
    shown = await suite.shows(id_, "completed", "failed")
    assert (shown["state"], shown["outcome"]["reason"], shown["cancel"]["state"]) == ("failed", "cancelled", "done")
    await suite.balanced()


async def test_an_order_is_taken_back_while_it_is_carried_out_and_its_number_is_free_again(suite: Suite) -> None:
    number = new_number()
    suite.stack.kill("billing")
    id_ = await suite.place(order(line(numbers={"exact": [number]})))
    assert await cancel(suite, id_) == 202
    suite.start("billing")
    shown = await suite.shows(id_, "completed", "failed")
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "cancelled")
    again = await suite.ended(order(line(numbers={"exact": [number]})))
    assert again["state"] == "completed", again["outcome"]
    assert await cancel(suite, again["id"]) == 409
    await suite.balanced()


def in_turn(shown: Document) -> list[str]:
    """What the timeline has of numbers that were asked for, and of amendments."""
    told = [moment["message"].split(".")[1] for moment in shown["timeline"]]
    return [
        message for message in told if message in ("AmendOrder", "HoldNumbers", "NumbersUnavailable", "NumbersHeld")
    ]


async def amended(suite: Suite, id_: str, number: str) -> Document:
    """The order once it has ended, which waited for numbers and is to wait for this one."""
    await suite.shows(id_, "back_ordered")
    async with suite.client() as client:
        read = await client.get(f"/v1/orders/{id_}")
        key = {"If-Match": read.headers["ETag"], "Idempotency-Key": id_}
        wanted = {"lines": [{"line": 0, "numbers": {"exact": [number]}}]}
        answers = [await client.patch(f"/v1/orders/{id_}", json=wanted, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202], answers[-1].text
    shown = await suite.shows(id_, "completed", "failed")
    assert shown["order"]["lines"][0]["numbers"]["exact"] in ([number], [int(number)])
    return shown


async def test_an_order_waits_through_a_restart_for_a_number_that_somebody_has_and_gets_it_when_it_is_free(
    suite: Suite,
) -> None:
    number, owner = new_number(), {"kind": "basket", "id": str(uuid4())}
    await ask(suite, "holds", {"owner": owner, "numbers": [number], "instead": "nothing"})
    now = datetime.now(UTC)
    wanted, tomorrow = line(numbers={"exact": [number]}), (now + timedelta(days=1)).isoformat()
    id_ = await suite.place(order(wanted, failure="back_order", until=tomorrow))
    short = await suite.place(order(wanted, failure="back_order", until=(now + timedelta(seconds=6)).isoformat()))
    shown = await suite.shows(id_, "back_ordered")
    assert (shown["back_order"]["reason"], shown["lines"][0]["state"]) == ("taken", "back_ordered")
    await suite.restart("provisioning")
    other = await amended(suite, await suite.place(order(wanted, failure="back_order", until=tomorrow)), new_number())
    assert other["state"] == "completed", other["outcome"]
    assert other["amend"]["state"] == "done"
    assert in_turn(other)[-3:] == ["AmendOrder", "HoldNumbers", "NumbersHeld"]
    failed = await suite.shows(short, "completed", "failed")
    assert (failed["state"], failed["outcome"]["reason"]) == ("failed", "back_order_ended")
    assert in_turn(failed) == ["HoldNumbers", "NumbersUnavailable"] * (len(in_turn(failed)) // 2)
    assert "tried again, try 2" in [moment["note"] for moment in failed["timeline"]]
    await ask(suite, "holds/release", {"owner": owner})
    shown = await suite.shows(id_, "completed", "failed")
    assert shown["state"] == "completed", shown["outcome"]
    assert [service["numbers"] for service in shown["outcome"]["services"]] == [[number]]
    await suite.balanced()
