"""Settings for all numbers and for single ones: what is chosen for all holds for each that nobody set otherwise."""

from typing import Any

import pytest
import pytest_asyncio

from .behind import FOUND, ROW, Behind, says
from .clerk import Clerk
from .conftest import Gateway
from .owners import PRODUCT, Owners
from .test_wizard_tabs import import_csv

FIRST, SECOND = BOTH = 441217377007, 441217377777
OF_ALL = "services-0-settings-"
VOICEMAIL = {"name": "voicemail", "kind": "yes_no", "title": "Voicemail", "default": True}
RING = {"name": "ring", "kind": "number", "title": "Ring", "default": 20}
CODEC = {"name": "codec", "kind": "choice", "title": "Codec", "required": True}
GREETING = {"name": "greeting", "kind": "text", "title": "Greeting"}
RINGS = [{"setting": "voicemail", "is": "one_of", "values": [True]}]
DESK = {"name": "desk", "kind": "destination", "title": "Desk", "destinations": ["number", "voicemail"]}
CODECS = [{"value": "opus", "title": "Opus"}, {"value": "pcma", "title": "G.711 A-law"}]


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    """On the Settings tab, with two numbers; of the settings, two have defaults and one has to be chosen."""
    clerk = Clerk(gateway, Owners(behind))
    settings = [VOICEMAIL, RING | {"when": RINGS}, CODEC | {"choices": CODECS}, GREETING, DESK]
    clerk.owners.product = PRODUCT | {"settings": settings}
    numbers = [ROW | {"grade": "gold", "e164": f"+{e164}", "national": f"0{e164 - 440000000000}"} for e164 in BOTH]
    for replica in behind.replicas:
        replica.answers = says(FOUND | {"numbers": numbers})
    await clerk.sign_in()
    await clerk.begin()
    await clerk.fill()
    await clerk.go("settings")
    return clerk


async def stored(clerk: Clerk) -> tuple[Any, Any]:
    service = (await clerk.draft()).document.services[0]
    return service.settings, service.settings_by_number


def of(number: int, name: str) -> str:
    return f"services-0-settings_by_number-+{number}-{name}"


async def test_where_calls_may_go_is_said_by_what_the_setting_takes(clerk: Clerk) -> None:
    assert "Such as +441214960000, voicemail" in clerk.form.seen


async def test_what_is_chosen_for_all_numbers_holds_for_each(clerk: Clerk) -> None:
    await clerk.press("update", **{f"{OF_ALL}voicemail": "no", f"{OF_ALL}codec": '"pcma"'})
    assert await stored(clerk) == ({"voicemail": False, "codec": "pcma"}, {})
    assert clerk.form.fields[of(FIRST, "voicemail")] == ["no"]
    await clerk.press("update", **{f"{OF_ALL}voicemail": "yes"})
    assert await stored(clerk) == ({"voicemail": True, "codec": "pcma", "ring": 20}, {})
    await clerk.press("update", **{f"{OF_ALL}ring": "45"})
    assert await stored(clerk) == ({"voicemail": True, "codec": "pcma", "ring": 45}, {})


async def test_a_service_begins_with_the_defaults_of_its_type_and_with_the_fields_that_come_with_them(
    clerk: Clerk,
) -> None:
    begun = {"voicemail": True, "ring": 20}
    assert await stored(clerk) == (begun, {})
    assert (clerk.form.fields[f"{OF_ALL}voicemail"], clerk.form.fields[f"{OF_ALL}ring"]) == (["yes"], ["20"])


async def test_what_a_service_lacks_is_told_once_its_settings_were_sent(clerk: Clerk) -> None:
    clerk.owners.find("provisioning", "bad", tab="settings", pointer="/lines/0/settings/codec")
    clerk.forget()
    await clerk.begin()
    await clerk.go("service")
    await clerk.press(go="settings", service_type="voice-line")
    assert "Not so" not in clerk.form.seen
    await clerk.press("update")
    assert "Not so" in clerk.form.seen


async def test_a_setting_that_was_emptied_stays_empty(clerk: Clerk) -> None:
    await clerk.press("update", **{f"{OF_ALL}ring": ""})
    assert await stored(clerk) == ({"voicemail": True}, {})
    assert clerk.form.fields[f"{OF_ALL}ring"] == [""]


