"""What an operator does to a customer: each change once, told when it is stale, nothing typed lost, no PIN shown."""

from typing import Any
from uuid import uuid4

import pytest

from gateway_service import accepting

from .conftest import Gateway
from .operators import ANNA, Visitor
from .registry import ADA, HTML, Registry

BY = f"operator:{ANNA}"
PAGE = f"/customers/{ADA}"
FIELDS = {
    "version": "3",
    "name": "Ada King",
    "email": "ada@example.com",
    "phone": "",
    "reference": "A-1",
    "lines-0": "1 St James's Square",
    "lines-2": "Back door",
    "city": "London",
    "postcode": "",
    "country": "gb",
    "contacts": "3",
    "contacts-0-kind": "supplier",
    "contacts-0-name": "Babbage & Co",
    "contacts-0-email": "desk@babbage.example",
    "contacts-0-remove": "yes",
    "contacts-2-kind": "contact",
    "contacts-2-name": "Byron",
    "contacts-2-email": "byron@example.com",
    "why": "Married",
}


pytestmark = pytest.mark.usefixtures("registry")


async def test_details_contacts_and_organisations_are_changed_at_once(anna: Visitor, registry: Registry) -> None:
    answer = await anna.post(f"{PAGE}/edit", FIELDS)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    asked = registry.asked["/customers/change"][0]
    assert (asked["version"], asked["by"], asked["why"], asked["resellers"]) == (3, BY, "Married", ["acme"])
    assert asked["details"] == {
        "name": "Ada King",
        "email": "ada@example.com",
        "address": {
            "lines": ["1 St James's Square", "Back door"],
            "city": "London",
            "postcode": None,
            "country": "GB",
        },
        "phone": None,
        "reference": "A-1",
        "contacts": [{"kind": "contact", "name": "Byron", "email": "byron@example.com"}],
    }
    page = (await anna.get(PAGE)).text
    assert "The details are changed." in page
    assert "The details are changed." not in (await anna.get(PAGE)).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "Ada\r\nBcc: x@example.com"),
        ("email", ""),
        ("email", "ada"),
        ("email", "a@b.example\r\nBcc: x@example.com"),
        ("email", "x" * 250 + "@example.com"),
        ("phone", "call me"),
        ("phone", "1" * 40),
        ("reference", "x" * 201),
        ("lines-2", "x" * 201),
        ("city", "x\ty"),
        ("postcode", "x" * 201),
        ("country", "England"),
        ("contacts-2-name", ""),
        ("contacts-2-email", "byron"),
        ("contacts-2-name", "=HYPERLINK(1)\nx"),
        ("why", "x" * 201),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    anna: Visitor, registry: Registry, field: str, value: str
) -> None:
    page = await anna.post(f"{PAGE}/edit", FIELDS | {field: value})
    shown = {"contacts-2-name": "contacts-0-name", "contacts-2-email": "contacts-2-email"}
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert f'id="{field}-error"' in page.text or f'id="{shown.get(field)}-error"' in page.text
    for other in ("name", "email", "contacts-2-email", "why"):
        assert other == field or f'value="{FIELDS[other]}"' in page.text
    assert "/customers/change" not in registry.asked


@pytest.mark.parametrize("field", ["name", "reference", "lines-0", "city", "contacts-2-name", "why"])
async def test_what_is_hostile_is_a_text_like_others(anna: Visitor, registry: Registry, field: str) -> None:
    answer = await anna.post(f"{PAGE}/edit", FIELDS | {field: f"=1+1'; DROP TABLE customer; --{HTML}"})
    assert answer.status_code == 303
    assert HTML in str(registry.asked["/customers/change"][0])
    for page in (PAGE, f"{PAGE}/edit"):
        assert HTML not in (await anna.get(page)).text


async def test_what_the_owner_refuses_is_said_at_its_field(anna: Visitor, registry: Registry) -> None:
    fault = {"pointer": "/details/reference", "message": "A-1 is taken", "remedy": "choose another"}
    registry.refusals["/customers/change"] = (422, {"errors": [fault]})
    page = await anna.post(f"{PAGE}/edit", FIELDS)
    assert page.status_code == 422
    assert 'href="#reference">Reference: A-1 is taken: choose another</a>' in page.text


async def test_who_is_late_is_told_what_changed_and_may_do_it_all_the_same(anna: Visitor, registry: Registry) -> None:
    current = registry.customers[ADA].model_copy(update={"version": 4})
    registry.refusals["/customers/change"] = (409, {"current": current.model_dump(mode="json")})
    page = await anna.post(f"{PAGE}/edit", FIELDS)
    assert page.status_code == 409
    assert "Somebody else changed this customer meanwhile" in page.text
    assert "E-mail address: ada@example.org → &lt;script&gt;" in page.text
    assert "operator:ben@acme.example" in page.text
    assert "order:1" not in page.text  # that was before
    assert 'value="Ada King"' in page.text
    assert 'name="version" value="4"' in page.text
    del registry.refusals["/customers/change"]
    assert (await anna.post(f"{PAGE}/edit", FIELDS | {"version": "4"})).status_code == 303


async def test_a_customer_is_blocked_for_a_reason_and_unblocked(anna: Visitor, registry: Registry) -> None:
    answer = await anna.post(f"{PAGE}/state", {"act": "block", "version": "3", "why": "unpaid"}, on=PAGE)
    assert answer.status_code == 303
    asked = registry.asked["/customers/change"][0]
    assert (asked["state"], asked["why"], asked["version"], asked["details"]) == ("blocked", "unpaid", 3, None)
    page = (await anna.get(PAGE)).text
    assert "The customer is blocked" in page
    assert "Add services for this customer" not in page
    await anna.post(f"{PAGE}/state", {"act": "unblock", "version": "4", "why": "paid"}, on=PAGE)
    assert "can order again" in (await anna.get(PAGE)).text


