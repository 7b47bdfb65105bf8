"""From a draft to its order: checked by all owners, agreed to, created once, and its mails sent once."""

from uuid import UUID

import pytest
import pytest_asyncio

from gateway_service import accepting
from patchbay_contracts.mails import MailFacts
from patchbay_contracts.v1.notifier import SendMails

from .behind import Behind, price
from .conftest import Gateway
from .drafting import NUMBERS, PIN, Wizard, end, placed
from .owners import Owners


@pytest_asyncio.fixture
async def wizard(behind: Behind, gateway: Gateway) -> Wizard:
    wizard = Wizard(gateway.client, Owners(behind))
    await wizard.begin()
    return wizard


async def test_the_report_collects_what_every_owner_finds_by_tab(wizard: Wizard) -> None:
    await wizard.fill()
    wizard.owners.find("billing", "no_price", tab="billing", pointer="/lines/0/price_list")
    wizard.owners.find("customer", "pin_missing", pointer="/customer/sealed_pin")
    findings = (await wizard.report())["findings"]
    assert [(f["tab"], f["pointer"], f["service"]) for f in findings] == [
        ("customer", "/customer/pin", None),
        ("billing", "/services/0/price_list", "a"),
    ]


async def test_an_owner_that_cannot_be_asked_is_an_error_of_the_report(behind: Behind, wizard: Wizard) -> None:
    await wizard.fill()
    await behind.notifier.go()
    assert await wizard.codes() == {"notifier.unchecked"}
    assert (await wizard.send("POST", "/create")).status_code == 409


async def test_what_is_new_since_the_report_was_shown_is_marked(wizard: Wizard) -> None:
    await wizard.fill()
    wizard.owners.find("customer", "odd")
    assert [f["new"] for f in (await wizard.report(seen=True))["findings"]] == [False]
    wizard.owners.find("customer", "odder")
    assert {f["code"]: f["new"] for f in (await wizard.report())["findings"]} == {
        "customer.odd": False,
        "customer.odder": True,
    }


async def test_errors_stop_creation_and_warnings_can_be_waived_one_by_one(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    wizard.owners.find("customer", "resembles", severity="warning")
    refused = await wizard.send("POST", "/create")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "customer.resembles")
    warning = {"code": "customer.resembles", "pointer": "/customer/name"}
    await wizard.done("POST", "/waivers", warning | {"reason": "Another Ada."})
    (finding,) = (await wizard.report())["findings"]
    assert (finding["waived"]["reason"], finding["waived"]["by"]) == ("Another Ada.", "key:test")
    assert (await wizard.send("POST", "/create")).status_code == 202


async def test_a_waiver_ends_when_what_it_is_about_is_changed(wizard: Wizard) -> None:
    await wizard.fill()
    wizard.owners.find("customer", "resembles", severity="warning")
    warning = {"code": "customer.resembles", "pointer": "/customer/name"}
    await wizard.done("POST", "/waivers", warning | {"reason": "Another Ada."})
    await wizard.done("PUT", "/customer", {"name": "Ada", "email": "other@example.com"})
    assert len(wizard.draft["waivers"]) == 1
    await wizard.done("PUT", "/customer", {"name": "Eve", "email": "other@example.com"})
    assert wizard.draft["waivers"] == []


async def test_who_waives_what_the_report_just_showed_asks_its_owner_no_more_until_creation(wizard: Wizard) -> None:
    await wizard.fill()
    wizard.owners.find("customer", "resembles", severity="warning")
    await wizard.report()
    asked = wizard.owners.behind.customer.asked
    before = len(asked)
    warning = {"code": "customer.resembles", "pointer": "/customer/name"}
    await wizard.done("POST", "/waivers", warning | {"reason": "Another Ada."})
    assert len(asked) == before
    assert (await wizard.send("POST", "/create")).status_code == 202
    assert len(asked) > before


async def test_an_error_cannot_be_waived(wizard: Wizard) -> None:
    await wizard.fill()
    wizard.owners.find("customer", "blocked")
    body = {"code": "customer.blocked", "pointer": "/customer/name", "reason": "Never mind."}
    assert (await wizard.send("POST", "/waivers", body)).status_code == 422