async def test_what_was_typed_comes_back_with_its_field(clerk: Clerk) -> None:
    await clerk.press("update", **{of(SECOND, "ring"): "50"})
    await clerk.press("update", **{f"{OF_ALL}voicemail": "no", f"{OF_ALL}ring": "45"})
    assert await stored(clerk) == ({"voicemail": False}, {})
    await clerk.press("update", **{f"{OF_ALL}voicemail": "yes"})
    assert await stored(clerk) == ({"voicemail": True, "ring": 45}, {SECOND: {"ring": 50}})
    assert clerk.form.fields[f"{OF_ALL}ring"] == ["45"]


async def test_how_services_are_made_gives_no_number_settings_of_its_own(clerk: Clerk) -> None:
    await clerk.press("update", grouping="each")
    assert (await stored(clerk))[1] == {}


async def test_what_was_set_for_one_number_stays_until_it_is_set_as_for_all(clerk: Clerk) -> None:
    await clerk.press(f"update:{SECOND}", **{of(SECOND, "greeting"): "Hi", of(SECOND, "voicemail"): "no"})
    assert (await stored(clerk))[1] == {SECOND: {"greeting": "Hi", "voicemail": False}}
    await clerk.press("update", **{f"{OF_ALL}greeting": "Hello"})
    assert (await stored(clerk))[1] == {SECOND: {"greeting": "Hi", "voicemail": False}}
    await clerk.press(f"update:{SECOND}", **{of(SECOND, "greeting"): "Hello", of(SECOND, "voicemail"): "yes"})
    assert (await stored(clerk))[1] == {}


async def test_another_type_of_service_keeps_the_settings_that_it_has(clerk: Clerk) -> None:
    given = {f"{OF_ALL}codec": '"pcma"', f"{OF_ALL}greeting": "Hello", of(FIRST, "greeting"): "Hi"}
    await clerk.press(go="service", **given)
    clerk.owners.product = PRODUCT | {"settings": [CODEC | {"choices": CODECS}]}
    await clerk.press("choose", service_type="hunt-group")
    assert await stored(clerk) == ({"codec": "pcma"}, {})
    assert "Settings that this type of service does not have were left out." in clerk.form.seen


async def test_how_many_rows_of_a_file_make_no_sense_is_said_also_where_not_all_of_them_are_named(clerk: Clerk) -> None:
    rows = "number,greeting\n" + "".join(f"{'9' * 150}{n},Hi\n" for n in range(40))
    await import_csv(clerk, rows.encode())
    await clerk.go("settings")
    assert "40 rows make no sense, of which these are the first:" in clerk.form.seen
    assert "Line 2, " in clerk.form.seen


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        (
            'number;greeting;ring\r\n0121 737 7007;Hi, there;5\r\n1217377777;"Semi; colon";\r\n',
            ("Hi, there", "Semi; colon"),
        ),
        ('"number"\t"greeting"\n(0121) 737-7007\tHi\n441217377777\tHello\n', ("Hi", "Hello")),
        ("greeting,number\nHi,+44 121 737 7007\nHello,'+441217377777\n", ("Hi", "Hello")),
    ],
)
async def test_a_file_as_a_spreadsheet_writes_it_is_taken_with_numbers_as_pages_write_them(
    clerk: Clerk, rows: str, given: tuple[str, str]
) -> None:
    assert (await import_csv(clerk, rows.encode("utf-8-sig"))).status_code == 303
    by_number = (await stored(clerk))[1]
    assert (by_number[FIRST]["greeting"], by_number[SECOND]["greeting"]) == given


async def test_a_row_of_a_number_of_somebody_else_is_named(clerk: Clerk) -> None:
    await import_csv(clerk, b"number;greeting\n0121 737 7008;Hi\n0121 737 7007 or so;Hi\n")
    await clerk.go("settings")
    assert clerk.form.seen.count("names none of the service's numbers") == 2
    assert (await stored(clerk))[1] == {}


async def test_what_was_typed_is_kept_by_who_looks_at_other_numbers_or_at_another_service(clerk: Clerk) -> None:
    shown = await clerk.press(go="settings:s1:10", **{of(SECOND, "greeting"): "Hi"})
    assert str(shown.url).endswith("/settings?service=s1&first=10")
    shown = await clerk.press(go="settings:s1", **{f"{OF_ALL}greeting": "Hello"})
    assert str(shown.url).endswith("/settings?service=s1")
    of_all, by_number = await stored(clerk)
    assert (of_all["greeting"], by_number[SECOND]["greeting"]) == ("Hello", "Hi")
