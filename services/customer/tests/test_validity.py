"""The customer's part of the validity report: what orders are refused for is an error, what is odd a warning."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from customer_service.validity import wrong_details
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.order import NewCustomer
from patchbay_contracts.validity import CheckedCustomer, Finding

from .serving import Served, sealed

DRAFT = UUID(int=7)
MAIL = "a@b.c"
SOUND = {"name": "Grace Hopper", "email": "grace@example.com", "sealed_pin": sealed(DRAFT, "8305")}


async def findings(served: Served, reseller: str = "acme", /, **customer: Any) -> list[dict[str, Any]]:
    query = {"reseller": reseller, "held_by": str(DRAFT), "customer": SOUND | customer}
    answer = await served.client.post("/validity", json=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["findings"]
    assert unknown(map(Finding.model_validate, found)) == []
    return found


async def codes(served: Served, reseller: str = "acme", /, **customer: Any) -> list[tuple[str, str, str]]:
    found = await findings(served, reseller, **customer)
    return [(one["code"].removeprefix("customer."), one["severity"], one["pointer"]) for one in found]


async def test_a_sound_customer_has_no_findings(served: Served) -> None:
    contacts = [{"name": "Al", "email": "al@example.com"}]
    address = {"address_lines": ["1 Road", ""], "city": "Leeds", "postcode": "LS1 4AP", "country": "GB"}
    assert await codes(served, phone="0121 496 0000", reference="C-1", contacts=contacts, **address) == []


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        ({"name": " "}, "name_required", "/customer/name"),
        ({"name": "a\nb"}, "name_wrong", "/customer/name"),
        ({"name": "a" * 201}, "name_wrong", "/customer/name"),
        ({"email": ""}, "email_required", "/customer/email"),
        ({"email": "grace"}, "email_wrong", "/customer/email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email_wrong", "/customer/email"),
        ({"phone": "call me"}, "phone_wrong", "/customer/phone"),
        ({"reference": "\0"}, "reference_wrong", "/customer/reference"),
        ({"address_lines": ["1 Road", "\t\0"]}, "address_lines_wrong", "/customer/address_lines/1"),
        ({"address_lines": ["a"] * 7}, "address_lines_wrong", "/customer/address_lines"),
        ({"city": "\0"}, "city_wrong", "/customer/city"),
        ({"postcode": "a" * 300}, "postcode_wrong", "/customer/postcode"),
        ({"country": "England"}, "country_wrong", "/customer/country"),
        ({"contacts": [{"name": "Al"}]}, "email_required", "/customer/contacts/0/email"),
        ({"contacts": [{"name": "Al", "email": "x"}]}, "contact_email_wrong", "/customer/contacts/0/email"),
        ({"contacts": [{"kind": "b", "name": "A", "email": MAIL}]}, "contact_kind_wrong", "/customer/contacts/0/kind"),
        ({"contacts": [{"name": "A", "email": MAIL}] * 21}, "contacts_wrong", "/customer/contacts"),
        ({"sealed_pin": None}, "pin_required", "/customer/pin"),
        ({"sealed_pin": "x"}, "pin_unreadable", "/customer/pin"),
        ({"sealed_pin": sealed(uuid4())}, "pin_unreadable", "/customer/pin"),
        ({"sealed_pin": sealed(DRAFT, "123")}, "pin_length", "/customer/pin"),
        ({"sealed_pin": sealed(DRAFT, "1" * 13)}, "pin_length", "/customer/pin"),
    ],
)  # fmt: skip
async def test_what_an_order_would_be_refused_for_is_an_error_at_its_field(
    served: Served, given: dict[str, Any], code: str, pointer: str
) -> None:
    found = await findings(served, **given)
    assert [(f["code"], f["severity"], f["pointer"]) for f in found] == [(f"customer.{code}", "error", pointer)]
    assert found[0]["remedy"]


@pytest.mark.parametrize("pin", ["1111", "2345", "9876", "1212", "abcd", "4960", "LS14AP", "hopper", "471471", "1984"])
async def test_a_pin_that_is_easily_guessed_is_a_warning(served: Served, pin: str) -> None:
    given = {"phone": "0121 496 0000", "postcode": "LS1 4AP", "reference": "born 1984"}
    found = await codes(served, sealed_pin=sealed(DRAFT, pin), **given)
    assert found == [("pin_weak", "warning", "/customer/pin")]


async def test_a_pin_stands_in_no_finding(served: Served) -> None:
    found = await findings(served, sealed_pin=sealed(DRAFT, "987"), name="")
    assert {one["code"] for one in found} >= {"customer.pin_length", "customer.name_required"}
    assert "987" not in str(found)


async def test_a_reference_that_is_taken_is_an_error_about_whose_it_is(served: Served) -> None:
    other = await served.created("Ada", reference="C-1")
    await served.created("Bob", "borealis", reference="C-2")
    (found,) = await findings(served, reference=" C-1 ")
    assert (found["code"], found["severity"], found["about"]) == ("customer.reference_taken", "error", [str(other)])
    assert await findings(served, reference="C-2") == []


async def test_the_same_address_however_it_is_written_is_a_warning(served: Served) -> None:
    other = await served.created("Ada", email="GRACE@Example.com")
    (found,) = await findings(served)
    assert (found["code"], found["severity"], found["about"]) == ("customer.email_known", "warning", [str(other)])


@pytest.mark.parametrize(
    ("there", "new"),
    [
        ("Mill Lane Bakery Ltd", "Mill Lane Bakery"),
        ("Mill Lane Bakery plc", "bakery, MILL-LANE Limited"),
        ("Mill Lane Bakery", "Mill Lane Bakrey"),
        ("Café Zoë", "Cafe Zoe Ltd."),
        ("Hopper & Sons", "Hopper and Sons"),
        ("Hoppers", "Hopper"),
    ],
)
async def test_a_name_that_is_the_same_or_nearly_so_is_a_warning(served: Served, there: str, new: str) -> None:
    other = await served.created(there)
    (found,) = await findings(served, name=new)
    assert (found["code"], found["severity"], found["about"]) == ("customer.name_known", "warning", [str(other)])


@pytest.mark.parametrize(
    ("there", "new"),
    [("Mill Lane Bakery", "Mill Lane Garage"), ("Mill Lane Bakery", "Station Bakery"), ("Ada", "Adam"), ("Ltd", "Co")],
)
async def test_another_name_is_no_warning(served: Served, there: str, new: str) -> None:
    await served.created(there)
    assert await findings(served, name=new) == []


async def test_a_customer_that_resembles_in_all_is_spoken_of_once(served: Served) -> None:
    await served.created("Grace Hopper", email="grace@example.com")
    assert [code for code, _, _ in await codes(served)] == ["email_known"]


async def test_another_resellers_customer_is_no_duplicate(served: Served) -> None:
    await served.created("Grace Hopper", "borealis", email="grace@example.com", reference="C-1")
    assert await findings(served, reference="C-1") == []


@pytest.mark.parametrize("name", ["' | '", "\\", "<script>", "'; DROP TABLE customer; --", "((", "&"])
async def test_a_hostile_name_is_compared_and_nothing_else(served: Served, name: str) -> None:
    await served.created("Mill")
    assert await findings(served, name=name) == []


@pytest.mark.parametrize(
    ("reseller", "code"), [("nobody", "unknown_reseller"), ("closed", "reseller_blocked")]
)  # fmt: skip
async def test_a_reseller_that_may_not_order_is_an_error(served: Served, reseller: str, code: str) -> None:
    assert await codes(served, reseller) == [(code, "error", "/reseller")]


async def test_an_existing_customer_must_be_the_resellers_and_not_blocked(served: Served) -> None:
    mine, theirs, blocked = [await served.created(reseller=r) for r in ("acme", "borealis", "acme")]
    async with served.database.transaction() as db:
        await db.execute("UPDATE customer SET state = 'blocked' WHERE id = $1", blocked)
    assert await codes(served, id=str(mine)) == []
    for other in (theirs, uuid4()):
        assert await codes(served, id=str(other)) == [("unknown_customer", "error", "/customer/id")]
    assert await codes(served, id=str(blocked)) == [("customer_blocked", "error", "/customer/id")]


async def test_a_draft_without_a_customer_yet_has_no_findings(served: Served) -> None:
    answer = await served.client.post("/validity", json={"reseller": "acme", "held_by": str(DRAFT)})
    assert answer.json() == {"findings": []}


def test_what_the_report_lets_pass_is_what_the_document_takes() -> None:
    customer = CheckedCustomer(name="Grace", email="grace@example.com", phone=" 0121 496 0000 ", country="GB")
    assert list(wrong_details(customer)) == []
    NewCustomer.model_validate({"name": "Grace", "email": "grace@example.com", "pin": "8305", "phone": "0121 496 0000"})
