"""Hostile values in the wizard's fields: kept and shown as the text that they are, refused at their field, never
carried out."""

from typing import Any

import pytest

from patchbay_contracts.v1.notifier import SendMails

from .clerk import Clerk
from .conftest import Gateway
from .test_wizard_tabs import import_csv
from .wizard_orders import end

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
SQL = "'; DROP TABLE draft; --"
HEADER = "Hello\r\nBcc: everybody@example.com"
EMOJI = "\u202e Ünïcode 😀 العربية {{ 7 * 7 }} %(n)s ${x}"
MEGABYTE = "x" * 1_000_000
HOSTILE = (SCRIPT, SQL, HEADER, EMOJI)
CUSTOMER_FIELDS = ("name", "email", "phone", "reference", "city", "postcode", "country", "address_lines-0")
CONTACT = ("contacts-0-name", "contacts-0-email")


def harmless(page: str) -> bool:
    """Whether nothing of it became markup or was filled in."""
    return not any(one in page for one in ("<script>alert", "<img src=x", "49", "DROP TABLE draft; --<"))


@pytest.mark.parametrize("value", HOSTILE)
async def test_what_is_hostile_in_a_customers_fields_is_shown_as_text(clerk: Clerk, value: str) -> None:
    typed = dict.fromkeys((*CUSTOMER_FIELDS, *CONTACT), value)
    answer = await clerk.press("update", **typed)
    assert answer.status_code == 200
    kept = value.replace("\r\n", "\n")
    assert {name: clerk.form.fields[name] for name in typed} == {name: [kept] for name in typed}
    for tab in ("customer", "service", "billing", "creation", "notifications"):
        page = await clerk.go(tab)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "<script>alert" not in (await clerk.visitor.get("/wizard")).text


async def test_nul_which_no_database_keeps_is_left_out(clerk: Clerk) -> None:
    await clerk.press("update", name="A\0da", pin="90\0210")
    assert clerk.form.fields["name"] == ["Ada"]
    await clerk.fill()
    await clerk.go("numbers")
    assert (await clerk.press("search", grades=["go\0ld"], pools=["pub\0lic"], prefix="\0")).status_code in {200, 422}
    assert (await clerk.go("numbers")).status_code == 200


@pytest.mark.parametrize("name", [*CUSTOMER_FIELDS, *CONTACT, "pin"])
async def test_too_long_a_text_is_refused_at_its_field_and_nothing_is_lost(clerk: Clerk, name: str) -> None:
    typed = {"phone": "0121 496 0000"} | {name: "x" * 3_000, "country": "GB" if name != "country" else "x" * 3_000}
    answer = await clerk.press("update", **typed)
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.text
    shown = {one: clerk.form.fields[one] for one in typed if one != "pin"}
    assert shown == {one: [value] for one, value in typed.items() if one != "pin"}
    assert (await clerk.go("customer")).status_code == 200


@pytest.mark.parametrize("name", ["name", "pin", "reference"])
async def test_a_megabyte_is_refused_with_a_page(clerk: Clerk, name: str) -> None:
    answer = await clerk.press("update", **{name: MEGABYTE})
    assert (answer.status_code, "<h1" in answer.text) == (422, True)
    assert (await clerk.go("customer")).status_code == 200


async def test_more_than_a_form_may_have_is_refused_with_a_page(clerk: Clerk) -> None:
    for size in (3_000_000, 20_000_000):
        answer = await clerk.send("update", name="x" * size)
        assert (answer.status_code, "<h1" in answer.text) == (413, True)