async def test_agreement_is_recorded_and_asked_anew_when_the_terms_change(wizard: Wizard) -> None:
    await wizard.fill()
    agreement = wizard.draft["agreement"]
    assert (agreement["by"], agreement["terms"][0]["hash"]) == ("key:test", "a" * 64)
    assert agreement["address"]
    wizard.owners.terms_hash = "b" * 64
    assert await wizard.codes() == {"draft.terms_changed"}
    stale = await wizard.send("PUT", "/agreement", {"agreed": True, "hashes": ["a" * 64]})
    assert stale.status_code == 409
    await wizard.done("PUT", "/agreement", {"agreed": True, "hashes": ["b" * 64]})
    assert await wizard.codes() == set()


async def test_nothing_is_created_without_agreement(wizard: Wizard) -> None:
    await wizard.fill()
    await wizard.done("PUT", "/agreement", {"agreed": False})
    refused = await wizard.send("POST", "/create")
    assert [error["code"] for error in refused.json()["errors"]] == ["draft.terms_not_agreed"]


async def test_pressing_twice_creates_once(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    version = wizard.draft["version"]
    answers = [await wizard.send("POST", "/create", version=version) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert await gateway.count() == len(placed(gateway)) == 1


async def test_the_order_is_what_the_draft_says_with_its_pin_sealed_anew(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill(phone=" 0121 496 0000 ", address_lines=["1 High Street", ""], country="gb")
    await wizard.done("POST", "/quote")
    created = await wizard.done("POST", "/create")
    (order,) = placed(gateway)
    assert (order["held_by"], order["quote"], order["watched"]) == (created["id"], created["quote"]["id"], True)
    assert (order["notify"], order["lines"][0]["numbers"]["exact"]) == ([], NUMBERS)
    assert order["customer"]["address"] == {
        "lines": ["1 High Street"],
        "city": None,
        "postcode": None,
        "country": "GB",
    }
    assert accepting.unsealed(order["customer"]["sealed_pin"], UUID(order["order_id"])) == PIN


async def test_only_a_customer_account_needs_no_service_and_no_agreement(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.done("PUT", "/customer", {"name": "Ada", "email": "ada@example.com", "pin": PIN})
    assert await wizard.codes() == {"draft.nothing_chosen"}
    await wizard.done("PUT", "/only-customer", {"only": True})
    await wizard.done("POST", "/create")
    assert placed(gateway)[0]["lines"] == []


async def test_a_draft_that_is_created_is_changed_no_more(wizard: Wizard) -> None:
    await wizard.fill()
    await wizard.done("POST", "/create")
    assert (await wizard.send("PUT", "/customer", {"name": "Eve"})).status_code == 409


async def mailed(wizard: Wizard, gateway: Gateway, grouping: str = "together") -> MailFacts:
    """The facts of the mail that is sent when the draft was created."""
    await wizard.done("POST", "/create")
    mail = {"email": "ada@example.com", "name": "Ada", "subject": "Done", "text": "Hello", "wanted": True}
    await wizard.done("PUT", "/mails", {"mails": [mail | {"attachments": ["settings"]}]})
    await end(gateway, wizard.draft, services=[NUMBERS] if grouping == "together" else [[one] for one in NUMBERS])
    await wizard.done("POST", "/finish")
    (said,) = [SendMails.model_validate_json(s.body) for s in gateway.kafka.said if s.type == SendMails.type]
    return said.facts


async def test_finish_sends_the_wanted_mails_once(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    await wizard.done("PUT", "/services/a/settings", {"settings": {"greeting": "Hi", "code": "secret"}})
    await wizard.done("POST", "/create")
    mail = {"email": "ada@example.com", "name": "Ada", "subject": "Done", "text": "Hello", "wanted": True}
    mails = [mail | {"attachments": ["settings", "terms"]}, mail | {"wanted": False, "email": "nonsense"}]
    await wizard.done("PUT", "/mails", {"mails": mails, "after": "customer"})
    assert (await wizard.send("POST", "/finish")).status_code == 409
    await end(gateway, wizard.draft)
    wizard.owners.terms_hash = "b" * 64  # others are in force by now
    version = wizard.draft["version"]
    answers = [await wizard.send("POST", "/finish", version=version) for _ in range(2)]
    assert [answer.json()["state"] for answer in answers] == ["finished"] * 2
    (said,) = [SendMails.model_validate_json(s.body) for s in gateway.kafka.said if s.type == SendMails.type]
    assert ([mail.email for mail in said.mails], said.by) == (["ada@example.com"], "key:test")
    assert (said.facts.reseller_name, said.facts.services[0].name) == ("Acme Telecom", "Voice line")
    assert (said.facts.services[0].settings, said.facts.terms[0].text) == ({"greeting": "Hi"}, "Pay.")
    assert answers[0].json()["customer"]["pin_set"] is False


@pytest.mark.parametrize("grouping", ["together", "each"])
async def test_the_settings_of_single_numbers_go_with_the_mails_but_what_is_kept_secret(
    wizard: Wizard, gateway: Gateway, grouping: str
) -> None:
    await wizard.fill()
    typed = {"service_type": "voice-line", "price_list": "standard-gbp", "grouping": grouping}
    await wizard.done("PUT", "/services/a", typed)
    await wizard.done("PUT", "/services/a/settings", {"settings": {"voicemail": True}})
    for number in NUMBERS:
        own = {"greeting": f"This is {number}", "code": "secret"}
        await wizard.done("PUT", "/services/a/settings", {"settings": own, "number": number})
    facts = await mailed(wizard, gateway, grouping)
    assert [(f"+{number.e164}", number.settings) for service in facts.services for number in service.numbers] == [
        (number, {"greeting": f"This is {number}"}) for number in NUMBERS
    ]
    at_the_service = {"together": [None], "each": [f"This is {number}" for number in NUMBERS]}
    assert [service.settings.get("greeting") for service in facts.services] == at_the_service[grouping]
    assert all(service.settings["voicemail"] for service in facts.services)


@pytest.mark.parametrize(
    ("grouping", "used", "costs"),
    [
        ("together", True, [("17.5000", "8.0000")]),
        ("each", True, [("13.7500", "6.5000")] * 2),
        ("together", False, [(None, None)]),
    ],
)
async def test_each_service_has_the_prices_that_the_orders_quote_locked(
    wizard: Wizard, gateway: Gateway, grouping: str, used: bool, costs: list[tuple[str | None, str | None]]
) -> None:
    await wizard.fill()
    typed = {"service_type": "voice-line", "price_list": "standard-gbp", "grouping": grouping}
    await wizard.done("PUT", "/services/a", typed)
    quote = wizard.owners.made[(await wizard.done("POST", "/quote"))["quote"]["id"]]
    service, number = price("10.0000", "5.0000"), price("3.7500", "1.5000")
    quote["lines"][0]["parts"] = [
        {"quantity": 1, "each": service, "total": service},
        {"grade": "gold", "quantity": 2, "each": number, "total": price("7.5000", "3.0000")},
    ]
    quote["used_by"] = (await wizard.done("POST", "/create"))["order_id"] if used else None
    facts = await mailed(wizard, gateway, grouping)
    shown = [(service.setup, service.monthly) for service in facts.services]
    assert [tuple(str(one.amount) if one else None for one in both) for both in shown] == costs


async def test_a_mail_that_cannot_be_sent_so_is_named_and_nothing_is_sent(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    await wizard.done("POST", "/create")
    await end(gateway, wizard.draft)
    mail = {"email": "ada@example.com", "name": "Ada", "subject": "Done\r\nBcc: x", "text": "Hello", "wanted": True}
    await wizard.done("PUT", "/mails", {"mails": [mail]})
    answer = await wizard.send("POST", "/finish")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mails/0/subject")
    assert (await wizard.client.get(wizard.path)).json()["state"] == "created"


async def test_what_failed_is_corrected_and_created_again(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    first = (await wizard.done("POST", "/create"))["order_id"]
    assert (await wizard.send("POST", "/reopen")).status_code == 409
    await end(gateway, wizard.draft, "failed")
    await wizard.done("POST", "/reopen")
    assert (wizard.draft["state"], wizard.draft["failed_orders"]) == ("open", [first])
    assert (await wizard.done("POST", "/create"))["order_id"] != first
    assert len(placed(gateway)) == 2