@pytest.mark.parametrize("why", ["", "x" * 201, "un\r\npaid"])
async def test_a_customer_is_not_blocked_without_a_reason(anna: Visitor, registry: Registry, why: str) -> None:
    page = await anna.post(f"{PAGE}/state", {"act": "block", "version": "3", "why": why}, on=PAGE)
    assert page.status_code == 422
    assert 'id="why-error"' in page.text
    assert "/customers/change" not in registry.asked


async def test_who_blocks_what_changed_meanwhile_is_told(anna: Visitor, registry: Registry) -> None:
    current = registry.customers[ADA].model_copy(update={"version": 4})
    registry.refusals["/customers/change"] = (409, {"current": current.model_dump(mode="json")})
    page = await anna.post(f"{PAGE}/state", {"act": "block", "version": "3", "why": "unpaid"}, on=PAGE)
    assert page.status_code == 409
    assert 'value="unpaid"' in page.text
    assert 'name="version" value="4"' in page.text


PIN = "s3cret-PIN"


async def test_a_new_pin_leaves_sealed_for_that_customer_and_is_never_shown(
    anna: Visitor, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await anna.post(f"{PAGE}/pin", {"pin": PIN, "again": PIN, "why": "forgot it"})
    assert answer.status_code == 303
    asked = registry.asked["/customers/pin"][0]
    assert accepting.unsealed(asked["sealed_pin"], ADA) == PIN
    assert (asked["id"], asked["by"], asked["why"]) == (str(ADA), BY, "forgot it")
    page = await anna.get(f"{PAGE}/pin")
    assert "The new PIN is in force." in page.text
    shown = str((page.text, answer.headers, asked, capsys.readouterr()))
    assert PIN not in shown


async def test_a_pin_that_is_easily_guessed_is_in_force_with_a_warning(anna: Visitor, registry: Registry) -> None:
    registry.weak = True
    await anna.post(f"{PAGE}/pin", {"pin": "1234", "again": "1234"})
    assert "easily guessed" in (await anna.get(f"{PAGE}/pin")).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"pin": "", "again": ""}, "pin"),
        ({"pin": "123", "again": "123"}, "pin"),
        ({"pin": PIN * 2, "again": PIN * 2}, "pin"),
        ({"pin": PIN, "again": "other"}, "again"),
        ({"pin": PIN, "again": PIN, "why": "a\r\nb"}, "why"),
    ],
)
async def test_a_pin_that_will_not_do_is_not_sent(
    anna: Visitor, registry: Registry, fields: dict[str, Any], field: str
) -> None:
    page = await anna.post(f"{PAGE}/pin", fields)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert PIN not in page.text
    assert "/customers/pin" not in registry.asked


async def test_a_pin_that_the_owner_refuses_is_named(anna: Visitor, registry: Registry) -> None:
    fault = {"pointer": "/sealed_pin", "message": "it will not do", "remedy": "take another"}
    registry.refusals["/customers/pin"] = (422, {"errors": [fault]})
    page = await anna.post(f"{PAGE}/pin", {"pin": PIN, "again": PIN})
    assert page.status_code == 422
    assert "it will not do: take another" in page.text


@pytest.mark.parametrize(
    ("verified", "said"),
    [
        ({"right": True, "tries_left": 5}, "The PIN is right."),
        ({"right": False, "tries_left": 2}, "The PIN is wrong. Tries left: 2"),
        ({"right": False, "tries_left": 0, "locked_until": "2026-06-01T12:00:00Z"}, "No PIN can be tried"),
    ],
)
async def test_what_a_caller_says_is_verified_and_told_once(
    anna: Visitor, registry: Registry, verified: dict[str, Any], said: str
) -> None:
    registry.verified = verified
    answer = await anna.post(f"{PAGE}/pin/verify", {"said": PIN}, on=f"{PAGE}/pin")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/pin")
    assert accepting.unsealed(registry.asked["/customers/pin/verify"][0]["sealed_pin"], ADA) == PIN
    assert said in (await anna.get(f"{PAGE}/pin")).text
    assert said not in (await anna.get(f"{PAGE}/pin")).text


async def test_no_link_can_say_that_a_pin_is_right(anna: Visitor) -> None:
    page = await anna.get(f"{PAGE}/pin?told=right&done=right")
    assert (page.status_code, "The PIN is right." in page.text) == (200, False)


@pytest.mark.parametrize("said", ["", "123", "x" * 13])
async def test_what_is_no_pin_is_no_try(anna: Visitor, registry: Registry, said: str) -> None:
    page = await anna.post(f"{PAGE}/pin/verify", {"said": said}, on=f"{PAGE}/pin")
    assert page.status_code == 422
    assert "/customers/pin/verify" not in registry.asked


async def test_services_for_a_customer_are_begun_with_it_once(gateway: Gateway, anna: Visitor) -> None:
    draft = str(uuid4())
    answers = [await anna.post(f"{PAGE}/add-services", {"draft": draft}, on=PAGE) for _ in range(2)]
    ((id_, reseller, by, version),) = await gateway.rows("SELECT id, reseller, by, version FROM draft")
    assert {answer.headers["location"] for answer in answers} == {f"/wizard/{id_}/service"}
    assert (reseller, by, version) == ("acme", BY, 2)
    ((document,),) = await gateway.rows("SELECT document::json #>> '{customer,id}' FROM draft")
    assert document == str(ADA)
    await gateway.do("DELETE FROM draft")
