"""Price lists are looked after by the billing role: drafted, compared, imported, published; nothing typed is lost."""

import pytest
from playwright.async_api import Page, expect

from .administered import TODAY, PriceLists
from .behind import Behind
from .conftest import Gateway
from .operators import ANNA, BEN, Visitor, add_operator
from .test_in_a_browser import Check, sign_in

GRADES = ("platinum", "gold", "silver", "bronze", "standard")
DRAFT = "/price-lists/standard-gbp/draft"
TYPED = {
    "revision": "0",
    "rows": "1",
    "p0-type": "voice-line",
    "p0-service-setup": "6.00",
    "p0-service-monthly": "9",
    "p0-gold-setup": "75",
    "p0-gold-monthly": "5.1234",
    "name": "Standard of next year",
    "tax_note": "plus 20 % VAT",
    "why": "the yearly increase",
    "do": "save",
}


@pytest.fixture
def lists(behind: Behind) -> PriceLists:
    return PriceLists(behind)


async def visitor(gateway: Gateway, email: str = ANNA, *, resellers: tuple[str, ...] = ("*",)) -> Visitor:
    await add_operator(gateway, email, roles=("billing", "administrator"), resellers=resellers)
    made = Visitor(gateway)
    await made.sign_in(email)
    return made


async def test_without_the_billing_role_nothing_is_seen(lists: PriceLists, gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator", "administrator"))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    for path in ("/price-lists", "/price-lists/new", DRAFT, "/price-lists/standard-gbp/versions/1.csv"):
        assert (await ben.get(path)).status_code == 403
    assert lists.scopes == []


async def test_a_list_shows_its_versions_prices_and_whom_it_affects(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    assert "acme-gbp" in (await anna.get("/price-lists")).text
    one = (await anna.get("/price-lists/standard-gbp")).text
    assert "£25.50" in one
    assert "Write a draft" in one
    version = (await anna.get("/price-lists/standard-gbp/versions/1")).text
    assert "5.00 + 8.50" in version
    assert (await anna.get("/price-lists/nothing")).status_code == 404
    assert (await anna.get("/price-lists/standard-gbp/versions/9")).status_code == 404
    assert (await anna.get("/price-lists/Not A Slug")).status_code == 404


async def test_a_draft_is_saved_for_whom_the_operator_may_act_and_then_published(
    lists: PriceLists, gateway: Gateway
) -> None:
    anna = await visitor(gateway)
    saved = await anna.post(DRAFT, TYPED)
    assert saved.headers["location"] == "/price-lists/standard-gbp/versions/2?done=saved"
    draft = lists.newest("standard-gbp")
    assert (draft.name, draft.changed_by, draft.why) == (TYPED["name"], f"operator:{ANNA}", TYPED["why"])
    assert [(p.grade, str(p.setup), str(p.monthly)) for p in draft.prices] == [
        (None, "6.00", "9"),
        ("gold", "75", "5.1234"),
    ]
    page = "/price-lists/standard-gbp/versions/2"
    shown = (await anna.get(page)).text
    assert "75.00 + 5.1234" in shown
    fields = {"revision": "1", "valid_from": str(TODAY), "why": "agreed", "confirm": "yes"}
    done = await anna.post(f"{page}/publish", fields, on=page)
    assert done.headers["location"] == f"{page}?done=published"
    assert lists.newest("standard-gbp").valid_from == TODAY
    assert lists.scopes[-1] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x07b"),
        ("tax_note", "x" * 201),
        ("tax_note", "a\nb"),
        ("why", ""),
        ("why", "x" * 201),
        ("p0-service-setup", ""),
        ("p0-service-monthly", "=1+1"),
        ("p0-gold-setup", "-1"),
        ("p0-gold-setup", "1e3"),
        ("p0-gold-monthly", "<script>alert(1)</script>"),
        ("p0-gold-monthly", "1.23456"),
        ("p0-gold-monthly", "1000001"),
        ("p0-gold-monthly", "9" * 5000),
    ],
)
async def test_what_is_wrong_with_a_draft_is_said_at_its_field_and_nothing_is_lost(
    lists: PriceLists, gateway: Gateway, field: str, value: str
) -> None:
    anna = await visitor(gateway)
    page = await anna.post(DRAFT, TYPED | {field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "<script>alert" not in page.text
    for name in ("name", "tax_note", "why", "p0-gold-setup"):
        assert name == field or f'value="{TYPED[name]}"' in page.text
    assert lists.newest("standard-gbp").version == 1


async def test_who_was_slower_is_told_and_keeps_what_was_typed(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    lists.someone_else_saves("standard-gbp")
    stale = await anna.post(DRAFT, TYPED | {"revision": "1", "name": "Mine"})
    assert stale.status_code == 422
    assert "Somebody else changed this draft meanwhile" in stale.text
    assert 'value="Mine"' in stale.text
    assert 'name="revision" value="2"' in stale.text
    assert (await anna.post(DRAFT, TYPED | {"revision": "2", "name": "Mine"})).status_code == 303
    assert lists.newest("standard-gbp").name == "Mine"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2001-01-01"}, "valid_from"),
        ({"valid_from": "x" * 300}, "valid_from"),
        ({"valid_to": "soon"}, "valid_to"),
        ({"valid_to": "2020-01-01"}, "valid_to"),
        ({"why": ""}, "why"),
        ({"why": "a\tb\x1b"}, "why"),
        ({"confirm": ""}, "confirm"),
    ],
)
async def test_what_is_published_needs_a_day_a_reason_and_a_confirmation(
    lists: PriceLists, gateway: Gateway, changes: dict[str, str], field: str
) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    page = "/price-lists/standard-gbp/versions/2"
    fields = {"revision": "1", "valid_from": str(TODAY), "why": "agreed", "confirm": "yes"} | changes
    answer = await anna.post(f"{page}/publish", fields, on=page)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert lists.newest("standard-gbp").state == "draft"


async def test_a_draft_that_changed_since_it_was_looked_at_is_not_published(
    lists: PriceLists, gateway: Gateway
) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    lists.someone_else_saves("standard-gbp")
    page = "/price-lists/standard-gbp/versions/2"
    fields = {"revision": "1", "valid_from": str(TODAY), "why": "agreed", "confirm": "yes"}
    answer = await anna.post(f"{page}/publish", fields, on=page)
    assert (answer.status_code, "changed meanwhile" in answer.text) == (422, True)
    assert lists.newest("standard-gbp").state == "draft"


async def test_the_lists_of_the_house_are_changed_by_the_house_alone(lists: PriceLists, gateway: Gateway) -> None:
    ben = await visitor(gateway, BEN, resellers=("acme",))
    assert "Write a draft" not in (await ben.get("/price-lists/standard-gbp")).text
    assert (await ben.get(DRAFT)).status_code == 403
    assert (await ben.post(DRAFT, TYPED, on="/price-lists/new")).status_code == 403
    assert (await ben.post("/price-lists/acme-gbp/draft", TYPED)).status_code == 303
    assert lists.scopes[-1] == ("acme",)
    assert lists.newest("acme-gbp").reseller == "acme"


async def test_a_new_list_is_of_a_reseller_that_the_operator_acts_for(lists: PriceLists, gateway: Gateway) -> None:
    ben = await visitor(gateway, BEN, resellers=("acme", "borealis"))
    fields = TYPED | {"price_list": "mine-gbp", "currency": "GBP"}
    for reseller in ("", "other", "A B", "x" * 100):
        page = await ben.post("/price-lists/new", fields | {"reseller": reseller})
        assert 'id="reseller-error"' in page.text
    made = await ben.post("/price-lists/new", fields | {"reseller": "borealis"})
    assert made.headers["location"] == "/price-lists/mine-gbp/versions/1?done=saved"


@pytest.mark.parametrize(
    ("field", "value"), [("price_list", "A list"), ("price_list", ""), ("price_list", "new"), ("currency", "pounds")]
)
async def test_a_new_list_needs_an_id_and_a_currency(
    lists: PriceLists, gateway: Gateway, field: str, value: str
) -> None:
    anna = await visitor(gateway)
    fields = TYPED | {"price_list": "mine-gbp", "currency": "GBP", "reseller": ""}
    page = await anna.post("/price-lists/new", fields | {field: value})
    assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True)


