"""Of an order that failed the wizard says why in an operator's words, and leads to the field that puts it right."""

import pytest
import pytest_asyncio

from gateway_service.pages.wording import plainly, remark

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .wizard_orders import end

REFERENCE = "/customer/reference: another customer has the reference 'L-1': choose another"
TAKEN = "/lines/0/numbers: +441217377007 taken meanwhile: choose others"
SETTING = "/lines/0/settings/greeting: 'x' is too short: see the schema"


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = await Clerk.at_a_draft(gateway, behind)
    await clerk.fill()
    await clerk.press("create")
    return clerk


@pytest.mark.parametrize(
    ("failed", "said", "way", "there"),
    [
        (
            ("customer", "reference_taken", REFERENCE),
            "Customer: Another customer has the reference 'L-1'. Choose another.",
            "customer:::reference",
            "customer#reference",
        ),
        (
            ("numbers", "taken", TAKEN),
            "Numbers: Service 1, Voice line: +441217377007 taken meanwhile. Choose others.",
            "numbers:s1::services-0-numbers",
            "numbers?service=s1#services-0-numbers",
        ),
        (
            ("validity", "bad_settings", SETTING),
            "Settings: Service 1, Voice line: The settings are not as the service type's schema has them.",
            "settings:s1::services-0-settings-greeting",
            "settings?service=s1#services-0-settings-greeting",
        ),
        (
            ("billing", "account_blocked", "the account is blocked: settle it"),
            "Billing: The customer's account is blocked. Settle the account first. The account is blocked: settle it.",
            "billing:::",
            "billing",
        ),
    ],
)
async def test_why_it_failed_is_said_with_the_way_to_the_field(
    clerk: Clerk, gateway: Gateway, failed: tuple[str, str, str], said: str, way: str, there: str
) -> None:
    await end(gateway, await clerk.draft(), "failed", dict(zip(("step", "reason", "detail"), failed, strict=True)))
    await clerk.go("creation")
    assert said in clerk.form.seen
    assert "/customer/" not in clerk.form.seen
    assert "/lines/" not in clerk.form.seen
    assert clerk.form.buttons.count(("act", f"reopen:{way}")) == 2
    answer = await clerk.send(f"reopen:{way}")
    assert answer.headers["location"] == f"/wizard/{clerk.id}/{there}"
    assert (await clerk.draft()).state == "open"


async def test_what_nobody_typed_leads_nowhere(clerk: Clerk, gateway: Gateway) -> None:
    failed = {"step": "billing", "reason": "timed_out", "detail": ""}
    await end(gateway, await clerk.draft(), "failed", failed)
    await clerk.go("creation")
    assert "A step was not answered in time, so everything was undone. Order again." in clerk.form.seen
    assert ("act", "reopen") in clerk.form.buttons


def test_remarks_on_steps_have_no_place_in_the_order_either() -> None:
    assert remark(f"reference_taken: {REFERENCE}") == plainly("reference_taken", REFERENCE)
    assert remark("asked again, try 2") == "asked again, try 2"
    assert plainly("of_a_later_release", "/customer/pin: it is odd: look again") == "It is odd: look again."
