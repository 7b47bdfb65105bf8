"""Drafts over the API: kept as typed, told when stale, numbers held, checked by all owners, created once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from gateway_service import accepting, handlers
from patchbay_contracts.v1.notifier import SendMails
from patchbay_contracts.v1.provisioning import PlaceOrder

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .owners import Owners

NUMBERS = ["+441217377007", "+441217377117"]
PIN = "90210-pin"


class Wizard:
    """A program that works on one draft, and always knows its version."""

    def __init__(self, client: httpx.AsyncClient, owners: Owners) -> None:
        self.client, self.owners = client, owners
        self.draft: dict[str, Any] = {}

    async def begin(self) -> None:
        self.draft = (await self.client.post("/v1/drafts", json={})).json()

    @property
    def path(self) -> str:
        return f"/v1/drafts/{self.draft['id']}"

    async def send(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> httpx.Response:
        content = {} if body is None else {"json": body}
        headers = {"If-Match": f'"{version or self.draft["version"]}"'}
        answer = await self.client.request(method, f"{self.path}{path}", headers=headers, **content)
        if answer.status_code < 300 and "version" in answer.json():
            self.draft = answer.json()
        return answer

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.send(method, path, body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def fill(self, **customer: Any) -> None:
        """A new customer with a service of two numbers, agreed to."""
        typed = {"name": "Ada", "email": "ada@example.com", "pin": PIN} | customer
        await self.done("PUT", "/customer", typed)
        await self.done("PUT", "/services/a", {"service_type": "voice-line", "price_list": "standard-gbp"})
        await self.done("POST", "/services/a/numbers", {"numbers": NUMBERS})
        await self.done("PUT", "/agreement", {"agreed": True})

    async def report(self, seen: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{self.path}/validity", params={"seen": seen})).json()
        return found

    async def codes(self) -> set[str]:
        return {finding["code"] for finding in (await self.report())["findings"]}


@pytest_asyncio.fixture
async def wizard(behind: Behind, gateway: Gateway) -> Wizard:
    wizard = Wizard(gateway.client, Owners(behind))
    await wizard.begin()
    return wizard


def placed(gateway: Gateway) -> list[dict[str, Any]]:
    """What was said to provisioning."""
    return [json.loads(said.body) for said in gateway.kafka.said if said.type == PlaceOrder.type]


async def end(gateway: Gateway, draft: dict[str, Any], state: str = "completed") -> None:
    """The draft's order ends."""
    event = {"customer_id": str(uuid4()), "services": [{"id": str(uuid4()), "line": 0, "numbers": NUMBERS}]}
    failed = {"step": "billing", "reason": "no_price", "detail": "ask for one"}
    await gateway.do(
        "UPDATE orders SET state = $2, event = $3, ended_at = now() WHERE id = $1",
        UUID(draft["order_id"]),
        state,
        json.dumps(event if state == "completed" else failed),
    )


async def test_what_makes_no_sense_is_kept_as_it_was_typed(wizard: Wizard) -> None:
    typed = {"name": "x" * 2_000, "email": "not an address", "phone": "\0' OR 1=1 --", "country": "<script>"}
    await wizard.done("PUT", "/customer", typed)
    kept = (await wizard.client.get(wizard.path)).json()["customer"]
    assert {name: kept[name] for name in typed} == typed


