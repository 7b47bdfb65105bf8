"""Services are changed over the API, each change an order through all services: as wanted, or as it was before."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.documents import REFUSED_PREFIX, Document, line, new_number, order
from tests.suite import Suite, eventually

TODAY = "SELECT current_date::text AS today, (current_date + 30)::text AS later"


async def made(suite: Suite, *numbers: str) -> str:
    """A new voice line with these numbers; its id."""
    shown = await suite.ended(order(line(numbers={"exact": list(numbers)})))
    assert shown["state"] == "completed", shown["outcome"]
    (service,) = shown["outcome"]["services"]
    return str(service["id"])


async def service(suite: Suite, id_: str) -> Document:
    """The service as it is shown."""
    async with suite.client() as client:
        answer = await client.get(f"/v1/services/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def found(suite: Suite, id_: str, kind: str, **wanted: Any) -> list[str]:
    """The errors that are found in a change before it is placed."""
    document = {"version": (await service(suite, id_))["version"], "why": "asked", "wanted": {"kind": kind} | wanted}
    async with suite.client() as client:
        answer = await client.post(f"/v1/services/{id_}/changes/validity", json=document)
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["findings"] if one["severity"] == "error"]


async def place(suite: Suite, id_: str, kind: str, version: int | None = None, **wanted: Any) -> str:
    """Ask for a change of the service as it is; the id of its order."""
    seen = (await service(suite, id_))["version"] if version is None else version
    document = {"version": seen, "why": "asked", "wanted": {"kind": kind} | wanted, "notify": ["customer"]}
    async with suite.client() as client:
        answer = await client.post(f"/v1/services/{id_}/changes", json=document)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def changed(suite: Suite, id_: str, kind: str, **wanted: Any) -> Document:
    """The change once it has ended."""
    return await suite.shows(await place(suite, id_, kind, **wanted), "completed", "failed")


async def number_state(suite: Suite, number: str) -> str:
    rows = await suite.rows("numbers", "SELECT state FROM number WHERE e164 = $1", int(number))
    return str(rows[0]["state"]) if rows else "free"


async def test_a_service_is_changed_in_every_way_and_ends(suite: Suite) -> None:
    first, second = new_number(), new_number()
    id_ = await made(suite, first)
    dates = (await suite.rows("billing", TODAY))[0]
    for kind, wanted in (
        ("settings", {"settings": {"voicemail": True}}),
        ("suspend", {}),
        ("resume", {}),
        ("add_numbers", {"numbers": {"exact": [second]}}),
        ("price_list", {"price_list": "wholesale-gbp", "from_date": dates["later"]}),
        ("remove_numbers", {"numbers": [first]}),
    ):
        assert await found(suite, id_, kind, **wanted) == []
        shown = await changed(suite, id_, kind, **wanted)
        assert (shown["kind"], shown["state"]) == ("change", "completed"), (kind, shown["outcome"])
        assert shown["timeline"][-1]["message"] == "orders.OrderCompleted.v1"
    await suite.balanced()
    now = await service(suite, id_)
    assert (now["version"], now["state"], now["numbers"]) == (7, "active", [second])
    assert (now["settings"], now["price_list"]) == ({"voicemail": True}, "standard-gbp")
    assert now["price_list_to_come"]["price_list"] == "wholesale-gbp"
    assert [await number_state(suite, n) for n in (first, second)] == ["quarantined", "assigned"]
    assert (await changed(suite, id_, "end"))["state"] == "completed"
    await suite.balanced()
    assert (await service(suite, id_))["state"] == "ended"
    assert await number_state(suite, second) == "quarantined"
    async with suite.client() as client:
        history = (await client.get(f"/v1/services/{id_}/changes")).json()["changes"]
    assert [one["outcome"] for one in history] == ["done"] * 7
    assert history[0]["kind"] == "end"
    orders = [UUID(one["order_id"]) for one in history]

    async def told() -> list[Any] | None:
        mails = await suite.rows("notifier", "SELECT purpose, state FROM mail WHERE order_id = ANY($1::uuid[])", orders)
        return mails if len(mails) == 7 and {mail["state"] for mail in mails} == {"sent"} else None

    mails = await eventually(told)
    assert mails is not None
    assert {mail["purpose"] for mail in mails} == {"service_changed"}


@pytest.mark.parametrize(
    ("kind", "wanted", "step", "reason"),
    [
        ("settings", {"settings": {"voicemail": "perhaps"}}, "service", "bad_settings"),
        ("price_list", {"price_list": "nobody-has-it", "from_date": "2099-01-01"}, "billing", "unknown_price_list"),
        ("add_numbers", {"numbers": {"exact": ["+441999999999"]}}, "numbers", "unknown_number"),
        ("add_numbers", {"numbers": {"count": 1, "prefix": REFUSED_PREFIX}}, "network", "network_refused"),
    ],
)
async def test_a_change_that_somebody_refuses_leaves_all_as_it_was(
    suite: Suite, kind: str, wanted: Document, step: str, reason: str
) -> None:
    id_ = await made(suite, new_number())
    before = await service(suite, id_)
    assert await found(suite, id_, kind, **wanted) == ([] if step == "network" else [f"{step}.{reason}"])
    shown = await changed(suite, id_, kind, **wanted)
    assert (shown["state"], shown["outcome"]["step"], shown["outcome"]["reason"]) == ("failed", step, reason)
    assert await service(suite, id_) == before
    await suite.balanced()


async def test_of_two_changes_at_once_one_wins_and_the_other_is_refused(suite: Suite) -> None:
    id_ = await made(suite, new_number())
    kinds = ("suspend", "end")
    ids = await asyncio.gather(*(place(suite, id_, kind, version=1) for kind in kinds))
    ends = [await suite.shows(one, "completed", "failed") for one in ids]
    assert sorted(shown["state"] for shown in ends) == ["completed", "failed"]
    (loser,) = (shown for shown in ends if shown["state"] == "failed")
    assert loser["outcome"]["reason"] in ("being_changed", "changed_meanwhile", "not_active")
    assert (await service(suite, id_))["version"] == 2
    await suite.balanced()


async def test_nobody_changes_or_sees_anothers_service(suite: Suite) -> None:
    id_ = await made(suite, new_number())
    async with suite.client(suite.stack.api_key_2) as client:
        assert (await client.get(f"/v1/services/{id_}")).status_code == 404
        document = {"version": 1, "why": "asked", "wanted": {"kind": "end"}}
        placed = (await client.post(f"/v1/services/{id_}/changes", json=document)).json()["id"]

        async def failed() -> Document | None:
            shown = dict((await client.get(f"/v1/orders/{placed}")).json())
            return shown if shown["state"] == "failed" else None

        shown = await eventually(failed)
    assert shown is not None
    assert shown["outcome"]["reason"] == "unknown_service"
    assert (await service(suite, id_))["version"] == 1
    await suite.balanced()


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_errand"])
async def test_provisioning_that_dies_amid_changes_loses_and_doubles_nothing(suite: Suite, point: str) -> None:
    ids = [await made(suite, new_number()) for _ in range(4)]
    await suite.restart("provisioning", PATCHBAY_CRASH_AT=f"{point}:1")
    document = {"version": 1, "why": "asked", "wanted": {"kind": "end"}}
    async with suite.client() as client:
        placed = [(await client.post(f"/v1/services/{id_}/changes", json=document)).json()["id"] for id_ in ids]
    await suite.died("provisioning")
    await suite.restart("provisioning")
    assert [(await suite.shows(one, "completed", "failed"))["state"] for one in placed] == ["completed"] * 4
    await suite.balanced()


async def test_a_change_whose_billing_stays_silent_is_taken_back(suite: Suite) -> None:
    id_ = await made(suite, new_number())
    before = await service(suite, id_)
    await suite.restart("provisioning", PATCHBAY_PATIENCE="0.05")
    suite.stack.kill("billing")
    placed = await place(suite, id_, "end")
    await suite.shows(placed, "stuck")
    suite.start("billing")
    shown = await suite.shows(placed, "completed", "failed")
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "timed_out")
    assert await service(suite, id_) == before
    await suite.balanced()
