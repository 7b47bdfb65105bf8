"""The wizard's tabs: what is typed is kept wherever one goes, a stale tab is told, nobody sees what is not theirs."""

from typing import Any

import pytest

from .clerk import Clerk
from .operators import BEN
from .owners import CUSTOMER, PRODUCT

TABS = ("customer", "service", "numbers", "settings", "billing", "creation", "notifications")
LEADS = [("back", ""), ("next", ""), ("numbers", ""), ("/orders", ""), ("", "update")]


@pytest.mark.parametrize(("go", "act"), LEADS)
async def test_a_customer_is_kept_whatever_is_pressed(clerk: Clerk, go: str, act: str) -> None:
    typed = {"name": "Ada", "email": "no address", "address_lines-0": "1 High Street", "contacts-0-name": "Bob"}
    await clerk.press(act, go, pin="90210", **typed)
    await clerk.go("customer")
    assert {name: clerk.form.fields[name] for name in typed} == {name: [value] for name, value in typed.items()}
    assert clerk.form.fields["pin"] == [""]
    assert (await clerk.draft()).document.customer.sealed_pin


@pytest.mark.parametrize(("go", "act"), LEADS)
async def test_a_service_type_is_kept_whatever_is_pressed(clerk: Clerk, go: str, act: str) -> None:
    await clerk.go("service")
    await clerk.press(act, go, service_type="voice-line")
    await clerk.go("service")
    assert clerk.form.fields["service_type"] == ["voice-line"]


@pytest.mark.parametrize(("go", "act"), LEADS)
async def test_a_search_is_kept_whatever_is_pressed(clerk: Clerk, go: str, act: str) -> None:
    await clerk.fill()
    await clerk.go("numbers")
    await clerk.press(act, go, prefix="0121", segments="77 12", in_order="yes")
    await clerk.go("numbers")
    assert [clerk.form.fields[name] for name in ("prefix", "segments", "in_order")] == [["0121"], ["77 12"], ["yes"]]


@pytest.mark.parametrize(("go", "act"), LEADS)
async def test_settings_and_price_lists_are_kept_whatever_is_pressed(clerk: Clerk, go: str, act: str) -> None:
    await clerk.fill()
    await clerk.go("settings")
    own = "services-0-settings_by_number-+441217377007-greeting"
    await clerk.press(act, go, **{"services-0-settings-greeting": "Hello", own: "Hi", "grouping": "each"})
    await clerk.go("settings")
    assert [clerk.form.fields[name] for name in ("services-0-settings-greeting", own)] == [["Hello"], ["Hi"]]
    assert clerk.form.fields["grouping"] == ["each"]
    await clerk.go("billing")
    await clerk.press(act, go, **{"price_list-s1": "summer-gbp"})
    await clerk.go("billing")
    assert clerk.form.fields["price_list-s1"] == ["summer-gbp"]


@pytest.mark.parametrize(("go", "act"), LEADS)
async def test_ticks_and_reasons_are_kept_whatever_is_pressed(clerk: Clerk, go: str, act: str) -> None:
    await clerk.fill()
    await clerk.go("numbers")
    await clerk.press("remove:441217377777")
    await clerk.press(act, go, ticked=["441217377777", "441217370001"])
    await clerk.go("numbers")
    assert clerk.form.fields["ticked"] == ["441217377777", "441217370001"], "also what is not listed any more"
    clerk.owners.find("customer", "looks_like_another", severity="warning", message="There is one like it.")
    await clerk.go("creation")
    (reason,) = [name for name in clerk.form.fields if name.startswith("reason-")]
    await clerk.press(act, go, **{reason: "another branch"})
    await clerk.go("creation")
    assert clerk.form.fields[reason] == ["another branch"]
    await clerk.go("numbers")
    await clerk.press("add_ticked")
    await clerk.go("numbers")
    assert "ticked" not in clerk.form.fields
    assert (await clerk.draft()).document.numbers == (441217377007, 441217377777, 441217370001)


STALE: dict[str, tuple[dict[str, Any], str]] = {
    "customer": ({"name": "Grace", "contacts-0-name": "Bob"}, "update"),
    "service": ({"service_type": "-"}, "choose"),
    "numbers": ({"prefix": "0121"}, "remove:441217377007"),
    "settings": ({"services-0-settings-greeting": "Hello", "grouping": "each"}, "update"),
    "billing": ({"price_list-s1": "summer-gbp"}, "change"),
    "creation": ({"agree": None}, "update"),
}


