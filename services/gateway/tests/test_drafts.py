"""Drafts over the API: kept as typed, told when stale, numbers held, forgotten in the end."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from gateway_service import accepting, handlers
from patchbay_chassis.envelope import mint

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .drafting import NUMBERS, PIN, Wizard
from .owners import CUSTOMER, Owners


@pytest_asyncio.fixture
async def wizard(behind: Behind, gateway: Gateway) -> Wizard:
    wizard = Wizard(gateway.client, Owners(behind))
    await wizard.begin()
    return wizard


async def test_what_makes_no_sense_is_kept_as_it_was_typed(wizard: Wizard) -> None:
    typed = {"name": "x" * 2_000, "email": "not an address", "phone": "\0' OR 1=1 --", "country": "<script>"}
    await wizard.done("PUT", "/customer", typed)
    kept = (await wizard.client.get(wizard.path)).json()["customer"]
    assert {name: kept[name] for name in typed} == typed


async def test_a_draft_begun_twice_under_an_id_is_one(wizard: Wizard) -> None:
    body = {"id": str(uuid4())}
    first, second = [await wizard.client.post("/v1/drafts", json=body) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    listed = (await wizard.client.get("/v1/drafts")).json()["drafts"]
    assert [draft["id"] for draft in listed].count(first.json()["id"]) == 1


async def test_nobody_learns_from_the_id_that_he_gives_which_drafts_others_have(wizard: Wizard) -> None:
    given = {"id": str(mint())}
    theirs = await wizard.client.post("/v1/drafts", json=given, headers={"X-API-Key": BOREALIS})
    mine = await wizard.client.post("/v1/drafts", json=given)
    assert (theirs.status_code, mine.status_code) == (201, 201)
    assert len({given["id"], theirs.json()["id"], mine.json()["id"]}) == 3
    assert UUID(mine.json()["id"]).version == 7
    await wizard.client.post("/v1/drafts", json={})
    newest_first = [draft["id"] for draft in (await wizard.client.get("/v1/drafts")).json()["drafts"]]
    assert newest_first.index(mine.json()["id"]) == 1


async def test_a_customer_that_is_there_is_called_by_name_in_a_list(wizard: Wizard) -> None:
    await wizard.done("PUT", "/customer", {"kind": "existing", "id": CUSTOMER["id"]})
    (listed,) = (await wizard.client.get("/v1/drafts")).json()["drafts"]
    assert listed["customer"] == "Ada Lovelace"


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


async def test_who_writes_at_the_same_moment_overwrites_nothing(wizard: Wizard) -> None:
    for key in "abcd":
        await wizard.done("PUT", f"/services/{key}", {"service_type": "voice-line"})
    seen = wizard.draft["version"]
    names = [wizard.send("PUT", "/customer", {"name": name}, version=seen) for name in ("Ada", "Eve")]
    searches = [wizard.send("POST", f"/services/{key}/search", {"prefix": "0121"}) for key in "abcd"]
    answers = await asyncio.gather(*names, *searches)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [412]
    services = (await wizard.client.get(wizard.path)).json()["services"]
    assert [service["search"]["prefix"] for service in services] == ["0121"] * 4


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
