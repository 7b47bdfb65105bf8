"""A service is away for longer than a step may take: the order is undone and says why, or says that it is stuck."""

from tests.documents import Document, line, order
from tests.suite import Suite, eventually

HASTY = {"PATCHBAY_PATIENCE": "0.05"}
"""A step's thirty seconds are one and a half."""


def notes(shown: Document) -> list[str]:
    """What the timeline says beside its messages."""
    return [entry["note"] for entry in shown["timeline"] if entry["note"]]


async def test_a_service_that_does_not_answer_in_time_leads_to_an_undone_order(suite: Suite) -> None:
    await suite.restart("provisioning", **HASTY)
    suite.stack.kill("numbers")
    id_ = await suite.place(order(line()))
    delayed = await suite.shows(id_, "delayed")
    assert any("asked again" in note for note in notes(delayed))

    async def undoing() -> bool:
        return any("no answer within 1.5 s, asked 3 times" in note for note in notes(await suite.show(id_)))

    await eventually(undoing)
    suite.start("numbers")
    shown = await suite.shows(id_, "completed", "failed")
    assert (shown["state"], shown["outcome"]["step"]) == ("failed", "numbers")
    assert shown["outcome"]["reason"] == "timed_out"
    assert any("no answer within 1.5 s, asked 3 times" in note for note in notes(shown))
    await suite.balanced()


async def test_a_service_that_is_back_in_time_only_delays_the_order(suite: Suite) -> None:
    await suite.restart("provisioning", PATCHBAY_PATIENCE="0.5")
    suite.stack.kill("billing")
    id_ = await suite.place(order(line()))
    await suite.shows(id_, "delayed")
    suite.start("billing")
    assert (await suite.shows(id_, "completed", "failed"))["state"] == "completed"
    await suite.balanced()


async def test_an_undo_that_does_not_get_through_is_stuck_and_ends_when_it_does(suite: Suite) -> None:
    await suite.restart("provisioning", **HASTY)
    suite.stack.kill("numbers")
    id_ = await suite.place(order(line(price_list="nobody-has-it")))
    stuck = await suite.shows(id_, "stuck")
    assert any("numbers.ReleaseNumbers.v1" in entry["message"] for entry in stuck["timeline"])
    async with suite.client() as client:
        listed = (await client.get("/v1/orders", params={"state": "stuck"})).json()["orders"]
    assert [one["id"] for one in listed] == [id_]
    suite.start("numbers")
    shown = await suite.shows(id_, "completed", "failed")
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "timed_out")
    await suite.balanced()


async def test_a_network_that_is_away_delays_an_order_and_does_not_fail_it(suite: Suite) -> None:
    await suite.restart("provisioning", PATCHBAY_NETWORK_DOWN="true")
    id_ = await suite.place(order(line()))

    async def tried() -> bool:
        rows = await suite.rows("provisioning", "SELECT tries FROM service WHERE order_id = $1::text::uuid", id_)
        return any(row["tries"] > 1 for row in rows)

    await eventually(tried)
    assert (await suite.show(id_))["state"] in ("accepted", "delayed")
    await suite.restart("provisioning")
    assert (await suite.shows(id_, "completed", "failed"))["state"] == "completed"
    await suite.balanced()