@pytest.mark.parametrize("tab", STALE)
async def test_a_stale_tab_is_told_overwrites_nothing_and_loses_nothing(clerk: Clerk, tab: str) -> None:
    typed, act = STALE[tab]
    await clerk.fill()
    stale = clerk.beside()
    await stale.go(tab)
    await clerk.go("customer")
    await clerk.press("update", phone="0121 496 0000")
    before = await clerk.draft()
    answer = await stale.press(act, **typed)
    assert answer.status_code == 412
    assert "was changed meanwhile" in stale.form.seen
    after = await clerk.draft()
    assert (after.version, after.document.services) == (before.version, before.document.services)
    assert after.document.customer == before.document.customer
    shown = {name: stale.form.fields.get(name) for name in typed}
    assert shown == {name: [value] if value else None for name, value in typed.items()}
    assert (await stale.press(act)).status_code == 200, "with what it shows now, it may go on"


async def test_a_second_service_that_was_refused_is_no_change_of_the_first(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("service", "?service=new")
    await clerk.beside().go("customer")
    answer = await clerk.press("choose", service_type="voice-line", version="0")
    assert (answer.status_code, clerk.form.fields["service"]) == (412, [""])
    await clerk.press("choose")
    assert [one.key for one in (await clerk.draft()).document.services] == ["s1", "s2"]


async def test_adding_another_service_keeps_the_one_that_was_just_chosen(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("service", "?service=new")
    await clerk.press("another", service_type="voice-line")
    assert len((await clerk.draft()).document.services) == 2
    assert clerk.form.fields["service"] == [""]


async def test_the_service_that_was_worked_on_stays_from_tab_to_tab(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("service", "?service=new")
    await clerk.press(go="next", service_type="voice-line")
    assert (clerk.tab, clerk.form.fields["service"]) == ("numbers", ["s2"])
    for go, tab in (("next", "settings"), ("back", "numbers"), ("service", "service"), ("settings", "settings")):
        await clerk.press(go=go)
        assert (clerk.tab, clerk.form.fields["service"]) == (tab, ["s2"])


@pytest.mark.parametrize("tab", TABS)
async def test_a_foreign_draft_is_not_there(clerk: Clerk, tab: str) -> None:
    rival = Clerk(clerk.gateway, clerk.owners)
    await rival.sign_in(BEN, resellers=("borealis",))
    rival.id, rival.form = clerk.id, clerk.form
    assert (await rival.go(tab)).status_code == 404
    for act in ("update", "create", "finish", "reopen", "import", "remove:s1"):
        assert (await rival.send(act, csrf=await rival.visitor.token("/wizard"))).status_code == 404
    for path in ("", "/settings.csv", "/mails/0"):
        assert (await rival.visitor.get(f"/wizard/{clerk.id}{path}")).status_code == 404
    answer = await rival.visitor.post(f"/wizard/{clerk.id}/discard", {}, on="/wizard")
    assert (answer.status_code, (await clerk.draft()).state) == (404, "open")


@pytest.mark.parametrize("tab", TABS)
async def test_without_the_role_or_the_token_nothing_is_seen_or_taken(clerk: Clerk, tab: str) -> None:
    await clerk.go(tab)
    assert (await clerk.send("update", csrf="")).status_code == 403
    other = Clerk(clerk.gateway, clerk.owners)
    await other.sign_in(BEN, roles=("billing",))
    other.id = clerk.id
    assert (await other.go(tab)).status_code == 403
    token = await other.visitor.token("/account")
    assert (await other.send("update", csrf=token, version="1")).status_code == 403


async def test_only_a_customer_account_leads_from_service_to_billing_and_back(clerk: Clerk) -> None:
    await clerk.go("service")
    await clerk.press(go="next", service_type="-")
    assert clerk.tab == "billing"
    await clerk.press(go="back")
    assert clerk.tab == "service"
    assert clerk.form.fields["service_type"] == ["-"]
    await clerk.press(go="next", service_type="voice-line")
    assert clerk.tab == "numbers"


@pytest.mark.parametrize("looked_for", ["Ada", "0121 737"])
async def test_an_existing_customer_is_found_chosen_and_kept(clerk: Clerk, looked_for: str) -> None:
    await clerk.press("update", kind="existing", name="Typed before")
    await clerk.press("find", find=looked_for)
    await clerk.press(go="next", find=f"{looked_for} ")
    await clerk.go("customer")
    assert clerk.form.fields["find"] == [looked_for]
    assert "Ada Lovelace" in clerk.form.seen
    await clerk.press("update", id=CUSTOMER["id"])
    await clerk.press(go="next")
    document = (await clerk.draft()).document
    assert (str(document.customer.id), document.customer.name) == (CUSTOMER["id"], "Typed before")
    await clerk.press(go="next", service_type="voice-line")
    assert clerk.tab == "numbers"
    assert "the existing customer's pool" in clerk.form.seen
    await clerk.go("customer")
    await clerk.press("update", kind="new")
    assert clerk.form.fields["name"] == ["Typed before"]


async def test_a_customer_of_another_reseller_is_none_here(clerk: Clerk) -> None:
    await clerk.press("update", kind="existing", reseller="borealis", id=CUSTOMER["id"])
    assert (await clerk.draft()).reseller == "borealis"
    assert "Ada Lovelace" not in clerk.form.seen


async def test_a_setting_appears_once_its_condition_holds(clerk: Clerk) -> None:
    of = {"name": "mailbox", "kind": "text", "title": "Mailbox"}
    when = [{"setting": "voicemail", "is": "one_of", "values": [True]}]
    clerk.owners.product = PRODUCT | {"settings": [*PRODUCT["settings"], of | {"when": when}]}  # type: ignore[misc]
    await clerk.fill()
    await clerk.go("settings")
    assert "services-0-settings-mailbox" not in clerk.form.fields
    await clerk.press("update", **{"services-0-settings-voicemail": "yes"})
    assert clerk.form.fields["services-0-settings-mailbox"] == [""]


async def test_settings_are_applied_to_all_and_copied(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("settings")
    first, second = (f"services-0-settings_by_number-+4412173{n}-greeting" for n in ("77007", "77777"))
    await clerk.press("copy:441217377777", **{first: "Hi", "copy-441217377777": "441217377007"})
    assert clerk.form.fields[second] == ["Hi"]
    await clerk.press("everywhere:441217377777", **{second: "Hello"})
    service = (await clerk.draft()).document.services[0]
    assert (service.settings, service.settings_by_number) == ({"greeting": "Hello"}, {})


async def test_rows_of_a_csv_that_make_no_sense_are_named_and_the_others_taken(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("settings")
    rows = "number,greeting\n+441217377007,=1+1\n<script>,x\n+4499,\n"
    answer = await import_csv(clerk, rows.encode())
    assert answer.status_code == 303
    await clerk.go("settings")
    assert "1 row was taken" in clerk.form.seen
    assert "Line 3, <script>" in clerk.form.seen
    assert (await clerk.draft()).document.services[0].settings_by_number[441217377007] == {"greeting": "=1+1"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"nothing\nhere\n", b"number,number\n", None])
async def test_a_file_that_is_no_csv_of_settings_is_refused_at_its_field(clerk: Clerk, content: bytes | None) -> None:
    await clerk.fill()
    await clerk.go("settings")
    answer = await import_csv(clerk, content)
    assert answer.status_code == 422
    assert 'href="#csv"' in answer.text


async def import_csv(clerk: Clerk, content: bytes | None, **headers: str) -> Any:
    files = {"csv": ("" if content is None else "settings.csv", content or b"")}
    fields = {**clerk.form.fields, "act": "import"}
    return await clerk.visitor.client.post(f"/wizard/{clerk.id}/settings", data=fields, files=files, headers=headers)


async def test_drafts_to_go_on_with_are_listed_page_by_page(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway_service.pages.wizard_start.PAGE", 2)
    begun = [clerk.id]
    for _ in range(4):
        await clerk.begin()
        begun.append(clerk.id)
    seen, address = list[str](), "/wizard"
    while address:
        page = (await clerk.visitor.get(address)).text
        seen += [id_ for id_ in reversed(begun) if f'href="/wizard/{id_}"' in page]
        address = page.partition('rel="next" href="')[2].partition('"')[0]
    assert seen == begun[::-1]
