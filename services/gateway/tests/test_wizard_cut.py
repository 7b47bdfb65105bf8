"""A text that is longer than a draft keeps stops nobody: one goes on, all else is kept, and what is not is told."""

from collections.abc import Mapping

import pytest

from .clerk import Clerk
from .conftest import Gateway
from .test_wizard_hostile import written

LONG = "x" * 5_000


@pytest.mark.parametrize(
    ("go", "title"), [("next", "Service"), ("back", "The Add Services Wizard"), ("billing", "Billing")]
)
async def test_one_goes_on_and_is_told_what_was_not_kept(clerk: Clerk, go: str, title: str) -> None:
    answer = await clerk.press(go=go, name="Ada", pin="90210", city=LONG)
    assert f"<h1>{title}</h1>" in answer.text
    assert (
        "Town or city: this has 5,000 characters, of which only the first 2,000 were kept: shorten it." in answer.text
    )
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.city, customer.sealed_pin is None) == ("Ada", LONG[:2_000], False)


async def test_whoever_stays_has_it_at_the_field_whole_and_all_else_is_kept(clerk: Clerk) -> None:
    answer = await clerk.press("update", name="Ada", pin="90210", city=LONG)
    assert answer.status_code == 422
    assert "All else that you typed is kept" in answer.text
    assert answer.text.count("This has 5,000 characters, of which only the first 2,000 were kept: shorten it") == 2
    assert "A PIN is set" in answer.text
    assert clerk.form.fields["city"] == [LONG]
    answer = await clerk.press(go="next", city="Leeds")
    assert "<h1>Service</h1>" in answer.text
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.city, customer.sealed_pin is None) == ("Ada", "Leeds", False)


async def test_a_pin_is_kept_whole_or_not_at_all(clerk: Clerk) -> None:
    answer = await clerk.press("update", name="Ada", pin="9" * 70)
    assert answer.status_code == 422
    assert 'href="#pin">PIN: This has 70 characters and was not kept: use 4 to 12' in answer.text
    answer = await clerk.press(go="next", phone="0121 496 0000", pin="9" * 70)
    assert "PIN: this has 70 characters and was not kept" in answer.text
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.phone, customer.sealed_pin) == ("Ada", "0121 496 0000", None)


@pytest.mark.parametrize("tab", ["numbers", "creation", "notifications"])
async def test_other_tabs_let_go_on_as_well(clerk: Clerk, gateway: Gateway, tab: str) -> None:
    if tab == "notifications":
        await written(clerk, gateway)
    else:
        clerk.owners.find("customer", "duplicate", severity="warning")
        await clerk.fill()
    await clerk.go(tab)
    typed: Mapping[str, str] = {"prefix": LONG}
    if tab == "notifications":
        typed = {"mails-0-subject": LONG, "mails-0-text": "x" * 30_000, "mails-0-wanted": "yes"}
    elif tab == "creation":
        typed = {name: LONG for name in clerk.form.fields if name.startswith("reason-")}
    assert typed
    answer = await clerk.press(go="customer", **typed)
    assert answer.text.count("characters, of which") == len(typed) - ("mails-0-wanted" in typed)
    await clerk.go(tab)
    assert all(
        clerk.form.fields[name][0] == text[: 20_000 if "text" in name else 2_000] for name, text in typed.items()
    )


async def test_no_mail_is_sent_as_less_than_was_written(clerk: Clerk, gateway: Gateway) -> None:
    await written(clerk, gateway)
    said = len(gateway.kafka.said)
    answer = await clerk.press("finish", **{"mails-0-subject": LONG, "mails-0-wanted": "yes"})
    assert (answer.status_code, (await clerk.draft()).state, len(gateway.kafka.said)) == (422, "created", said)
