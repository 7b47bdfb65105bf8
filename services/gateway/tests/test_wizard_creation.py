"""The wizard from its numbers to its mails: what is lost is told, prices are locked, what stops is said, and everything
is made and sent once."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from patchbay_contracts.v1.notifier import SendMails

from .behind import FOUND, ROW, Behind, says
from .clerk import Clerk
from .conftest import Gateway
from .owners import Owners
from .wizard_orders import end, placed

FIRST, SECOND = 441217377007, 441217377777


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = Clerk(gateway, Owners(behind))
    clerk.owners.next_best = "+441217370000"
    await clerk.sign_in()
    await clerk.begin()
    return clerk


async def lose(clerk: Clerk, *numbers: int) -> None:
    """The holds have ended, and a rival has these."""
    clerk.owners.held[clerk.id].difference_update(f"+{number}" for number in numbers)
    clerk.owners.taken |= {f"+{number}" for number in numbers}
    await clerk.gateway.do(
        'UPDATE draft SET document = regexp_replace(document::text, \'"held_until":"[^"]*"\','
        " '\"held_until\":\"2026-01-01T00:00:00Z\"', 'g')::json"
    )


@pytest.mark.parametrize("tab", ["customer", "service", "numbers", "settings", "billing", "creation"])
async def test_a_number_that_was_lost_is_told_on_whatever_tab_is_looked_at(clerk: Clerk, tab: str) -> None:
    await clerk.fill()
    await lose(clerk, FIRST)
    clerk.owners.next_grade = "silver"
    await clerk.go(tab)
    assert f"+{FIRST} was held for you until its time was over" in clerk.form.seen
    assert "The next best is 0121 737 0000. Its grade is silver (ABBA)." in clerk.form.seen
    assert "There is none any more that is gold as the lost one is. Set-up £75.00, monthly £5.00." in clerk.form.seen
    assert f"+{SECOND} was held" not in clerk.form.seen


async def test_the_next_best_is_taken_instead_of_a_lost_number(clerk: Clerk) -> None:
    await clerk.fill()
    await lose(clerk, FIRST)
    clerk.owners.next_grade = "silver"
    await clerk.go("numbers")
    await clerk.press(f"instead:{FIRST}")
    assert set((await clerk.draft()).document.numbers) == {SECOND, 441217370000}
    assert "Taken instead: +441217370000, which is silver where gold was lost." in clerk.form.seen
    assert "by somebody else" not in clerk.form.seen


async def test_looking_at_any_tab_holds_numbers_for_longer(clerk: Clerk) -> None:
    await clerk.fill()
    await lose(clerk)
    await clerk.go("settings")
    now, held = datetime.now(UTC), (await clerk.draft()).document.services[0].numbers
    assert [(number.e164, number.held_until > now) for number in held] == [(FIRST, True), (SECOND, True)]
    assert "Lost to somebody else" not in clerk.form.seen


async def test_numbers_that_are_chosen_are_not_found_again(clerk: Clerk) -> None:
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    await clerk.press("search")
    assert clerk.form.fields["listed"] == [f"{FIRST},{SECOND}"]
    await clerk.press(f"add:{FIRST}")
    assert clerk.form.fields["listed"] == [str(SECOND)]


async def test_the_box_under_the_list_stands_for_all_that_are_listed(clerk: Clerk) -> None:
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    await clerk.press("search")
    await clerk.press("add_ticked", all="yes")
    assert (await clerk.draft()).document.numbers == (FIRST, SECOND)


async def test_more_numbers_than_a_page_lists_are_refused_at_the_field(clerk: Clerk) -> None:
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    answer = await clerk.press("search", count="10000")
    assert 'id="count-error"' in answer.text


async def test_five_hundred_listed_numbers_are_one_form(clerk: Clerk) -> None:
    rows = [ROW | {"grade": "gold", "e164": f"+{441217370000 + n}"} for n in range(500)]
    for replica in clerk.owners.behind.replicas:
        replica.answers = says(FOUND | {"numbers": rows, "total": 500})
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    await clerk.press("search", count="500")
    fields = clerk.form.fields | {"ticked": clerk.form.fields["listed"][0].split(","), "act": ["update"]}
    path, file = f"/wizard/{clerk.id}/numbers", {"csv": ("", b"")}
    answer = await clerk.visitor.client.post(path, data=fields, files=file)
    assert (len(fields["ticked"]), answer.status_code) == (500, 303)


async def test_another_price_list_is_compared_and_locked_anew_for_other_lines(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("billing")
    assert "These prices are locked" in clerk.form.seen
    await clerk.press("change", **{"price_list-s1": "summer-gbp"})
    assert "Beside the price list before, Standard" in clerk.form.seen
    assert "These prices are locked" in clerk.form.seen
    locked = (await clerk.draft()).document.quote
    await clerk.go("numbers")
    await clerk.press(f"remove:{FIRST}")
    await clerk.go("billing")
    assert "These prices are locked" in clerk.form.seen
    assert (await clerk.draft()).document.quote != locked


async def test_errors_stop_the_creation_and_lead_to_what_was_found(clerk: Clerk, gateway: Gateway) -> None:
    clerk.owners.find("customer", "no_email", pointer="/customer/email", message="It has no address.")
    await clerk.fill()
    await clerk.go("creation")
    answer = await clerk.press("create")
    assert (answer.status_code, placed(gateway)) == (409, 0)
    found = answer.text.split('href="#finding-')[1].split('"')[0]
    assert f'id="finding-{found}"' in answer.text
    assert 'name="go" value="customer:::email"' in answer.text


async def test_a_warning_is_waived_for_a_reason_and_not_without(clerk: Clerk, gateway: Gateway) -> None:
    clerk.owners.find("customer", "duplicate", severity="warning", message="There is one like it.")
    await clerk.fill()
    await clerk.go("creation")
    assert (await clerk.press("create")).status_code == 409
    (waive,) = [text for name, text in clerk.form.buttons if text.startswith("waive:")]
    reason = f"reason-{waive.removeprefix('waive:')}"
    answer = await clerk.press(waive, **{reason: "no"})
    assert (answer.status_code, clerk.form.fields[reason]) == (422, ["no"])
    assert f'href="#{reason}"' in answer.text
    await clerk.press(waive, **{reason: "It is her sister."})
    assert "Waived by anna@acme.example: It is her sister." in clerk.form.seen
    assert "0 errors, 1 warning, waived, 0 notes." in clerk.form.seen
    assert (await clerk.press("create")).status_code == 200
    assert placed(gateway) == 1


async def test_one_press_agrees_and_creates(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("update", agree=None)
    assert (await clerk.draft()).document.agreement is None
    await clerk.press("create", agree="yes")
    agreement = (await clerk.draft()).document.agreement
    assert agreement is not None
    assert ([one.hash for one in agreement.terms], agreement.by) == (["a" * 64], "operator:anna@acme.example")
    assert placed(gateway) == 1


async def test_what_was_agreed_to_is_kept_when_something_else_stops_the_creation(
    clerk: Clerk, gateway: Gateway
) -> None:
    clerk.owners.find("customer", "no_email", pointer="/customer/email", message="It has no address.")
    await clerk.fill()
    await clerk.press("update", agree=None)
    assert (await clerk.press("create", agree="yes")).status_code == 409
    assert ((await clerk.draft()).document.agreement is not None, placed(gateway)) == (True, 0)


async def test_changed_terms_are_agreed_to_anew(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.go("creation")
    clerk.owners.terms_hash = "b" * 64
    assert (await clerk.press("create")).status_code == 409
    assert "not the terms and conditions that were agreed to before" in clerk.form.seen
    await clerk.go("creation")
    assert "agree" not in clerk.form.fields
    clerk.owners.terms_hash = "c" * 64
    answer = await clerk.press("update", agree="yes")
    assert (answer.status_code, placed(gateway)) == (409, 0)
    await clerk.go("creation")
    await clerk.press("create", agree="yes")
    assert placed(gateway) == 1


async def test_pressed_twice_at_once_and_reloaded_it_creates_once(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.go("creation")
    answers = await asyncio.gather(*(clerk.send("create") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    await clerk.press("create")
    await clerk.go("creation")
    assert (await gateway.count(), placed(gateway)) == (1, 1)


async def test_what_failed_is_corrected_and_tried_again(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft(), "failed")
    await clerk.go("creation")
    assert "Nothing was created" in clerk.form.seen
    await clerk.press("reopen")
    assert (await clerk.draft()).state == "open"
    await clerk.go("customer")
    await clerk.press(go="creation", phone="0121 496 0000")
    await clerk.press("create")
    assert (placed(gateway), (await clerk.draft()).state) == (2, "created")


@pytest.mark.parametrize("tab", ["customer", "service", "numbers", "settings", "billing", "creation", "notifications"])
async def test_what_was_created_can_be_looked_at_on_every_tab(clerk: Clerk, gateway: Gateway, tab: str) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    assert (await clerk.go(tab)).status_code == 200
    for go in ("back", "next"):
        await clerk.go(tab)
        assert (await clerk.press(go=go)).status_code == 200


def sent(gateway: Gateway) -> list[str]:
    """To whom, of all that was said to the notifier."""
    said = [SendMails.model_validate_json(one.body) for one in gateway.kafka.said if one.type == SendMails.type]
    return [mail.email for one in said for mail in one.mails]


async def test_only_ticked_mails_are_sent_as_they_were_edited_and_once(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    to = [clerk.form.fields[f"mails-{n}-email"] for n in range(3)]
    assert to == [["ada@example.com"], ["desk@acme.example"], ["anna@acme.example"]]
    assert clerk.form.fields["mails-0-subject"] == ["For Ada"]
    await clerk.press("preview:0", **{"mails-0-subject": "All is done"})
    assert "Preview: to ada@example.com Subject All is done" in clerk.form.seen
    await clerk.press("preview:0", **{"mails-0-subject": "All\nis done"})
    assert "Preview: to" not in clerk.form.seen, "it cannot be sent so"
    assert "This has line breaks, tabs or other control characters" in clerk.form.seen
    await clerk.press("preview:0", **{"mails-0-subject": "All is done"})
    finish: dict[str, Any] = {"mails-0-wanted": "yes", "after": "customer"}
    answers = [await clerk.send("finish", **finish) for _ in range(2)]
    made = (await gateway.rows("SELECT event::json->>'customer_id' FROM orders"))[0][0]
    assert [answer.headers["location"] for answer in answers] == [f"/customers/{made}"] * 2
    assert sent(gateway) == ["ada@example.com"]


async def test_finish_twice_at_once_sends_once(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    await clerk.press("update", **{"mails-0-wanted": "yes"})
    answers = await asyncio.gather(*(clerk.send("finish", after="wizard") for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {303, 412}
    assert sent(gateway) == ["ada@example.com"]


async def test_a_customer_account_alone_is_created_without_terms_and_told(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill(service=False)
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    shown = await clerk.go("notifications", "?log=agreement&log=services&log=report&log=timeline")
    assert not re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:[^<]*", shown.text), "times are written as people read them"
    await clerk.press("finish", **{"mails-0-wanted": "yes", "after": "wizard"})
    assert sent(gateway) == ["ada@example.com"]


@pytest.mark.parametrize("owner", ["customer", "numbers", "billing", "provisioning", "notifier"])
async def test_while_an_owner_is_away_a_page_says_so_and_what_is_typed_is_kept(clerk: Clerk, owner: str) -> None:
    await clerk.fill()
    await clerk.go("customer")
    customer = clerk.form
    await getattr(clerk.owners.behind, owner).go()
    answer = await clerk.press("update", name="Grace")
    assert (await clerk.draft()).document.customer.name == "Grace"
    assert answer.status_code in {200, 503}
    for tab in ("service", "numbers", "settings", "billing", "creation", "notifications"):
        answer = await clerk.go(tab)
        assert answer.status_code in {200, 503}, tab
        assert (
            "could not be asked" in answer.text
            or f"The {owner} service did not answer" in answer.text
            or (tab in {"service", "settings", "notifications", "numbers", "billing"} and answer.status_code == 200)
        )
    await getattr(clerk.owners.behind, owner).come()
    clerk.form = customer
    assert (await clerk.go("creation")).status_code == 200
