"""The catalogue is looked after by administrators: written, compared, published, retired; nothing typed is lost."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from .administered import TODAY
from .behind import Behind
from .catalogued import ENTRY, SERVICE, Catalogue
from .conftest import Gateway
from .operators import ANNA, BEN, Visitor, add_operator
from .test_in_a_browser import Check, sign_in
from .test_price_list_pages import visitor

DRAFT = "/catalogue/voice-line/draft"
SECOND = "/catalogue/voice-line/versions/2"
TYPED: dict[str, Any] = {
    "revision": "0",
    "name": "Voice line, new",
    "description": "A line.",
    "included": "One line\nA voicemail box",
    "schema": '{"type": "object", "properties": {"fax": {"type": "boolean"}}}',
    "least": "1",
    "most": "3",
    "grades": ["gold", "silver"],
    "prefixes": "44121 44161",
    "countries": "44",
    "needs": "sip-trunk",
    "excludes": "",
    "most_per_order": "",
    "most_per_customer": "5",
    "terms_version": "2",
    "terms_text": "Be fair, and pay.",
    "resellers": "",
    "why": "a voicemail box for all",
}
PUBLISH = {"revision": "1", "valid_from": str(TODAY), "why": "agreed", "confirm": "yes"}


@pytest.fixture
def catalogue(behind: Behind) -> Catalogue:
    return Catalogue(behind)


async def test_without_the_role_of_an_administrator_nothing_is_seen(catalogue: Catalogue, gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator", "billing"))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    for path in ("/catalogue", "/catalogue/new", DRAFT, "/catalogue/voice-line/log"):
        assert (await ben.get(path)).status_code == 403


async def test_a_version_shows_all_it_says(catalogue: Catalogue, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    assert "acme-line" in (await anna.get("/catalogue")).text
    page = (await anna.get("/catalogue/voice-line/versions/1")).text
    for said in ("A telephone line.", "One line", "Yes or no", "1 to 2", "gold", "fax-to-email", "Be fair.", "a" * 64):
        assert said in page
    for path in ("nothing", "No No", "voice-line/versions/9", "voice-line/versions/1/diff?to=7"):
        assert (await anna.get(f"/catalogue/{path}")).status_code == 404


async def test_a_draft_is_saved_published_and_retired_and_the_log_says_by_whom(
    catalogue: Catalogue, gateway: Gateway
) -> None:
    anna = await visitor(gateway)
    saved = await anna.post(DRAFT, TYPED)
    assert saved.headers["location"] == f"{SECOND}?done=saved"
    entry = catalogue.newest("voice-line").entry
    assert entry.included == ("One line", "A voicemail box")
    assert (entry.numbers.most, entry.numbers.grades, entry.customers.most_per_customer) == (3, ("gold", "silver"), 5)
    assert "could not be ordered so any more" in (await anna.get(SECOND)).text
    assert (await anna.post(f"{SECOND}/publish", PUBLISH, on=SECOND)).headers["location"] == f"{SECOND}?done=published"
    assert catalogue.newest("voice-line").valid_from == TODAY
    retire = {"revision": "1", "valid_to": str(TODAY), "why": "too dear", "confirm": "yes"}
    assert (await anna.post(f"{SECOND}/retire", retire, on=SECOND)).status_code == 303
    log = (await anna.get("/catalogue/voice-line/log")).text
    for said in (f"operator:{ANNA}", TYPED["why"], "agreed", "too dear"):
        assert said in log


async def test_what_nobody_changed_stays_as_it_is_to_the_last_blank(catalogue: Catalogue, gateway: Gateway) -> None:
    """Terms are known by their hash."""
    anna = await visitor(gateway)
    same = {"description": ENTRY.description, "terms_text": ENTRY.terms.text, "terms_version": "1"}
    await anna.post(DRAFT, TYPED | same)
    entry = catalogue.newest("voice-line").entry
    assert (entry.terms, entry.description) == (ENTRY.terms, ENTRY.description)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x07b"),
        ("description", "x" * 60_001),
        ("description", "a\x1bb"),
        ("included", "x" * 201),
        ("included", "\n".join("x" * 31)),
        ("schema", ""),
        ("schema", "{"),
        ("schema", "[]"),
        ("schema", '{"a": 1, "a": 2}'),
        ("schema", '{"a": NaN}'),
        ("schema", '{"a": 99999999999999999999}'),
        ("schema", "[" * 60_000),
        ("schema", " " + '"x' * 40_000),
        ("schema", '{"properties": {"badly": {"made": "<script>alert(1)</script>"}}}'),
        ("least", ""),
        ("least", "-1"),
        ("most", "1001"),
        ("most", "=1+1"),
        ("most", "9" * 5000),
        ("prefixes", "0121"),
        ("prefixes", "<script>alert(1)</script>"),
        ("countries", "GB"),
        ("needs", "A B"),
        ("excludes", "x" * 61),
        ("most_per_order", "0"),
        ("most_per_customer", "many"),
        ("terms_version", ""),
        ("terms_version", "x" * 201),
        ("terms_text", ""),
        ("terms_text", "a\x00\x01"),
        ("resellers", "A; DROP TABLE"),
        ("why", ""),
        ("why", "a\nb"),
    ],
)
async def test_what_is_wrong_with_a_draft_is_said_at_its_field_and_nothing_is_lost(
    catalogue: Catalogue, gateway: Gateway, field: str, value: str
) -> None:
    anna = await visitor(gateway)
    page = await anna.post(DRAFT, TYPED | {field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "<script>alert" not in page.text
    for name in ("name", "prefixes", "terms_version", "why"):
        assert name == field or f'value="{TYPED[name]}"' in page.text
    assert catalogue.newest("voice-line").version == 1


@pytest.mark.parametrize(
    ("schema", "place"),
    [('{\n  "a": ,\n}', "Line 2, column 8"), ('{"properties": {"badly": {}}}', "/properties/badly")],
)
async def test_what_is_wrong_with_a_schema_is_named_by_its_place(
    catalogue: Catalogue, gateway: Gateway, schema: str, place: str
) -> None:
    assert place in (await (await visitor(gateway)).post(DRAFT, TYPED | {"schema": schema})).text


async def test_who_was_slower_is_told_and_keeps_what_was_typed(catalogue: Catalogue, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    catalogue.someone_else_saves("voice-line")
    stale = await anna.post(DRAFT, TYPED | {"revision": "1", "name": "Mine"})
    assert stale.status_code == 422
    assert "Somebody else changed this draft meanwhile" in stale.text
    assert 'value="Mine"' in stale.text
    assert 'name="revision" value="2"' in stale.text
    page = await anna.post(f"{SECOND}/publish", PUBLISH, on=SECOND)
    assert (page.status_code, "changed meanwhile" in page.text) == (422, True)
    assert catalogue.newest("voice-line").state == "draft"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2001-01-01"}, "valid_from"),
        ({"valid_from": "<i>"}, "valid_from"),
        ({"why": ""}, "why"),
        ({"why": "x" * 201}, "why"),
        ({"confirm": ""}, "confirm"),
    ],
)
async def test_what_is_published_needs_a_day_a_reason_and_a_confirmation(
    catalogue: Catalogue, gateway: Gateway, changes: dict[str, str], field: str
) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    page = await anna.post(f"{SECOND}/publish", PUBLISH | changes, on=SECOND)
    assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True)
    assert catalogue.newest("voice-line").state == "draft"


async def test_a_new_service_type_has_an_id_of_its_own(catalogue: Catalogue, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    for id_ in ("", "A line", "new", "voice-line"):
        page = await anna.post("/catalogue/new", TYPED | {"service_type": id_})
        assert (page.status_code, 'id="service_type-error"' in page.text) == (422, True)
    made = await anna.post("/catalogue/new", TYPED | {"service_type": "new-line"})
    assert made.headers["location"] == "/catalogue/new-line/versions/1?done=saved"


async def test_what_is_for_all_is_changed_by_the_house_alone(catalogue: Catalogue, gateway: Gateway) -> None:
    ben = await visitor(gateway, BEN, resellers=("acme",))
    assert "Write a draft" not in (await ben.get("/catalogue/voice-line")).text
    assert "Retire this version" not in (await ben.get("/catalogue/voice-line/versions/1")).text
    retire = {"revision": "1", "valid_to": str(TODAY), "why": "why not", "confirm": "yes"}
    for path, fields in ((DRAFT, TYPED), ("/catalogue/voice-line/versions/1/retire", retire)):
        assert (await ben.post(path, fields, on="/catalogue/new")).status_code == 403
    assert (await ben.get("/catalogue/voice-line/log")).status_code == 403
    own = "/catalogue/acme-line/draft"
    for resellers in ("", "acme borealis"):
        assert 'id="resellers-error"' in (await ben.post(own, TYPED | {"resellers": resellers})).text
    assert (await ben.post(own, TYPED | {"resellers": "acme"})).status_code == 303
    assert "of borealis" not in (await ben.get("/catalogue/acme-line/versions/2")).text


async def test_what_others_alone_may_sell_is_not_seen(catalogue: Catalogue, gateway: Gateway) -> None:
    ben = await visitor(gateway, BEN, resellers=("borealis",))
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    assert "acme-line" not in (await ben.get("/catalogue")).text
    for path in ("acme-line", "acme-line/versions/1", "acme-line/draft", "voice-line/versions/2"):
        assert (await ben.get(f"/catalogue/{path}")).status_code == 404
    taken = await ben.post("/catalogue/new", TYPED | {"service_type": "acme-line", "resellers": "borealis"})
    assert 'id="service_type-error"' in taken.text


async def test_two_versions_are_compared_in_the_words_of_the_form(catalogue: Catalogue, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    voicemail = {"type": "boolean", "title": "Voicemail", "default": True}
    await anna.post(DRAFT, TYPED | {"schema": json.dumps({"type": "object", "properties": {"voicemail": voicemail}})})
    page = (await anna.get(f"{SECOND}/diff")).text
    assert "/settings_schema" not in page
    for text in ("Setting Voicemail", "To begin with: No.", "To begin with: Yes.", "Sold by", "all resellers"):
        assert text in page
    assert "<td>No</td>" in (await anna.get("/catalogue/voice-line/versions/1")).text
    assert "&lt;b&gt;Line&lt;/b&gt;" in page


async def test_a_draft_is_written_by_keyboard_alone_and_faults_lead_to_their_field(
    catalogue: Catalogue, gateway: Gateway, page: Page, axe: Check
) -> None:
    await visitor(gateway)
    await sign_in(page)
    await page.goto(DRAFT)
    await page.get_by_label("Settings as JSON Schema").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("{")
    await page.get_by_label("Reason of the change").focus()
    await page.keyboard.type("fewer settings")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await axe(page)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Settings as JSON Schema")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("{}")
    await page.get_by_role("button", name="Save the draft").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("The draft is saved.")
    assert catalogue.newest("voice-line").entry.settings_schema == {}
    await page.get_by_role("link", name=str(SERVICE)).wait_for()
