"""What became of each line of an order, as the API shows it; and the catalogue of reason codes."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service.line_states import MEANINGS
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.v1.orders import CreatedService, LineOutcome, OrderCompleted, OrderFailed

from .conftest import Gateway
from .posted import line
from .test_reading import place, shown, told


async def lines(gateway: Gateway, id_: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shown(gateway, id_))["lines"]
    assert [one["line"] for one in found] == list(range(len(found)))
    assert {one["state"] for one in found} <= MEANINGS.keys()
    return found


async def test_lines_are_under_way_until_their_order_ends(gateway: Gateway) -> None:
    found = await lines(gateway, await place(gateway, lines=[line(), line()]))
    assert [(one["state"], one["reason"], one["done"]) for one in found] == [("under_way", None, None)] * 2


async def test_a_line_that_got_other_or_fewer_numbers_says_which_and_why(gateway: Gateway) -> None:
    id_ = await place(gateway, lines=[line(), line(), line()])
    numbers = ((0, 1), (1, 2), (1, 3), (2, 4))
    made = [
        CreatedService(id=uuid4(), line=at, service_type="voice-line", numbers=(441214960000 + n,)) for at, n in numbers
    ]
    others = (
        LineOutcome(line=1, state="substituted", reason="too_few", detail="2 of 2 are substitutes"),
        LineOutcome(line=2, state="reduced", reason="too_few", detail="1 of 25 were available"),
    )
    event = OrderCompleted(order_id=id_, reseller="acme", customer_id=uuid4(), services=tuple(made), lines=others)
    await told(gateway, event)
    found = await lines(gateway, id_)
    assert [(one["state"], one["reason"], one["detail"], one["given"]) for one in found] == [
        ("created", None, None, None),
        ("substituted", "too_few", "2 of 2 are substitutes", {"numbers": ["+441214960002", "+441214960003"]}),
        ("reduced", "too_few", "1 of 25 were available", {"numbers": ["+441214960004"]}),
    ]
    assert [one["services"] for one in found] == [
        [str(made[0].id)],
        [str(made[1].id), str(made[2].id)],
        [str(made[3].id)],
    ]


async def test_an_order_that_went_on_without_a_line_is_partly_complete_and_says_which(gateway: Gateway) -> None:
    whole, partly = await place(gateway), await place(gateway, lines=[line(), line()], failure="keep_what_worked")
    assert (await shown(gateway, partly))["order"]["failure"] == "keep_what_worked"
    made = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=(441214960001,))
    others = (
        LineOutcome(
            line=0, state="substituted", reason="taken", detail="another", instead_of={441214960000: 441214960001}
        ),
        LineOutcome(line=1, state="refused", reason="no_price", detail="/lines/1/price_list: none"),
    )
    ended = {"reseller": "acme", "customer_id": uuid4(), "services": (made,)}
    await told(gateway, OrderCompleted(order_id=partly, lines=others, **ended))
    await told(gateway, OrderCompleted(order_id=whole, **ended))
    first, second = await lines(gateway, partly)
    assert first["given"] == {"numbers": ["+441214960001"], "instead_of": {"+441214960000": "+441214960001"}}
    assert (second["state"], second["reason"], second["remedy"]) == ("refused", "no_price", REASONS["no_price"].remedy)
    assert second["done"] == "It was left out, and nothing of it is held or charged."
    page = (await gateway.client.get("/v1/orders")).json()["orders"]
    assert [(one["id"], one["state"], one["partly"]) for one in page] == [
        (str(partly), "completed", True),
        (str(whole), "completed", False),
    ]


async def test_of_an_order_that_failed_at_last_every_line_that_was_refused_says_why(gateway: Gateway) -> None:
    id_ = await place(gateway, lines=[line(), line(), line()], failure="keep_what_worked")
    before = LineOutcome(line=2, state="refused", reason="taken", detail="/lines/2/numbers: gone")
    detail = "/lines/0/price_list: none"
    event = OrderFailed(
        order_id=id_, reseller="acme", step="billing", reason="no_price", detail=detail, lines=(before,)
    )
    await told(gateway, event)
    assert [(one["state"], one["reason"]) for one in await lines(gateway, id_)] == [
        ("refused", "no_price"),
        ("undone", "no_price"),
        ("refused", "taken"),
    ]


async def test_of_a_failed_order_the_line_at_fault_is_refused_and_the_others_undone(gateway: Gateway) -> None:
    id_ = await place(gateway, lines=[line() for _ in range(12)])
    detail = "/lines/11/numbers: +441214960000 taken meanwhile: choose others"
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="numbers", reason="taken", detail=detail))
    found = await lines(gateway, id_)
    assert [one["state"] for one in found] == ["undone"] * 11 + ["refused"]
    assert [(one["reason"], one["detail"], one["remedy"], one["done"]) for one in found[-2:]] == [
        ("taken", None, REASONS["taken"].remedy, "The whole order was undone."),
        ("taken", detail, REASONS["taken"].remedy, "The whole order was undone."),
    ]


@pytest.mark.parametrize("detail", ["no answer within 30 s", "/linesmen/0/numbers", "", "/lines/7/numbers: so"])
async def test_where_no_line_was_at_fault_all_are_undone(gateway: Gateway, detail: str) -> None:
    id_ = await place(gateway)
    event = OrderFailed(order_id=id_, reseller="acme", step="customer", reason="timed_out", detail=detail)
    await told(gateway, event)
    assert [one["state"] for one in await lines(gateway, id_)] == ["undone"]


async def test_the_catalogue_of_reasons_says_what_each_means_and_what_to_do(gateway: Gateway) -> None:
    answer = await gateway.client.get("/v1/reasons")
    assert {one["code"]: (one["meaning"], one["remedy"]) for one in answer.json()["reasons"]} == REASONS
    assert (await gateway.client.get("/v1/reasons", headers={"X-API-Key": "nobody's"})).status_code == 401
