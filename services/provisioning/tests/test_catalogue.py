"""The service catalogue over HTTP: what is sold to whom, and how versions come into force, on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from patchbay_contracts.catalogue import Terms
from provisioning_service import catalogue_queries
from provisioning_service.catalogue import ALWAYS
from provisioning_service.seed_catalogue import ENTRIES

from .catalogue_serving import WHO, Served
from .entries import entry, schema

TODAY = datetime.now(UTC).date()
TOMORROW, YESTERDAY = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))
NEW_TERMS = Terms(version="2", text="Be fair, and pay.")


async def state(served: Served, version: int = 1) -> Any:
    return await served.ask("/catalogue/version", service_type="voice-line", version=version)


async def test_what_may_be_sold_today_is_listed_for_each_reseller(served: Served) -> None:
    async with served.database.transaction() as db:
        await catalogue_queries.publish_first(db, "bridge", entry(name="Bridge", resellers=("acme",)), ALWAYS)
    both = await served.ask("/catalogue/list", resellers=["acme", "borealis"])
    assert [(one["name"], one["resellers"]) for one in both["service_types"]] == [
        ("Bridge", ["acme"]),
        ("Voice line", ["acme", "borealis"]),
    ]


async def test_a_type_that_only_acme_may_sell_is_not_there_for_borealis(served: Served) -> None:
    async with served.database.transaction() as db:
        await catalogue_queries.publish_first(db, "bridge", entry(resellers=("acme",)), ALWAYS)
    listed = await served.ask("/catalogue/list", resellers=["borealis"])
    assert [one["service_type"] for one in listed["service_types"]] == ["voice-line"]
    hidden = await served.post("/catalogue/get", resellers=["borealis"], service_type="bridge")
    nobodys = await served.post("/catalogue/get", resellers=["borealis"], service_type="teleport")
    assert (hidden.status_code, hidden.json()) == (404, nobodys.json())
    terms = await served.ask("/catalogue/terms", resellers=["borealis"], service_types=["bridge"])
    assert terms["terms"] == []
    assert (await served.post("/catalogue/get", resellers=["acme"], service_type="bridge")).status_code == 200


async def test_terms_come_with_the_hash_of_their_text(served: Served) -> None:
    asked = {"resellers": ["acme"], "service_types": ["voice-line", "teleport"]}
    (terms,) = (await served.ask("/catalogue/terms", **asked))["terms"]
    assert (terms["version"], terms["text"]) == ("1", "Be fair.")
    assert terms["hash"] == sha256(b"Be fair.").hexdigest()


async def test_terms_that_were_agreed_to_can_be_read_when_others_are_in_force(served: Served) -> None:
    await served.publish(await served.draft(entry(terms=NEW_TERMS)), str(TODAY))
    hashes = {"1": sha256(b"Be fair.").hexdigest(), "2": sha256(NEW_TERMS.text.encode()).hexdigest()}
    terms = [{"service_type": "voice-line", "version": version, "hash": of} for version, of in hashes.items()]
    terms += [terms[0] | {"hash": "0" * 64}, terms[0] | {"service_type": "teleport"}]
    found = await served.ask("/catalogue/terms/agreed", resellers=["acme"], terms=terms)
    assert [(one["version"], one["text"]) for one in found["terms"]] == [("1", "Be fair."), ("2", NEW_TERMS.text)]


async def test_a_version_that_is_published_for_today_is_sold_today(served: Served) -> None:
    draft = await served.draft(entry(name="Better line", terms=NEW_TERMS))
    assert (draft["version"], draft["state"], draft["in_force"]) == (2, "draft", False)
    published = await served.publish(draft, str(TODAY))
    assert (published["state"], published["in_force"]) == ("published", True)
    product = await served.ask("/catalogue/get", resellers=["acme"], service_type="voice-line")
    assert (product["name"], product["version"], product["terms_version"]) == ("Better line", 2, "2")
    assert not (await state(served))["in_force"]


async def test_a_version_for_tomorrow_is_not_sold_today_and_the_product_says_until_when(served: Served) -> None:
    await served.publish(await served.draft(entry(name="Better line")), TOMORROW)
    product = await served.ask("/catalogue/get", resellers=["acme"], service_type="voice-line")
    assert (product["name"], product["version"], product["valid_to"]) == ("Voice line", 1, TOMORROW)


async def test_a_draft_that_somebody_else_changed_is_not_overwritten(served: Served) -> None:
    await served.draft(entry(name="One"))
    await served.draft(entry(name="Two"), revision=1)
    body = {"service_type": "voice-line", "revision": 1, "entry": entry(name="Three")}
    stale = await served.post("/catalogue/draft", **WHO, **body)
    assert (stale.status_code, stale.json()["title"]) == (409, "This version was changed meanwhile")
    assert (await state(served, 2))["name"] == "Two"


async def test_a_draft_that_is_saved_again_is_saved_once(served: Served) -> None:
    first = await served.draft(entry(name="One"))
    assert await served.draft(entry(name="One")) == first
    log = await served.ask("/catalogue/log", service_type="voice-line")
    assert [one["what"] for one in log["entries"]] == ["drafted"]


async def test_a_dry_run_of_a_draft_says_what_it_would_be_or_why_not_and_saves_nothing(served: Served) -> None:
    body = WHO | {"service_type": "voice-line", "revision": 0, "dry_run": True}
    would = await served.ask("/catalogue/draft", **body, entry=entry(name="Better line"))
    assert (would["version"], would["revision"], would["entry"]["name"]) == (2, 1, "Better line")
    unchanged = entry(name="Better line", terms=Terms(version="1", text="Another text."))
    refused = await served.post("/catalogue/draft", **body, entry=unchanged)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/entry/terms/version")
    assert (await served.post("/catalogue/version", service_type="voice-line", version=2)).status_code == 404
    await served.draft(entry(name="One"))
    stale = await served.post("/catalogue/draft", **body, entry=entry(name="Two"))
    assert stale.status_code == 409


async def test_a_version_that_is_published_twice_is_published_once(served: Served) -> None:
    draft = await served.draft(entry(name="One"))
    first = await served.publish(draft, TOMORROW)
    assert await served.publish(draft, TOMORROW) == first
    which = {"service_type": "voice-line", "version": 2, "revision": 1}
    other = await served.post("/catalogue/publish", **WHO, **which, valid_from=str(TODAY + timedelta(days=9)))
    assert (other.status_code, other.json()["title"]) == (409, "This version was published before")
    log = await served.ask("/catalogue/log", service_type="voice-line")
    assert [one["what"] for one in log["entries"]] == ["published", "drafted"]


async def test_a_draft_that_changed_since_it_was_seen_is_not_published(served: Served) -> None:
    await served.draft(entry(name="One"))
    await served.draft(entry(name="Two"), revision=1)
    which = {"service_type": "voice-line", "version": 2, "revision": 1}
    stale = await served.post("/catalogue/publish", **WHO, **which, valid_from=TOMORROW)
    assert stale.status_code == 409
    assert (await state(served, 2))["state"] == "draft"


async def test_nothing_comes_into_force_in_the_past(served: Served) -> None:
    draft = await served.draft(entry(name="One"))
    which = {"service_type": "voice-line", "version": draft["version"], "revision": 1}
    refused = await served.post("/catalogue/publish", **WHO, **which, valid_from=YESTERDAY)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/valid_from")


async def test_other_terms_under_the_same_version_are_refused(served: Served) -> None:
    draft = await served.draft(entry(terms=Terms(version="1", text="Be unfair.")))
    which = {"service_type": "voice-line", "version": draft["version"], "revision": 1}
    refused = await served.post("/catalogue/publish", **WHO, **which, valid_from=TOMORROW)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/entry/terms/version")


async def test_a_retired_type_is_not_sold_any_more(served: Served) -> None:
    which = {"service_type": "voice-line", "version": 1, "revision": 1, "valid_to": str(TODAY)}
    retired = await served.ask("/catalogue/retire", **WHO, **which)
    assert (retired["state"], retired["in_force"]) == ("retired", False)
    assert await served.ask("/catalogue/retire", **WHO, **which) == retired
    assert (await served.ask("/catalogue/list", resellers=["acme"]))["service_types"] == []


async def test_a_version_taken_back_before_its_day_leaves_the_one_before_it(served: Served) -> None:
    await served.publish(await served.draft(entry(name="Better line")), TOMORROW)
    which = {"service_type": "voice-line", "version": 2, "revision": 2, "valid_to": TOMORROW}
    await served.ask("/catalogue/retire", **WHO, **which)
    product = await served.ask("/catalogue/get", resellers=["acme"], service_type="voice-line")
    assert (product["version"], product["valid_to"]) == (1, None)


async def test_a_bad_schema_is_refused_at_its_place(served: Served) -> None:
    bad = entry(
        settings_schema=schema(colour={"type": "string", "title": "Colour", "maxLength": 9, "$ref": "http://x"})
    )
    refused = await served.post("/catalogue/draft", **WHO, service_type="voice-line", entry=bad)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["pointer"] == "/entry/settings_schema/properties/colour/$ref"


async def test_who_changed_what_and_why_can_be_read_page_by_page(served: Served) -> None:
    await served.publish(await served.draft(entry(name="One")), TOMORROW)
    first = await served.ask("/catalogue/log", most=1)
    (newest,) = first["entries"]
    assert (newest["what"], newest["by"], newest["why"]) == ("published", WHO["by"], WHO["why"])
    assert newest["detail"] == {"valid_from": TOMORROW}
    second = await served.ask("/catalogue/log", most=1, after=first["next"])
    assert [one["what"] for one in second["entries"]] == ["drafted"]


async def test_a_diff_names_each_field_and_each_setting(served: Served) -> None:
    changed = schema(voicemail={"type": "boolean", "title": "Mailbox"}, beep={"type": "boolean", "title": "Beep"})
    await served.draft(entry(name="Better line", settings_schema=changed))
    diff = await served.ask("/catalogue/diff", service_type="voice-line", before=1, after=2)
    assert [(one["pointer"], one["what"]) for one in diff["differences"]] == [
        ("/name", "changed"),
        ("/settings_schema/properties/voicemail", "changed"),
        ("/settings_schema/properties/beep", "added"),
    ]


async def test_it_is_known_whose_services_a_version_would_refuse(served: Served) -> None:
    good, bad = '{"settings":{},"settings_by_number":{}}', '{"settings":{"voicemail":true},"settings_by_number":{}}'
    insert = (
        "INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list, numbers,"
        " settings, state) VALUES ($1, $1, 0, 1, $2, $1, 'voice-line', 'x', '{441214960001}', $3, $4)"
    )
    async with served.database.transaction() as db:
        for reseller, kept, now in (("acme", good, "active"), ("borealis", bad, "active"), ("acme", bad, "withdrawn")):
            await db.execute(insert, uuid4(), reseller, kept, now)
    await served.draft(entry(resellers=("borealis",), settings_schema=schema()))
    found = await served.ask("/catalogue/affected", service_type="voice-line", version=2)
    assert (found["services"], found["checked"], found["refused"]) == (2, 2, 1)
    assert (found["resellers"], found["losing"]) == ({"acme": 1, "borealis": 1}, ["acme"])
    assert [(one["reseller"], one["pointer"]) for one in found["sample"]] == [("borealis", "/voicemail")]


async def test_what_the_demo_sells_could_be_published_as_it_is(served: Served) -> None:
    for name, one in ENTRIES.items():
        draft = await served.draft(one, service_type=f"my-{name}")
        await served.publish(draft, str(TODAY))
    product = await served.ask("/catalogue/get", resellers=["acme"], service_type="my-voice-line")
    assert {one["kind"] for one in product["settings"]} >= {"text", "yes_no", "destination", "time_plan", "choice"}


async def test_a_version_says_its_settings_for_pages_and_who_may_sell_it(served: Served) -> None:
    draft = await served.draft(entry(resellers=("acme",)), service_type="acme-line")
    shown = await served.ask("/catalogue/version", service_type="acme-line", version=draft["version"])
    assert [(one["name"], one["kind"], one["title"]) for one in shown["settings"]] == [
        ("voicemail", "yes_no", "Voicemail")
    ]
    listed = await served.ask("/catalogue/versions", service_type="acme-line")
    assert [one["resellers"] for one in listed["versions"]] == [["acme"]]


async def test_a_schema_that_is_nested_beyond_measure_is_refused(served: Served) -> None:
    nested = b'{"properties":' * 50_000 + b"{}" + b"}" * 50_000
    good = b'{"service_type":"voice-line","by":"a","why":"b","entry":'
    good += entry(settings_schema={"it": "here"}).model_dump_json().encode() + b"}"
    answer = await served.client.post("/catalogue/draft", content=good.replace(b'{"it":"here"}', nested))
    assert answer.status_code == 422
    assert await served.ask("/catalogue/log") == {"entries": [], "next": None}


async def test_two_who_draft_at_the_same_time_make_one_draft(served: Served) -> None:
    def draft(name: str) -> Any:
        return served.post("/catalogue/draft", **WHO, service_type="new-line", entry=entry(name=name))

    answers = await asyncio.gather(draft("One"), draft("Two"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    log = await served.ask("/catalogue/log", service_type="new-line")
    assert len(log["entries"]) == 1
