"""A service's settings and numbers are changed by hand: what is not touched stays, and what is wrong is said there."""

from typing import Any

import pytest

from patchbay_contracts.services import AddNumbers, NewSettings, RemoveNumbers

from .conftest import Gateway
from .operators import Visitor
from .page_forms import Page
from .registry import SERVICE
from .serving import NUMBERS, Serving, a_service
from .test_service_changes import PAGE, placed, send

FIRST, SECOND, THIRD = (f"settings_by_number-+{number}-greeting" for number in NUMBERS[:3])


@pytest.fixture(autouse=True)
def registry(serving: Serving) -> Serving:
    """The owners of whom everybody here asks."""
    return serving


async def test_settings_are_changed_for_all_numbers_and_for_one(gateway: Gateway, anna: Visitor) -> None:
    given: dict[str, Any] = {
        "settings-greeting": "Good day",
        "settings-voicemail": "yes",
        "shown": [str(number) for number in NUMBERS[:3]],
        FIRST: "Hello",  # as all had it: it goes on with all
        SECOND: "<b>Welcome</b>",
        THIRD: "Hi",
    }
    assert (await send(anna, "settings", **given)).status_code == 303
    wanted = placed(gateway).wanted
    assert isinstance(wanted, NewSettings)
    assert wanted.settings == {"greeting": "Good day", "voicemail": True, "code": "s3cret"}
    assert wanted.settings_by_number == {NUMBERS[1]: {"greeting": "<b>Welcome</b>"}, NUMBERS[2]: {"greeting": "Hi"}}


async def test_what_was_checked_for_all_numbers_before_is_no_numbers_own(gateway: Gateway, anna: Visitor) -> None:
    checked = await send(anna, "settings", act="check", **{"settings-greeting": "Bob"})
    (shown,) = (one.sends() for one in Page(checked.text).forms if "settings-greeting" in one.controls)
    assert shown[FIRST] == ["Bob"]
    typed = shown | {"settings-greeting": ["Carl"], THIRD: ["Hi"], "act": ["place"]}
    assert (await anna.client.post(f"{PAGE}/settings", data=typed)).status_code == 303
    wanted = placed(gateway).wanted
    assert isinstance(wanted, NewSettings)
    assert wanted.settings["greeting"] == "Carl"
    assert wanted.settings_by_number == {NUMBERS[1]: {"greeting": "<b>Welcome</b>"}, NUMBERS[2]: {"greeting": "Hi"}}


async def test_a_setting_that_comes_with_another_has_its_default_until_it_is_emptied(
    anna: Visitor, serving: Serving
) -> None:
    assert serving.product is not None
    when = [{"setting": "voicemail", "is": "one_of", "values": [True]}]
    days = {"name": "days", "kind": "number", "title": "Days", "default": 30, "when": when}
    serving.product = serving.product | {"settings": [*serving.product["settings"], days]}
    page = (await anna.get(f"{PAGE}/settings")).text
    for name, typed, there in (("voicemail", "yes", "30"), ("days", "", "")):
        (sent,) = (one.sends() for one in Page(page).forms if "settings-greeting" in one.controls)
        page = (
            await anna.client.post(f"{PAGE}/settings", data=sent | {f"settings-{name}": [typed], "act": ["update"]})
        ).text
        assert [one.sends()["settings-days"] for one in Page(page).forms if "settings-days" in one.controls] == [
            [there]
        ]


async def test_numbers_that_are_not_on_the_page_keep_what_they_have(gateway: Gateway, anna: Visitor) -> None:
    assert (await send(anna, "settings", **{"settings-greeting": "Hello"})).status_code == 303
    wanted = placed(gateway).wanted
    assert isinstance(wanted, NewSettings)
    assert wanted.settings_by_number == {NUMBERS[1]: {"greeting": "<b>Welcome</b>"}}


async def test_a_secret_setting_is_not_shown(anna: Visitor, serving: Serving) -> None:
    assert serving.product is not None
    code = {"name": "code", "kind": "text", "title": "Code"}
    serving.product = serving.product | {"settings": [*serving.product["settings"], code]}
    page = (await anna.get(f"{PAGE}/settings")).text
    assert 'name="settings-code"' in page
    assert "s3cret" not in page, "in no hidden field either"


