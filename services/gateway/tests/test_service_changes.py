"""Changes of services by hand: asked for with a reason, checked before, placed once, and never over others' changes."""

import re
from typing import Any
from uuid import uuid4

import pytest

from patchbay_chassis.testing import message_of
from patchbay_contracts.change_checks import HoldFindings
from patchbay_contracts.v1.changes import AmendBilling, ChargedService, PlaceChange
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed
from patchbay_contracts.validity import Findings
from patchbay_contracts.words import HeldNumber

from .conftest import Gateway
from .operators import Visitor
from .registry import ADA, SERVICE
from .serving import THEIRS, Serving, a_change, a_finding, a_service
from .test_reading import told

PAGE = f"/services/{SERVICE}"
KINDS = ("suspend", "end", "price-list")


@pytest.fixture(autouse=True)
def registry(serving: Serving) -> Serving:
    """The owners of whom everybody here asks."""
    return serving


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


async def form(visitor: Visitor, kind: str, **given: Any) -> dict[str, Any]:
    """The form as it comes, and what is typed into it."""
    page = (await visitor.get(f"{PAGE}/{kind}")).text
    return {name: hidden(page, name) for name in ("csrf", "version", "key")} | {"why": "asked", "act": "place"} | given


async def send(visitor: Visitor, kind: str, **given: Any) -> Any:
    return await visitor.client.post(f"{PAGE}/{kind}", data=await form(visitor, kind, **given))


def placed(gateway: Gateway) -> PlaceChange:
    (envelope,) = gateway.kafka.said
    message = message_of(envelope)
    assert isinstance(message, PlaceChange)
    return message


async def test_a_service_is_suspended_by_an_order_of_its_own(gateway: Gateway, anna: Visitor) -> None:
    answer = await send(anna, "suspend", why="not paid", reference="T-7")
    change = placed(gateway)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?change={change.order_id}")
    assert (change.reseller, change.service_id, change.version, change.wanted.kind) == ("acme", SERVICE, 3, "suspend")
    assert (change.by, change.why, change.reference) == ("operator:anna@acme.example", "not paid", "T-7")


async def test_those_who_are_ticked_are_to_be_told(gateway: Gateway, anna: Visitor) -> None:
    nobody = await send(anna, "suspend", notify=["everybody"])
    assert (nobody.status_code, 'id="notify-error"' in nobody.text, await gateway.count()) == (422, True, 0)
    again = await send(anna, "suspend", act="check", notify=["customer", "contact"])
    assert again.text.count('name="notify"') == 4
    assert again.text.count(" checked") == 2
    assert (await send(anna, "suspend", notify=["customer", "contact"])).status_code == 303
    assert placed(gateway).notify == ("customer", "contact")


async def test_the_page_says_what_became_of_the_change(gateway: Gateway, anna: Visitor) -> None:
    address = (await send(anna, "suspend")).headers["location"]
    page = (await anna.get(address)).text
    assert "The change is under way" in page
    assert 'hx-sse:connect="' in page
    await told(gateway, OrderCompleted(order_id=placed(gateway).order_id, reseller="acme", customer_id=ADA))
    page = (await anna.get(address)).text
    assert "The change is done" in page
    assert "hx-sse:connect" not in page


async def test_a_change_that_failed_says_that_all_is_as_it_was(gateway: Gateway, anna: Visitor) -> None:
    address = (await send(anna, "suspend")).headers["location"]
    failed = OrderFailed(
        order_id=placed(gateway).order_id, reseller="acme", step="service", reason="x", detail="the network refuses"
    )
    await told(gateway, failed)
    page = (await anna.get(address)).text
    assert "everything is as it was" in page
    assert "the network refuses" in page


