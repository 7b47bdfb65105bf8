"""Changes of services against a real database: carried out or taken back, one at a time, and all in the history."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.services import (
    AddNumbers,
    ChangeQuery,
    End,
    HistoryQuery,
    NewPriceList,
    NewSettings,
    RemoveNumbers,
    Resume,
    ServiceChange,
    Suspend,
    Wanted,
)
from patchbay_contracts.v1.changes import AmendBilling, BillingAmended, BillingRestored, PlaceChange, RestoreBilling
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed
from provisioning_service import changes, finding_services, handlers
from provisioning_service.changing import RestoreService
from provisioning_service.network import SimulatedNetwork

from .orders import FIRST, NOW, SECOND
from .serving import have_service

pytestmark = pytest.mark.usefixtures("catalogue")


def change(id_: UUID, wanted: Wanted, version: int = 1, reseller: str = "acme") -> PlaceChange:
    return PlaceChange(
        order_id=uuid4(), reseller=reseller, service_id=id_, version=version, wanted=wanted, why="asked", by="key:test",
        accepted_at=NOW,
    )  # fmt: skip


def amended(of: PlaceChange) -> BillingAmended:
    return BillingAmended(order_id=of.order_id, reseller=of.reseller)


async def work(db: Connection, network: SimulatedNetwork | None = None) -> list[Message]:
    """One round of the errand of changes."""
    errand = handlers.network_changes(network or SimulatedNetwork())
    said = await errand.record(await errand.run(await errand.take(db, 100)), db)
    return [one if isinstance(one, Message) else one.message for one in said]


async def row(db: Connection, id_: UUID) -> Any:
    return await db.fetchrow("SELECT * FROM service WHERE id = $1", id_)


async def outcomes(db: Connection, id_: UUID) -> list[tuple[str, str]]:
    """Kind and outcome of each change, the newest first."""
    query = HistoryQuery(resellers=("acme",), service_id=id_)
    return [(one.kind, one.outcome) for one in (await finding_services.history(db, query)).changes]


def failed(said: list[Message]) -> tuple[str, str]:
    (event,) = said
    assert isinstance(event, OrderFailed), event
    return event.reason, event.detail


async def test_settings_are_changed_here_when_the_network_has_them(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    wanted = NewSettings(settings={"voicemail": True}, settings_by_number={FIRST: {"voicemail": False}})
    assert await deliver(change(id_, wanted), times=1) == []
    assert (await row(db, id_)).version == 1
    (event,) = await work(db)
    assert isinstance(event, OrderCompleted)
    after = await row(db, id_)
    assert (after.version, after.changing) == (2, None)
    assert orjson.loads(after.settings) == {
        "settings": {"voicemail": True},
        "settings_by_number": {f"+{FIRST}": {"voicemail": False}},
    }
    (past,) = (await finding_services.history(db, HistoryQuery(resellers=("acme",), service_id=id_))).changes
    assert (past.outcome, past.by, past.why, past.order_id) == ("done", "key:test", "asked", event.order_id)
    assert (past.before.settings, past.after.settings) == ({}, {"voicemail": True})


async def test_a_service_is_suspended_and_resumed(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    await deliver(change(id_, Suspend()), times=1)
    await work(db)
    assert (await row(db, id_)).state == "suspended"
    await deliver(change(id_, Resume(), version=2), times=1)
    await work(db)
    assert ((await row(db, id_)).state, (await row(db, id_)).version) == ("active", 3)
    assert sorted(await outcomes(db, id_)) == [("resume", "done"), ("suspend", "done")]


async def test_a_service_ends_when_billing_and_the_network_have_ended_it(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    (asked,) = await deliver(placed := change(id_, End()), times=1)
    assert isinstance(asked, AmendBilling)
    assert asked.ends
    assert await deliver(amended(placed), times=1) == []
    (event,) = await work(db)
    assert isinstance(event, OrderCompleted)
    assert event.change is not None
    assert event.change.removed == (FIRST,)
    assert (await row(db, id_)).state == "ended"
    assert failed(await deliver(change(id_, Resume(), version=2), times=1))[0] == "not_active"


async def test_a_price_list_needs_no_network(deliver: Deliver, db: Connection) -> None:
    id_, today = await have_service(db, FIRST), await db.fetchval("SELECT current_date")
    later = today + timedelta(days=30)
    await deliver(placed := change(id_, NewPriceList(price_list="future", from_date=later)), times=1)
    (event,) = await deliver(amended(placed), times=1)
    assert isinstance(event, OrderCompleted)
    after = await row(db, id_)
    assert (after.price_list, after.next_price_list, after.next_from) == ("standard-gbp", "future", later)
    too_late = NewPriceList(price_list="other", from_date=later + timedelta(days=1))
    reason, detail = failed(await deliver(change(id_, too_late, version=2), times=1))
    assert (reason, detail.split(":")[0]) == ("price_list_to_come", "/wanted/from_date")
    await deliver(placed := change(id_, NewPriceList(price_list="other", from_date=today), version=2), times=1)
    await deliver(amended(placed), times=1)
    after = await row(db, id_)
    assert (after.price_list, after.next_price_list) == ("other", None)


async def test_numbers_that_leave_are_no_longer_the_services(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST, SECOND)
    await deliver(placed := change(id_, RemoveNumbers(numbers=(SECOND,))), times=1)
    await deliver(amended(placed), times=1)
    await work(db)
    after = await row(db, id_)
    assert (after.numbers, after.made_with) == ([FIRST], [FIRST, SECOND])
    assert [n for (n,) in await db.fetch("SELECT e164 FROM service_number")] == [FIRST]


async def test_numbers_to_add_are_held_under_the_changes_own_id(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    placed = change(id_, AddNumbers(numbers=Numbers(exact=(SECOND,))))
    (asked,) = await deliver(placed, times=1)
    assert isinstance(asked, HoldNumbers)
    assert (asked.order_id, asked.wants[0].numbers.exact) == (placed.order_id, (SECOND,))


async def test_of_two_changes_at_once_one_wins_and_the_other_is_refused(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    said = await deliver(change(id_, Suspend()), change(id_, NewSettings()), times=1)
    assert failed(said)[0] == "being_changed"
    assert failed(await deliver(change(id_, Suspend()), times=1))[0] == "being_changed"
    await work(db)
    assert (await row(db, id_)).state == "suspended"
    assert failed(await deliver(change(id_, Resume()), times=1))[0] == "changed_meanwhile"
    assert sorted(outcome for _, outcome in await outcomes(db, id_)) == ["done", "refused", "refused", "refused"]


async def test_a_change_placed_twice_begins_once(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    placed = change(id_, Suspend())
    assert await deliver(placed, placed, times=1) == await deliver(placed, times=1) == []
    assert len(await work(db)) == 1
    assert await outcomes(db, id_) == [("suspend", "done")]


async def test_what_the_network_refuses_leaves_all_as_it_was(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST, SECOND)
    before = dict(await row(db, id_))
    await deliver(placed := change(id_, RemoveNumbers(numbers=(SECOND,))), times=1)
    await deliver(amended(placed), times=1)
    assert [type(one) for one in await work(db, SimulatedNetwork(refuses=str(FIRST)))] == [RestoreBilling]
    restored = BillingRestored(order_id=placed.order_id, reseller="acme")
    assert failed(await deliver(restored, times=1))[0] == "network_refused"
    assert dict(await row(db, id_)) == before
    assert await outcomes(db, id_) == [("remove_numbers", "failed")]
    await deliver(change(id_, Suspend()), times=1)
    assert [type(one) for one in await work(db)] == [OrderCompleted]


async def test_a_network_that_is_down_is_tried_again_later(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    await deliver(change(id_, Suspend()), times=1)
    assert await work(db, SimulatedNetwork(down=True)) == []
    await db.execute("UPDATE service_change SET due = now()")
    assert [type(one) for one in await work(db)] == [OrderCompleted]


async def test_a_result_that_comes_after_the_change_was_taken_back_does_not_count(
    deliver: Deliver, db: Connection
) -> None:
    id_ = await have_service(db, FIRST)
    await deliver(placed := change(id_, Suspend()), times=1)
    errand = handlers.network_changes(SimulatedNetwork())
    late = await errand.run(await errand.take(db, 10))
    await changes.restore_services([RestoreService(order_id=placed.order_id, reseller="acme")], db)
    assert await errand.record(late, db) == []
    assert (await row(db, id_)).state == "active"
    (back,) = await errand.take(db, 10)
    assert (back.job.verb, back.back) == ("resume", True)


@pytest.mark.parametrize(
    ("wanted", "reason", "where"),
    [
        (NewSettings(settings={"voicemail": "yes"}), "bad_settings", "/wanted/settings/voicemail"),
        (NewSettings(settings_by_number={SECOND: {}}), "unknown_number", f"/wanted/settings_by_number/+{SECOND}"),
        (AddNumbers(numbers=Numbers(count=2)), "too_many_numbers", "/wanted/numbers"),
        (AddNumbers(numbers=Numbers(exact=(FIRST,))), "number_there", "/wanted/numbers/exact"),
        (RemoveNumbers(numbers=(SECOND,)), "unknown_number", "/wanted/numbers"),
        (RemoveNumbers(numbers=(FIRST,)), "too_few_numbers", "/wanted/numbers"),
        (
            NewPriceList(price_list="x", from_date=NOW.date() - timedelta(days=9999)),
            "date_is_over",
            "/wanted/from_date",
        ),
        (Resume(), "not_suspended", "/wanted"),
    ],
)
async def test_a_change_that_may_not_be_is_refused_where_the_validity_report_says_so(
    deliver: Deliver, db: Connection, wanted: Wanted, reason: str, where: str
) -> None:
    id_ = await have_service(db, FIRST)
    query = ChangeQuery(reseller="acme", service_id=id_, change=ServiceChange(version=1, wanted=wanted, why="asked"))
    found = (await changes.validity(db, query, handlers.catalogue)).findings
    assert unknown(found) == []
    (finding,) = [one for one in found if one.severity != "info"]
    assert (finding.code, finding.pointer, finding.severity) == (f"service.{reason}", f"/change{where}", "error")
    assert finding.remedy
    told = failed(await deliver(change(id_, wanted), times=1))
    assert (told[0], told[1].split(": ")[0]) == (reason, where)
    assert (await row(db, id_)).changing is None


async def test_a_bound_of_one_number_is_said_in_the_singular_and_by_the_name_of_the_type(
    deliver: Deliver, db: Connection
) -> None:
    _reason, told = failed(
        await deliver(change(await have_service(db, FIRST), RemoveNumbers(numbers=(FIRST,))), times=1)
    )
    assert told == "/wanted/numbers: Voice line needs 1 number, and it would have 0: remove fewer, or end the service"


async def test_another_resellers_service_is_refused_like_one_that_is_not_there(
    deliver: Deliver, db: Connection
) -> None:
    theirs = await have_service(db, FIRST, reseller="borealis")
    told = [failed(await deliver(change(id_, Suspend()), times=1)) for id_ in (theirs, uuid4())]
    assert told[0] == told[1]
    assert told[0][0] == "unknown_service"
    assert (await row(db, theirs)).changing is None


async def test_a_service_whose_order_is_under_way_cannot_be_changed(deliver: Deliver, db: Connection) -> None:
    id_ = await have_service(db, FIRST)
    await db.execute(
        "INSERT INTO saga (id, reseller, name, version, status, state)"
        " SELECT order_id, 'acme', 'order', 1, 'running', '{}' FROM service WHERE id = $1",
        id_,
    )
    assert failed(await deliver(change(id_, Suspend()), times=1))[0] == "not_active"