async def test_a_service_type_is_added_to_the_table_without_saving(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    page = await anna.post(DRAFT, TYPED | {"do": "add", "add": "sip-trunk"})
    assert page.status_code == 200
    assert 'name="p1-type" value="sip-trunk"' in page.text
    assert 'value="5.1234"' in page.text
    for added in ("", "Sip Trunk", "voice-line", "<b>"):
        assert 'id="add-error"' in (await anna.post(DRAFT, TYPED | {"do": "add", "add": added})).text
    assert lists.newest("standard-gbp").version == 1


async def test_a_long_table_is_saved_whole(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    rows = {f"p{n}-type": f"type-{n}" for n in range(200)}
    blank = {f"p{n}-{grade}-{part}": "" for n in range(200) for grade in GRADES for part in ("setup", "monthly")}
    itself = {f"p{n}-service-{part}": "1.50" for n in range(200) for part in ("setup", "monthly")}
    assert (await anna.post(DRAFT, TYPED | blank | rows | itself | {"rows": "200"})).status_code == 303
    assert len(lists.newest("standard-gbp").prices) == 200


async def test_two_versions_or_two_lists_are_compared(lists: PriceLists, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    await anna.post(DRAFT, TYPED)
    for path in ("versions/2/diff", "versions/2/diff?to=acme-gbp"):
        page = await anna.get(f"/price-lists/standard-gbp/{path}")
        assert "5.00 + 8.50 GBP" in page.text
        assert "1.00 + 0.50 GBP" in page.text
    wrong = await anna.get("/price-lists/standard-gbp/versions/2/diff?to=No No")
    assert (wrong.status_code, 'id="to-error"' in wrong.text) == (422, True)


async def test_prices_are_changed_by_keyboard_alone_and_faults_lead_to_their_field(
    lists: PriceLists, gateway: Gateway, page: Page, axe: Check
) -> None:
    await visitor(gateway)
    await sign_in(page)
    await page.goto(DRAFT)
    await page.get_by_label("voice-line, Gold, set-up").focus()
    await page.keyboard.type("75")
    await page.keyboard.press("Tab")
    await page.keyboard.type("much")
    await page.get_by_label("Reason of the change").focus()
    await page.keyboard.type("gold")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await axe(page)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("voice-line, Gold, monthly")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("5")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("The draft is saved.")
    assert [p.grade for p in lists.newest("standard-gbp").prices] == [None, "gold"]
