"""Mail templates are looked after by administrators: written with a preview, and withdrawn; nothing typed is lost."""

import pytest
from playwright.async_api import Page, expect

from .behind import Behind
from .conftest import Gateway
from .operators import ANNA, BEN, Visitor, add_operator
from .templated import HOUSE, OF_ACME, MailTemplates
from .test_in_a_browser import Check, sign_in
from .test_price_list_pages import visitor

ONE = "/templates/one?purpose=service_created"
ACME = f"{ONE}&reseller=acme&kind=customer"
TYPED = {
    "version": "1",
    "subject": "Your lines",
    "text": "Dear {{ customer.name }},\n\nthey are ready.",
    "html": "yes",
    "why": "a kinder word",
    "do": "save",
}


@pytest.fixture
def templates(behind: Behind) -> MailTemplates:
    return MailTemplates(behind)


async def test_without_the_role_of_an_administrator_nothing_is_seen(templates: MailTemplates, gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator", "billing"))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    for path in ("/templates", "/templates/new", ONE):
        assert (await ben.get(path)).status_code == 403


async def test_templates_are_listed_for_a_reseller_that_the_operator_acts_for(
    templates: MailTemplates, gateway: Gateway
) -> None:
    anna, ben = await visitor(gateway), await visitor(gateway, BEN, resellers=("acme",))
    assert "as released" in (await anna.get("/templates")).text
    assert "order_failed" in (await anna.get("/templates?reseller=borealis")).text
    assert "Subject 1" in (await ben.get("/templates")).text
    assert (await ben.get("/templates/one?purpose=order_failed&reseller=borealis")).status_code == 404
    for path in ("one", "one?purpose=A B", f"one?purpose={'x' * 50}", "one?purpose=a&kind=nobody"):
        assert (await anna.get(f"/templates/{path}")).status_code == 404
    for visitor_, reseller in ((ben, "borealis"), (anna, "nobody")):
        refused = await visitor_.get(f"/templates?reseller={reseller}")
        assert (refused.status_code, 'id="reseller-error"' in refused.text) == (422, True)
        assert "order_failed" not in refused.text


async def test_resellers_and_service_types_go_by_their_names(templates: MailTemplates, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    address = f"{ACME}&service_type=voice-line"
    await anna.post(address, TYPED | {"version": "0"}, on=address)
    listed = (await anna.get("/templates?reseller=acme")).text
    assert "<td>Acme</td><td>customer</td>" in listed
    assert "<td>Voice line</td>" in listed
    one = (await anna.get(address)).text
    assert "of Acme" in one
    assert "Voice line" in one


async def test_a_template_is_written_and_withdrawn(templates: MailTemplates, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    saved = await anna.post(ACME, TYPED)
    assert saved.status_code == 303
    newest = templates.newest(OF_ACME)
    assert newest.template is not None
    assert (newest.version, newest.by, newest.why) == (2, f"operator:{ANNA}", TYPED["why"])
    assert (newest.template.subject, newest.template.html) == (TYPED["subject"], True)
    assert "is saved" in (await anna.get(saved.headers["location"])).text
    withdraw = ACME.replace("/one", "/withdraw")
    page = await anna.post(withdraw, {"version": "2"}, on=ACME)
    assert 'id="withdraw_why-error"' in page.text
    assert 'id="confirm-error"' in page.text
    fields = {"version": "2", "withdraw_why": "the house's will do", "confirm": "yes"}
    assert (await anna.post(withdraw, fields, on=ACME)).status_code == 303
    assert templates.newest(OF_ACME).template is None


async def test_what_comes_with_the_release_is_where_a_new_template_begins(
    templates: MailTemplates, gateway: Gateway
) -> None:
    anna = await visitor(gateway)
    assert 'value="Your services"' in (await anna.get(ONE)).text
    assert (await anna.post(ONE, TYPED | {"version": "0"})).status_code == 303
    assert templates.newest(HOUSE).version == 1


async def test_a_preview_is_of_what_is_typed_and_saves_nothing(templates: MailTemplates, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    page = await anna.post(ACME, TYPED | {"do": "preview", "why": ""})
    assert page.status_code == 200
    assert "Dear Ada Lovelace," in page.text
    assert "Dear {{ customer.name }}," in page.text
    assert (templates.previewed[-1].reseller, templates.previewed[-1].kind) == ("acme", "customer")
    assert {service.name for service in templates.previewed[-1].facts.services} == {"Voice line"}
    html = await anna.post(ACME.replace("/one", "/html"), TYPED, on=ACME)
    assert html.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "<p>Ada</p>" in html.text
    assert (await anna.post(ACME.replace("/one", "/html"), TYPED | {"text": ""}, on=ACME)).status_code == 422
    assert templates.newest(OF_ACME).version == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", ""),
        ("subject", "x" * 501),
        ("subject", "a\r\nBcc: eve@evil.example"),
        ("subject", "a\x07"),
        ("subject", "{{ unknown }}"),
        ("text", ""),
        ("text", "x" * 20_001),
        ("text", "a\x1bb"),
        ("text", "<script>alert(1)</script>{{ unknown }}"),
        ("why", ""),
        ("why", "x" * 201),
        ("why", "=1+1\x01"),
    ],
)
async def test_what_is_wrong_with_a_template_is_said_at_its_field_and_nothing_is_lost(
    templates: MailTemplates, gateway: Gateway, field: str, value: str
) -> None:
    page = await (await visitor(gateway)).post(ACME, TYPED | {field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "<script>alert" not in page.text
    for name in ("subject", "why"):
        assert name == field or f'value="{TYPED[name]}"' in page.text
    assert field == "text" or "they are ready." in page.text
    assert templates.newest(OF_ACME).version == 1


async def test_who_was_slower_is_told_and_keeps_what_was_typed(templates: MailTemplates, gateway: Gateway) -> None:
    anna = await visitor(gateway)
    templates.someone_else_writes(OF_ACME)
    stale = await anna.post(ACME, TYPED)
    assert stale.status_code == 422
    assert "Somebody else wrote this template meanwhile" in stale.text
    assert 'value="Your lines"' in stale.text
    assert 'name="version" value="2"' in stale.text
    assert (await anna.post(ACME, TYPED | {"version": "2"})).status_code == 303


async def test_templates_of_the_house_are_written_by_the_house_alone(
    templates: MailTemplates, gateway: Gateway
) -> None:
    ben = await visitor(gateway, BEN, resellers=("acme",))
    page = await ben.get(ONE)
    assert "Your services" in page.text
    assert 'name="subject"' not in page.text
    for path in (ONE, ONE.replace("/one", "/withdraw")):
        assert (await ben.post(path, TYPED, on=ACME)).status_code == 403
    assert (await ben.post(ACME, TYPED)).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [("purpose", ""), ("purpose", "A-B"), ("reseller", ""), ("reseller", "borealis"), ("kind", "nobody"),
     ("service_type", "A B"), ("service_type", "<script>"), ("language", "English"), ("language", "x" * 30)],
)  # fmt: skip
async def test_which_template_is_to_be_written_is_chosen_first(
    templates: MailTemplates, gateway: Gateway, field: str, value: str
) -> None:
    ben = await visitor(gateway, BEN, resellers=("acme",))
    good = {"purpose": "welcome", "reseller": "acme", "kind": "", "service_type": "voice-line", "language": "en-GB"}
    assert (await ben.client.get("/templates/new", params=good)).headers["location"].startswith("/templates/one?")
    page = await ben.client.get("/templates/new", params=good | {field: value})
    assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True)


async def test_a_template_is_previewed_and_saved_by_keyboard_alone(
    templates: MailTemplates, gateway: Gateway, page: Page, axe: Check
) -> None:
    await visitor(gateway)
    await sign_in(page)
    await page.goto(ACME)
    await page.get_by_label("Subject").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Preview")).to_contain_text("Hello")
    await axe(page)
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="See the HTML").focus()
        await page.keyboard.press("Enter")
    await expect((await opened.value).get_by_text("Ada")).to_have_css("color", "rgb(255, 0, 0)")
    await page.get_by_label("Reason of the change").focus()
    await page.keyboard.type("shorter")
    await page.get_by_role("button", name="Save").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("is saved")
    assert templates.newest(OF_ACME).why == "shorter"