async def test_a_draft_begun_twice_under_an_id_is_one(wizard: Wizard) -> None:
    body = {"id": str(uuid4())}
    first, second = [await wizard.client.post("/v1/drafts", json=body) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"] == body["id"]
    listed = (await wizard.client.get("/v1/drafts")).json()["drafts"]
    assert [draft["id"] for draft in listed].count(body["id"]) == 1


async def test_a_pin_is_never_shown_and_a_draft_says_only_that_it_is_set(wizard: Wizard, gateway: Gateway) -> None:
    answer = await wizard.send("PUT", "/customer", {"name": "Ada", "pin": PIN})
    assert answer.json()["customer"]["pin_set"] is True
    ((document,),) = await gateway.rows("SELECT document FROM draft")
    sealed = json.loads(document)["customer"]["sealed_pin"]
    assert PIN not in document + answer.text
    assert sealed not in answer.text
    assert accepting.unsealed(sealed, UUID(wizard.draft["id"])) == PIN


async def test_a_pin_stays_unless_another_is_typed(wizard: Wizard) -> None:
    first = await wizard.done("PUT", "/customer", {"name": "Ada", "pin": PIN})
    again = await wizard.done("PUT", "/customer", {"name": "Ada", "pin": PIN})
    assert again["version"] == first["version"]
    assert (await wizard.done("PUT", "/customer", {"name": "Eve"}))["customer"]["pin_set"] is True
    assert (await wizard.done("PUT", "/customer", {"name": "Eve", "pin": ""}))["customer"]["pin_set"] is False


async def test_a_stale_tab_is_told_and_overwrites_nothing(wizard: Wizard) -> None:
    stale = wizard.draft["version"]
    await wizard.done("PUT", "/customer", {"name": "Ada"})
    answer = await wizard.send("PUT", "/customer", {"name": "Eve"}, version=stale)
    assert (answer.status_code, answer.json()["version"]) == (412, wizard.draft["version"])
    assert (await wizard.client.get(wizard.path)).json()["customer"]["name"] == "Ada"


async def test_the_same_change_again_is_answered_as_before(wizard: Wizard) -> None:
    stale = wizard.draft["version"]
    first = await wizard.done("PUT", "/customer", {"name": "Ada"})
    again = await wizard.send("PUT", "/customer", {"name": "Ada"}, version=stale)
    assert (again.status_code, again.json()["version"]) == (200, first["version"])


async def test_a_change_must_say_which_version_it_saw(wizard: Wizard) -> None:
    answer = await wizard.client.put(f"{wizard.path}/customer", json={"name": "Ada"})
    assert (answer.status_code, "If-Match" in answer.json()["detail"]) == (428, True)


async def test_another_resellers_draft_is_not_there(wizard: Wizard) -> None:
    rival = {"X-API-Key": BOREALIS, "If-Match": "1"}
    assert (await wizard.client.get(wizard.path, headers=rival)).status_code == 404
    answer = await wizard.client.put(f"{wizard.path}/customer", json={"name": "Eve"}, headers=rival)
    assert answer.status_code == 404
    assert (await wizard.client.get("/v1/drafts", headers=rival)).json()["drafts"] == []
    answer = await wizard.client.post("/v1/drafts", json={"id": wizard.draft["id"]}, headers=rival)
    assert answer.status_code == 422


async def test_a_program_begins_drafts_for_its_own_reseller_alone(wizard: Wizard) -> None:
    answer = await wizard.client.post("/v1/drafts", json={"reseller": "borealis"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reseller")


async def test_numbers_are_held_for_the_draft_and_what_was_lost_is_said(wizard: Wizard) -> None:
    wizard.owners.taken = {NUMBERS[1]}
    await wizard.done("PUT", "/services/a", {"service_type": "voice-line"})
    added = await wizard.done("POST", "/services/a/numbers", {"numbers": NUMBERS})
    assert [number["e164"] for number in added["services"][0]["numbers"]] == NUMBERS[:1]
    assert [lost["e164"] for lost in added["lost"]] == NUMBERS[1:]
    assert wizard.owners.held[wizard.draft["id"]] == {NUMBERS[0]}


async def test_removed_numbers_and_removed_services_are_given_back(wizard: Wizard) -> None:
    await wizard.fill()
    await wizard.done("POST", "/numbers/remove", {"numbers": NUMBERS[:1]})
    assert wizard.owners.held[wizard.draft["id"]] == {NUMBERS[1]}
    await wizard.done("DELETE", "/services/a")
    assert wizard.owners.held[wizard.draft["id"]] == set()
    assert wizard.draft["services"] == []


async def test_a_hold_that_ends_soon_is_put_off_without_a_new_version(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    version, old = wizard.draft["version"], wizard.draft["services"][0]["numbers"][0]["held_until"]
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    await gateway.do("UPDATE draft SET document = replace(document, $1, $2)", old, soon)
    extended = (await wizard.client.post(f"{wizard.path}/numbers/extend")).json()
    assert (extended["version"], extended["lost"]) == (version, [])
    assert extended["services"][0]["numbers"][0]["held_until"] > soon


async def test_a_number_lost_to_a_rival_is_named_when_the_draft_is_looked_at(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    old = wizard.draft["services"][0]["numbers"][0]["held_until"]
    await gateway.do("UPDATE draft SET document = replace(document, $1, '2026-01-01T00:00:00Z')", old)
    wizard.owners.taken = {NUMBERS[0]}
    extended = (await wizard.client.post(f"{wizard.path}/numbers/extend")).json()
    assert [lost["e164"] for lost in extended["lost"]] == NUMBERS[:1]


async def test_a_search_is_kept_as_typed_and_a_fault_names_its_field(wizard: Wizard) -> None:
    await wizard.done("PUT", "/services/a", {"service_type": "voice-line"})
    answer = await wizard.send("POST", "/services/a/search", {"prefix": "Birmingham", "count": "many"})
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/prefix", "/count"}
    search = (await wizard.client.get(wizard.path)).json()["services"][0]["search"]
    assert (search["prefix"], search["count"]) == ("Birmingham", "many")
    found = await wizard.done("POST", "/services/a/search", {"prefix": "0121 737", "count": "2"})
    assert len(found["numbers"]) == 2


async def test_prices_follow_the_numbers_and_a_quote_locks_them(wizard: Wizard) -> None:
    await wizard.fill()
    assert (await wizard.done("GET", "/prices"))["quote"] is None
    await wizard.done("PUT", "/price-list", {"price_list": "house"})
    priced = await wizard.done("GET", "/prices")
    assert (priced["services"], priced["quote"]["id"]) == (["a"], wizard.draft["quote"]["id"])
    assert priced["totals"][0]["monthly"]["amount"] == "4.0000"
    await wizard.done("POST", "/numbers/remove", {"numbers": NUMBERS[:1]})
    assert (await wizard.done("GET", "/prices"))["quote"] is None
    assert "draft.quote_ended" in await wizard.codes()


async def test_each_bad_row_of_a_csv_is_named_and_the_others_are_taken(wizard: Wizard) -> None:
    await wizard.fill()
    content = f"number,greeting,voicemail\r\n'{NUMBERS[0]},'=1+1,yes\r\n+441214960000,x,no\r\nnobody,x,no\r\n"
    headers = {"If-Match": f'"{wizard.draft["version"]}"', "Content-Type": "text/csv"}
    path = f"{wizard.path}/services/a/settings"
    imported = (await wizard.client.post(f"{path}/import", content=content, headers=headers)).json()
    assert (imported["taken"], [row["line"] for row in imported["bad"]]) == (1, [3, 4])
    assert imported["services"][0]["settings_by_number"][NUMBERS[0]] == {"greeting": "=1+1", "voicemail": True}
    exported = (await wizard.client.get(f"{path}/export")).text
    assert f"'{NUMBERS[0]},'=1+1,true\r\n" in exported


async def test_settings_of_one_number_are_copied_and_applied_to_all(wizard: Wizard) -> None:
    await wizard.fill()
    await wizard.done("PUT", "/services/a/settings", {"settings": {"greeting": "Hi"}, "number": NUMBERS[0]})
    await wizard.done("POST", "/services/a/settings/copy", {"source": NUMBERS[0]})
    assert wizard.draft["services"][0]["settings_by_number"] == {number: {"greeting": "Hi"} for number in NUMBERS}
    await wizard.done("POST", "/services/a/settings/apply", {"source": NUMBERS[0]})
    service = wizard.draft["services"][0]
    assert (service["settings"], service["settings_by_number"]) == ({"greeting": "Hi"}, {})


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


async def test_finish_sends_the_wanted_mails_once(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.fill()
    await wizard.done("PUT", "/services/a/settings", {"settings": {"greeting": "Hi", "code": "secret"}})
    await wizard.done("POST", "/create")
    mail = {"email": "ada@example.com", "name": "Ada", "subject": "Done", "text": "Hello", "wanted": True}
    mails = [mail | {"attachments": ["settings", "terms"]}, mail | {"wanted": False, "email": "nonsense"}]
    await wizard.done("PUT", "/mails", {"mails": mails, "after": "customer"})
    assert (await wizard.send("POST", "/finish")).status_code == 409
    await end(gateway, wizard.draft)
    version = wizard.draft["version"]
    answers = [await wizard.send("POST", "/finish", version=version) for _ in range(2)]
    assert [answer.json()["state"] for answer in answers] == ["finished"] * 2
    (said,) = [SendMails.model_validate_json(s.body) for s in gateway.kafka.said if s.type == SendMails.type]
    assert ([mail.email for mail in said.mails], said.by) == (["ada@example.com"], "key:test")
    assert (said.facts.reseller_name, said.facts.services[0].name) == ("Acme Telecom", "Voice line")
    assert (said.facts.services[0].settings, said.facts.terms[0].text) == ({"greeting": "Hi"}, "Pay.")
    assert answers[0].json()["customer"]["pin_set"] is False


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


async def test_an_abandoned_draft_gives_its_numbers_back(wizard: Wizard) -> None:
    await wizard.fill()
    await wizard.done("POST", "/abandon")
    assert wizard.owners.held[wizard.draft["id"]] == set()
    assert (await wizard.client.get("/v1/drafts")).json()["drafts"] == []


@pytest.mark.parametrize(("days", "state", "kept"), [(29, "open", 1), (31, "open", 0), (31, "created", 1)])
async def test_only_what_nobody_touched_for_long_and_came_to_nothing_is_forgotten(
    wizard: Wizard, gateway: Gateway, days: int, state: str, kept: int
) -> None:
    age = "UPDATE draft SET changed_at = now() - make_interval(days => $1), state = $2"
    await gateway.do(age, days, state)
    async with gateway.database.transaction() as db:
        await handlers.forget_old_drafts(db)
    assert len(await gateway.rows("SELECT FROM draft")) == kept


async def test_drafts_are_listed_page_by_page_newest_first(wizard: Wizard) -> None:
    for _ in range(2):
        await wizard.begin()
    first = (await wizard.client.get("/v1/drafts", params={"limit": 2})).json()
    rest = (await wizard.client.get("/v1/drafts", params={"limit": 2, "after": first["next"]})).json()
    ids = [draft["id"] for draft in first["drafts"] + rest["drafts"]]
    assert (ids, rest["next"]) == (sorted(ids, reverse=True), None)
    assert len(ids) == 3
