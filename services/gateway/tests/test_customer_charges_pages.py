"""A customer's billing account on the tab with its charges: all see how it stands, and who has the role changes it."""

from uuid import UUID

import pytest
import pytest_asyncio

from .conftest import Gateway
from .operators import ANNA, BEN, Visitor, add_operator
from .registry import ADA, DETAILS, HTML, Registry

PAGE = f"/customers/{ADA}/charges"
LIMIT = {"amount": "99.50", "currency": "GBP", "limit_why": "as agreed"}


@pytest_asyncio.fixture
async def anna(registry: Registry, gateway: Gateway) -> Visitor:
    """She looks after customers and after prices."""
    return await signed_in(gateway, ANNA, "operator", "billing")


async def signed_in(gateway: Gateway, email: str, *roles: str) -> Visitor:
    await add_operator(gateway, email, roles=roles, resellers=("acme",))
    visitor = Visitor(gateway)
    await visitor.sign_in(email)
    return visitor


async def test_an_account_is_limited_blocked_and_unblocked_each_time_for_a_reason(
    anna: Visitor, registry: Registry
) -> None:
    assert (await anna.post(f"{PAGE}/limit", LIMIT, on=PAGE)).headers["location"] == PAGE
    page = (await anna.get(PAGE)).text
    for said in ("The account is limited.", "£99.50", "Used of it", 'value="99.50"', "as agreed"):
        assert said in page
    assert "The account is limited." not in (await anna.get(PAGE)).text
    await anna.post(f"{PAGE}/state", {"act": "block", "why": HTML}, on=PAGE)
    page = (await anna.get(PAGE)).text
    assert "The account is blocked: the customer can order nothing." in page
    assert HTML not in page
    await anna.post(f"{PAGE}/state", {"act": "unblock", "why": "paid"}, on=PAGE)
    assert "the customer can order again" in (await anna.get(PAGE)).text
    await anna.post(f"{PAGE}/limit", LIMIT | {"amount": ""}, on=PAGE)
    page = (await anna.get(PAGE)).text
    assert "The account has no limit any more." in page
    assert "Used of it" not in page
    limited, lifted = registry.asked["/accounts/limit"]
    assert (limited["limit"], lifted["limit"]) == ({"amount": "99.50", "currency": "GBP"}, None)
    of = {"resellers": ["acme"], "customer_id": str(ADA), "by": f"operator:{ANNA}", "changed_at": None}
    assert registry.asked["/accounts/block"] == [of | {"why": HTML}]
    assert registry.asked["/accounts/unblock"] == [of | {"why": "paid"}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("amount", typed) for typed in ("-1", "1,000", "1_000", "1e3", "0.00001", "9" * 30, "²")),
        *(("currency", typed) for typed in ("", "pounds", "gbp")),
        *(("limit_why", typed) for typed in ("", "x" * 201, "a\nb")),
    ],
)
async def test_what_is_wrong_with_a_limit_is_said_at_its_field_and_nothing_is_lost(
    anna: Visitor, registry: Registry, field: str, value: str
) -> None:
    page = await anna.post(f"{PAGE}/limit", LIMIT | {field: value}, on=PAGE)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    for other, typed in LIMIT.items():
        assert other == field or f'value="{typed}"' in page.text
    assert "/accounts/limit" not in registry.asked


async def test_an_account_is_not_blocked_without_a_reason_or_when_billing_refuses(
    anna: Visitor, registry: Registry
) -> None:
    page = await anna.post(f"{PAGE}/state", {"act": "block", "why": ""}, on=PAGE)
    assert (page.status_code, 'id="why-error"' in page.text) == (422, True)
    page = await anna.post(f"{PAGE}/state", {"act": "nonsense", "why": "unpaid"}, on=PAGE)
    assert (page.status_code, "Choose what to do" in page.text, 'value="unpaid"' in page.text) == (422, True, True)
    assert "/accounts/block" not in registry.asked
    fault = {"pointer": "/why", "message": "it will not do", "remedy": "another"}
    registry.refusals["/accounts/block"] = (422, {"errors": [fault]})
    page = await anna.post(f"{PAGE}/state", {"act": "block", "why": "unpaid"}, on=PAGE)
    assert 'href="#why">Reason: It will not do: another</a>' in page.text


async def test_who_only_looks_after_customers_sees_the_account_and_changes_nothing(
    registry: Registry, gateway: Gateway
) -> None:
    registry.account["state"] = "blocked"
    ben = await signed_in(gateway, BEN, "operator")
    page = (await ben.get(PAGE)).text
    assert "<dd>blocked</dd>" in page
    assert f"{PAGE}/state" not in page
    assert f"{PAGE}/limit" not in page
    for path, fields in (("state", {"act": "unblock", "why": "paid"}), ("limit", LIMIT)):
        assert (await ben.post(f"{PAGE}/{path}", fields, on=PAGE)).status_code == 403
    assert not {"/accounts/unblock", "/accounts/limit"} & registry.asked.keys()


async def test_nobody_changes_the_account_of_a_foreign_customer(anna: Visitor, registry: Registry) -> None:
    registry.customers[ADA] = registry.record("borealis", DETAILS, ADA)
    for path, fields in (("state", {"act": "block", "why": "unpaid"}), ("limit", LIMIT)):
        assert (await anna.post(f"{PAGE}/{path}", fields, on="/customers")).status_code == 404
    assert not {"/accounts/block", "/accounts/limit"} & registry.asked.keys()


async def test_the_account_of_a_customer_who_never_ordered_is_opened_by_who_blocks_it(
    anna: Visitor, registry: Registry
) -> None:
    new = UUID(int=7)
    registry.customers[new] = registry.record("acme", DETAILS, new)
    page = await anna.get(f"/customers/{new}/charges")
    assert (page.status_code, "first order opens it" in page.text) == (200, True)
    charges = f"/customers/{new}/charges"
    done = await anna.post(f"{charges}/state", {"act": "block", "why": "unpaid"}, on=charges)
    assert done.status_code == 303
    assert "Unblock the account" in (await anna.get(charges)).text
