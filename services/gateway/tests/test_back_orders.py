"""Orders that wait for numbers: accepted within bounds, shown with what they wait for, and not counted as under way."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from gateway_service import dry_run_findings
from patchbay_contracts.availability import LineAvailability
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.v1.orders import OrderBackOrdered, OrderBegun, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.validity import Finding

from .conftest import Gateway
from .posted import line, ndjson, order
from .test_batches import send, show
from .test_reading import page, place, shown, told
from .test_starting import under_way

UNTIL = datetime.now(UTC) + timedelta(days=30)
BACK_ORDER: dict[str, Any] = {"failure": "back_order", "until": UNTIL.isoformat()}
WANTED = {"count": 3, "prefix": "0121"}
LACK = {"reason": "too_few", "detail": "/lines/0/numbers: 3 wanted, 0 free", "line": 0}


async def back_ordered(gateway: Gateway, id_: UUID, **fields: Any) -> None:
    given = {"until": UNTIL, "step": "numbers", "waiting": (0,), **LACK} | fields
    await told(gateway, OrderBackOrdered(order_id=id_, reseller="acme", **given))


async def test_an_order_that_waits_for_numbers_says_so_everywhere_and_is_under_way_once_it_has_them(
    gateway: Gateway,
) -> None:
    id_ = await place(gateway, lines=[line(numbers=WANTED), line()], **BACK_ORDER)
    await back_ordered(gateway, id_)
    found = await shown(gateway, id_)
    assert (found["state"], found["outcome"], found["ended_at"]) == ("back_ordered", None, None)
    assert found["back_order"] == {**LACK, "until": UNTIL.isoformat().replace("+00:00", "Z")}
    assert [(one["state"], one["reason"], one["remedy"]) for one in found["lines"]] == [
        ("back_ordered", "too_few", REASONS["too_few"].remedy),
        ("waiting", None, None),
    ]
    assert (await page(gateway, state="back_ordered"))[0] == [str(id_)]
    assert await under_way(gateway) == {}
    (event,) = (await gateway.client.get("/v1/events?types=order.back_ordered")).json()["events"]
    assert event["data"] == {"order_id": str(id_), "reference": None, "step": "numbers", **found["back_order"]}
    await told(gateway, OrderBegun(order_id=id_, reseller="acme"))
    found = await shown(gateway, id_)
    assert (found["state"], found["back_order"], found["outcome"]) == ("accepted", None, None)
    assert await under_way(gateway) == {"acme": 1}


async def test_what_did_not_come_in_time_has_failed_for_a_reason_that_is_published(gateway: Gateway) -> None:
    id_ = await place(gateway, lines=[line(numbers=WANTED)], **BACK_ORDER)
    await back_ordered(gateway, id_)
    failed = {"step": "numbers", "reason": "back_order_ended", "detail": "/lines/0/numbers: 3 wanted; waited"}
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", **failed))
    found = await shown(gateway, id_)
    assert (found["state"], found["outcome"]) == ("failed", failed)
    assert [(one["state"], one["remedy"]) for one in found["lines"]] == [
        ("refused", REASONS["back_order_ended"].remedy)
    ]


async def test_an_order_that_is_delayed_while_it_is_tried_again_waits_on(gateway: Gateway) -> None:
    id_ = await place(gateway, lines=[line(numbers=WANTED)], **BACK_ORDER)
    await back_ordered(gateway, id_)
    await back_ordered(gateway, id_, detail="/lines/0/numbers: 3 wanted, 2 free")
    assert (await shown(gateway, id_))["back_order"]["detail"] == "/lines/0/numbers: 3 wanted, 2 free"


async def test_a_day_is_waited_for_to_its_end_and_how_long_is_counted_from_the_start(gateway: Gateway) -> None:
    start = datetime.now(UTC) + timedelta(days=80)
    await place(gateway, failure="back_order", until=UNTIL.date().isoformat())
    await place(gateway, failure="back_order", start=start.isoformat(), until=(start + timedelta(days=80)).isoformat())
    first, second = (PlaceOrder.model_validate_json(one.body) for one in gateway.kafka.said)
    assert first.until == datetime.combine(UNTIL.date() + timedelta(days=1), time.min, UTC)
    assert second.until == start + timedelta(days=80)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"failure": "back_order"}, ""),
        ({"until": UNTIL.isoformat()}, ""),
        ({"lines": [line(back_order=True)]}, ""),
        ({**BACK_ORDER, "until": "2020-01-01"}, "/until"),
        ({**BACK_ORDER, "until": (datetime.now(UTC) + timedelta(days=91)).isoformat()}, "/until"),
        ({**BACK_ORDER, "until": "9999-12-31"}, "/until"),
        ({**BACK_ORDER, "start": (UNTIL + timedelta(days=1)).isoformat()}, "/until"),
        ({**BACK_ORDER, "until": "some day"}, "/until"),
        ({**BACK_ORDER, "failure": "wait"}, "/failure"),
    ],
)
async def test_waiting_that_cannot_be_meant_is_refused(gateway: Gateway, changes: dict[str, Any], pointer: str) -> None:
    answer = await gateway.client.post("/v1/orders", json=order(**changes))
    assert answer.status_code == 422
    assert all(error["pointer"].startswith(pointer) and error["remedy"] for error in answer.json()["errors"])
    assert await gateway.count() == 0


async def test_a_batch_counts_its_orders_that_wait_for_numbers(gateway: Gateway) -> None:
    batch = str(uuid4())
    answers = await send(gateway, batch, ndjson(order(lines=[line(numbers=WANTED)], **BACK_ORDER), order()))
    await back_ordered(gateway, id_ := UUID(answers[0]["id"]))
    counted = {state: n for state, n in (await show(gateway, batch))["states"].items() if n}
    assert counted == {"accepted": 1, "back_ordered": 1}
    await told(gateway, OrderBegun(order_id=id_, reseller="acme"))
    assert {state: n for state, n in (await show(gateway, batch))["states"].items() if n} == {"accepted": 2}


def test_a_dry_run_warns_that_an_order_would_be_back_ordered_where_it_would_otherwise_be_refused() -> None:
    lines = [line(numbers=WANTED), line(numbers=WANTED, back_order=False), line(numbers={"exact": ["+441214960001"]})]
    document = OrderDocument.model_validate_json(
        orjson.dumps(order(lines=lines, failure="back_order", until="2027-01-31"))
    )
    lacking = LineAvailability(total=0, missing=3)
    first, second = dry_run_findings.too_few(document, [lacking, lacking, LineAvailability(total=0, missing=0)])
    assert (first.code, first.severity) == ("numbers.back_ordered", "warning")
    assert first.message.endswith("the order would be back-ordered until 2027-01-31")
    assert (second.code, second.severity) == ("numbers.too_few", "error")
    lost = Finding(
        code="numbers.lost", severity="error", tab="numbers", pointer="/lines/2/numbers/0", message="gone", remedy="x"
    )
    found = dry_run_findings.in_order(document, lost)
    assert found is not None
    assert (found.code, found.severity, found.pointer) == (
        "numbers.back_ordered",
        "warning",
        "/lines/2/numbers/exact/0",
    )