async def test_what_is_wrong_with_a_setting_is_said_at_its_field(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    serving.find("/wanted/settings/greeting", "too rude")
    serving.find(f"/wanted/settings_by_number/+{NUMBERS[2]}/greeting", "too long")
    answer = await send(anna, "settings", **{"settings-greeting": "Oi", "shown": str(NUMBERS[2]), THIRD: "x" * 99})
    assert answer.status_code == 422
    assert 'id="settings-greeting-error"' in answer.text
    assert f'id="{THIRD}-error"' in answer.text
    assert 'value="Oi"' in answer.text
    assert f'value="{"x" * 99}"' in answer.text
    assert await gateway.count() == 0


async def test_settings_of_a_type_that_is_not_sold_any_more_are_left_alone(anna: Visitor, serving: Serving) -> None:
    serving.refusals["/catalogue/get"] = (404, {"errors": [{"pointer": "/service_type", "message": "not sold"}]})
    assert (await anna.get(PAGE)).status_code == 200
    assert (await anna.get(f"{PAGE}/settings")).status_code == 409


async def test_numbers_that_are_named_or_ticked_are_held_and_added(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    given = {
        "exact": "0044 121 496 1000\n+44 (0)121-496 1001, (0121) 496 1001",
        "ticked": "+441214961002",
        "count": "20",
    }
    assert (await send(anna, "add-numbers", **given)).status_code == 303
    wanted = placed(gateway).wanted
    assert isinstance(wanted, AddNumbers)
    assert wanted.numbers.exact == (441214961000, 441214961001, 441214961002)
    (asked,) = serving.asked["/holds"]
    assert (asked["reseller"], len(asked["query"]["numbers"])) == ("acme", 3)
    assert asked["query"]["owner"] == {"kind": "basket", "id": str(placed(gateway).held_by)}


async def test_a_number_that_is_lost_to_a_rival_is_named_at_once(
    gateway: Gateway, anna: Visitor, serving: Serving
) -> None:
    serving.taken = {"+441214961000"}
    answer = await send(anna, "add-numbers", exact="+441214961000")
    assert answer.status_code == 422
    assert "+441214961000 is taken by somebody else, the next best is +441217377007 (gold)" in answer.text
    assert await gateway.count() == 0


async def test_without_names_as_many_are_added_as_match(gateway: Gateway, anna: Visitor) -> None:
    given = {"count": "2", "prefix": "0121 496", "grade_at_least": "silver", "pool": "reseller"}
    assert (await send(anna, "add-numbers", **given)).status_code == 303
    numbers = getattr(placed(gateway).wanted, "numbers")  # noqa: B009 - of that kind of change alone
    assert (numbers.count, numbers.prefix, numbers.grade_at_least, numbers.pool) == (2, "0121496", "silver", "reseller")


async def test_free_numbers_are_searched_and_nothing_is_ordered_by_it(gateway: Gateway, anna: Visitor) -> None:
    answer = await send(anna, "add-numbers", act="search", count="5", prefix="0121", ticked="+441217377007")
    assert answer.status_code == 200
    assert 'value="+441217377007" aria-label="Add 0121 737 7007" checked' in answer.text
    assert 'value="+441217377777"' in answer.text
    assert ("£75.00" in answer.text, "£85.00" in answer.text) == (True, False), "the service is paid for"
    wrong = await send(anna, "add-numbers", act="search", count="many")
    assert (wrong.status_code, 'id="count-error"' in wrong.text) == (422, True)
    assert await gateway.count() == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "exact"),
        ({"exact": "0121"}, "exact"),
        ({"count": "many"}, "count"),
        ({"count": "1", "prefix": "x"}, "prefix"),
    ],
)
async def test_numbers_that_make_no_sense_are_said_at_their_field(
    gateway: Gateway, anna: Visitor, given: dict[str, str], field: str
) -> None:
    answer = await send(anna, "add-numbers", **given)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert await gateway.count() == 0


async def test_numbers_are_removed(gateway: Gateway, anna: Visitor, serving: Serving) -> None:
    none = await send(anna, "remove-numbers")
    assert (none.status_code, 'id="numbers-error"' in none.text) == (422, True)
    numbers = [f"+{number}" for number in NUMBERS[:2]]
    assert (await send(anna, "remove-numbers", numbers=numbers)).status_code == 303
    assert placed(gateway).wanted == RemoveNumbers(numbers=NUMBERS[:2])
    serving.services[SERVICE] = a_service(numbers=())
    assert "remove-numbers" not in (await anna.get(PAGE)).text