async def test_a_file_that_is_too_large_is_refused_at_its_field_and_loses_nothing(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("settings")
    clerk.form.fields["services-0-settings-greeting"] = ["Hello"]
    shown = await import_csv(clerk, b"x" * 3_000_000)
    assert shown.status_code == 422
    assert "The file is larger than 2048 KB: split it" in shown.text
    assert 'value="Hello"' in shown.text
    page = await import_csv(clerk, b"x" * 20_000_000, referer=f"http://test/wizard/{clerk.id}/settings?service=s1")
    assert page.status_code == 413
    assert f'href="/wizard/{clerk.id}/settings?service=s1"' in page.text


async def test_more_contacts_than_there_may_be_are_refused_not_dropped(clerk: Clerk) -> None:
    many = {f"contacts-{n}-name": f"Contact {n}" for n in range(21)}
    answer = await clerk.press("update", contacts="21", **many)
    assert answer.status_code == 422
    assert clerk.form.fields["contacts-20-name"] == ["Contact 20"]


@pytest.mark.parametrize("value", [*HOSTILE, "x" * 3_000])
async def test_what_is_hostile_in_a_search_is_a_message_at_its_field(clerk: Clerk, value: str) -> None:
    await clerk.fill()
    for name in ("count", "prefix", "segments", "ends_with", "pattern"):
        await clerk.go("numbers")
        answer = await clerk.press("search", **{name: value})
        assert answer.status_code in {200, 422}
        assert "<script>alert" not in answer.text
        assert clerk.form.fields[name] == [value.replace("\r\n", "\n")]
        assert f'id="{name}-error"' in answer.text, name
        await clerk.go("numbers")
        await clerk.press("search", **{name: ""})


@pytest.mark.parametrize("value", [*HOSTILE, MEGABYTE])
async def test_what_is_hostile_in_a_setting_is_kept_as_text(clerk: Clerk, value: str) -> None:
    await clerk.fill()
    await clerk.go("settings")
    answer = await clerk.press("update", **{"services-0-settings-greeting": value})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert clerk.form.fields["services-0-settings-greeting"] == [value.replace("\r\n", "\n")]
    export = await clerk.visitor.get(f"/wizard/{clerk.id}/settings.csv?service=s1")
    assert export.status_code == 200
    for tab in ("billing", "creation"):
        assert (await clerk.go(tab)).status_code == 200


async def test_a_spreadsheets_formula_in_a_setting_is_no_formula_in_the_csv(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("settings")
    await clerk.press("update", **{"services-0-settings-greeting": "=HYPERLINK(1)"})
    export = await clerk.visitor.get(f"/wizard/{clerk.id}/settings.csv?service=s1")
    assert ",'=HYPERLINK(1)" in export.text


@pytest.mark.parametrize("value", HOSTILE)
async def test_what_is_hostile_in_a_reason_is_kept_as_text(clerk: Clerk, value: str) -> None:
    clerk.owners.find("customer", "duplicate", severity="warning", message=SCRIPT)
    await clerk.fill()
    await clerk.go("creation")
    (waive,) = [text for name, text in clerk.form.buttons if text.startswith("waive:")]
    answer = await clerk.press(waive, **{f"reason-{waive.removeprefix('waive:')}": value})
    assert "<script>alert" not in answer.text
    assert (await clerk.draft()).document.waivers[0].reason == value.replace("\r\n", "\n")


@pytest.mark.parametrize(("field", "value"), [("subject", HEADER), ("email", HEADER), ("email", SCRIPT)])
async def test_a_mail_that_cannot_be_sent_is_refused_at_its_field(
    clerk: Clerk, gateway: Gateway, field: str, value: str
) -> None:
    await written(clerk, gateway)
    answer = await clerk.press("finish", **{"mails-0-wanted": "yes", f"mails-0-{field}": value})
    assert answer.status_code == 422
    id_ = "recipient" if field == "email" else field
    assert f'href="#mails-0-{id_}"' in answer.text
    assert f'id="mails-0-{id_}"' in answer.text
    assert clerk.form.fields[f"mails-0-{field}"] == [value.replace("\r\n", "\n")]
    assert not [said for said in gateway.kafka.said if said.type == SendMails.type]
    assert (await clerk.draft()).state == "created"


async def test_what_is_hostile_in_a_mail_is_text_in_its_preview(clerk: Clerk, gateway: Gateway) -> None:
    await written(clerk, gateway)
    answer = await clerk.press("preview:0", **{"mails-0-text": SCRIPT, "mails-0-subject": EMOJI})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    page = await clerk.visitor.get(f"/wizard/{clerk.id}/mails/0")
    assert "<script>" not in page.text
    assert "sandbox" in page.headers["content-security-policy"]


@pytest.mark.parametrize("field", ["subject", "text", "email"])
async def test_too_long_a_mail_is_refused_at_its_field_and_nothing_is_lost(
    clerk: Clerk, gateway: Gateway, field: str
) -> None:
    await written(clerk, gateway)
    typed = {f"mails-0-{field}": "x" * 30_000, "mails-1-subject": "Another"}
    answer = await clerk.press("update", **typed)
    assert answer.status_code == 422
    assert f'href="#mails-0-{"recipient" if field == "email" else field}"' in answer.text
    assert {name: clerk.form.fields[name] for name in typed} == {name: [value] for name, value in typed.items()}


async def written(clerk: Clerk, gateway: Gateway) -> dict[str, Any]:
    """Created, and on the Notifications tab."""
    await clerk.fill()
    await clerk.press("create")
    draft = await clerk.draft()
    await end(gateway, draft)
    await clerk.go("notifications")
    return {}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("segments", {"method": "segments"}),
        ("in_order", {"in_order": "yes"}),
        ("aligned", {"aligned": "10"}),
        ("grades", {"grades": ["gold"], "grade_at_least": "gold"}),
        ("pools", {"pools": ["customer"]}),
    ],
)
async def test_filters_that_do_not_go_together_are_a_message_at_a_field(
    clerk: Clerk, field: str, typed: dict[str, Any]
) -> None:
    await clerk.fill()
    await clerk.go("numbers")
    answer = await clerk.press("search", **typed)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (200, True)
    assert f'id="{field}-error"' in answer.text