async def test_a_form_that_is_sent_twice_is_one_order(gateway: Gateway, anna: Visitor) -> None:
    fields = await form(anna, "suspend")
    first, again = [await anna.client.post(f"{PAGE}/suspend", data=fields) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    await anna.client.post(f"{PAGE}/suspend", data=fields | {"why": "another reason"})
    assert await gateway.count() == 2


async def test_what_provisioning_finds_stops_the_change_at_its_field(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    serving.find("/wanted/from_date", "2020-01-01 is over")
    answer = await send(anna, "price-list", price_list="wholesale-gbp", from_date="2020-01-01", reference="T-9")
    assert answer.status_code == 422
    assert 'id="from_date-error"' in answer.text
    assert "2020-01-01 is over. Do otherwise." in answer.text
    assert 'value="T-9"' in answer.text
    assert await gateway.count() == 0
    asked = serving.asked["/services/validity"][-1]
    assert (asked["reseller"], asked["service_id"], asked["change"]["version"]) == ("acme", str(SERVICE), 3)


async def test_a_stale_form_is_told_and_keeps_what_was_typed(gateway: Gateway, anna: Visitor, serving: Serving) -> None:
    fields = await form(anna, "price-list", price_list="wholesale-gbp", from_date="2027-05-01", why="as agreed")
    serving.services[SERVICE] = a_service(version=4)
    serving.find("/version", code="changed_meanwhile")
    answer = await anna.client.post(f"{PAGE}/price-list", data=fields)
    assert answer.status_code == 409
    assert "Somebody else changed the service meanwhile" in answer.text
    assert all(f'value="{text}"' in answer.text for text in ("as agreed", "2027-05-01"))
    assert '<option value="wholesale-gbp" selected>' in answer.text
    assert hidden(answer.text, "version") == "4"
    assert await gateway.count() == 0


async def test_checking_alone_orders_nothing(gateway: Gateway, anna: Visitor) -> None:
    answer = await send(anna, "suspend", act="check")
    assert answer.status_code == 200
    assert "Nothing speaks against it" in answer.text
    assert await gateway.count() == 0


async def test_warnings_are_put_aside_one_by_one_with_a_reason_that_is_kept(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    serving.find("", "It is a holiday", severity="warning", code="holiday")
    serving.find("/wanted", "It is late", severity="warning", code="late")
    first = await send(anna, "suspend")
    assert (first.status_code, await gateway.count()) == (422, 0)
    assert "It is a holiday" in first.text
    assert 'id="waiver-0-error"' in first.text
    named = {f"warning-{n}": hidden(first.text, f"warning-{n}") for n in range(2)}
    one = await send(anna, "suspend", **named, **{"waiver-0": "urgent"})
    assert (one.status_code, await gateway.count()) == (422, 0)
    assert 'value="urgent"' in one.text
    assert ('id="waiver-0-error"' in one.text, 'id="waiver-1-error"' in one.text) == (False, True)
    both = await send(anna, "suspend", **named, **{"waiver-0": "urgent", "waiver-1": "<b>no</b>"})
    assert (both.status_code, await gateway.count()) == (303, 1)
    kept = [(one.code, one.pointer, one.reason) for one in placed(gateway).waived]
    assert kept == [("service.holiday", "", "urgent"), ("service.late", "/wanted", "<b>no</b>")]
    serving.changes.append(a_change(waived=placed(gateway).waived))
    assert "&lt;b&gt;no&lt;/b&gt;" in (await anna.get(PAGE)).text


async def test_what_numbers_and_billing_find_stops_the_change_at_its_field(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    command = HoldNumbers(order_id=uuid4(), reseller="acme")
    service = ChargedService(id=SERVICE, order_id=uuid4(), line=0, service_type="voice-line")
    amends = AmendBilling(order_id=uuid4(), reseller="acme", customer_id=ADA, service=service)
    serving.holds_asked, serving.amends_asked = command, amends
    taken, no_price = (
        a_finding("numbers.taken", "/wanted/numbers/exact/0"),
        a_finding("billing.no_price", "/wanted/numbers"),
    )
    gold = HeldNumber(e164=441214960000, grade="gold", rule="all four the same")
    serving.of_hold = HoldFindings(findings=(taken,), numbers=(gold,))
    serving.of_amendment = Findings(findings=(no_price,))
    answer = await send(anna, "add-numbers", exact="+441214960000")
    assert answer.status_code == 422
    assert "Numbers.taken it is. Do otherwise. Billing.no_price it is. Do otherwise." in answer.text
    held, amended = serving.asked["/changes/validity"]
    assert held["order_id"] == str(command.order_id)
    assert amended == amends.model_copy(update={"adds": (gold,)}).model_dump(mode="json")
    assert await gateway.count() == 0
    serving.of_hold, serving.of_amendment = HoldFindings(), Findings()
    serving.refusals["/changes/validity"] = (503, {})
    assert "could not be asked" in (await send(anna, "add-numbers", exact="+441214960000")).text
    del serving.refusals["/changes/validity"]
    assert (await send(anna, "add-numbers", exact="+441214960000")).status_code == 303


@pytest.mark.parametrize("kind", KINDS)
async def test_a_change_needs_a_reason(gateway: Gateway, anna: Visitor, kind: str) -> None:
    answer = await send(anna, kind, why=" ", price_list="wholesale-gbp", from_date="2027-01-01", sure="yes")
    assert answer.status_code == 422
    assert 'id="why-error"' in answer.text
    assert await gateway.count() == 0


async def test_a_service_ends_only_when_that_is_confirmed(gateway: Gateway, anna: Visitor) -> None:
    refused = await send(anna, "end")
    assert (refused.status_code, await gateway.count()) == (422, 0)
    assert 'id="sure-error"' in refused.text
    assert (await send(anna, "end", sure="yes")).status_code == 303
    assert placed(gateway).wanted.kind == "end"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"price_list": "", "from_date": "2027-01-01"}, "price_list", "Choose a price list"),
        ({"price_list": "wholesale-gbp", "from_date": "soon"}, "from_date", "enter one such as 2026-06-01"),
        ({"price_list": "wholesale-gbp", "from_date": "2027-01-01", "reference": "x" * 201}, "reference", "shorten it"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field(
    gateway: Gateway, anna: Visitor, given: dict[str, str], field: str, said: str
) -> None:
    answer = await send(anna, "price-list", **given)
    assert answer.status_code == 422
    assert said in answer.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert await gateway.count() == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_service_of_somebody_else_cannot_be_changed(gateway: Gateway, anna: Visitor, kind: str) -> None:
    fields = await form(anna, kind, sure="yes", price_list="wholesale-gbp", from_date="2027-01-01")
    path = f"/services/{THEIRS}/{kind}"
    assert (await anna.get(path)).status_code == 404
    assert (await anna.client.post(path, data=fields)).status_code == 404
    assert await gateway.count() == 0


async def test_what_has_ended_is_changed_no_more(anna: Visitor, serving: Serving) -> None:
    serving.services[SERVICE] = a_service(state="ended")
    assert f"{PAGE}/suspend" not in (await anna.get(PAGE)).text
    assert (await anna.get(f"{PAGE}/suspend")).status_code == 409
