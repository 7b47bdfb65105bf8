"""Settings as fields of a form: what was typed comes back as it was typed, and what can be read is read."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from pydantic import JsonValue

from gateway_service.pages import settings_form
from patchbay_contracts.catalogue import Choice, Setting, When
from patchbay_contracts.setting_forms import TimePlan
from patchbay_contracts.words import Settings


class Sent(NamedTuple):
    """A form with these fields."""

    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.fields.get(name, "")


def setting(name: str, kind: str, **more: object) -> Setting:
    return Setting.model_validate({"name": name, "kind": kind, "title": name, **more})


CODEC = setting("codec", "choice", choices=[{"value": "opus", "title": "Opus"}, {"value": 8, "title": "G.711 A-law"}])
HOURS = setting("hours", "time_plan")


@pytest.mark.parametrize(
    ("one", "typed", "meant"),
    [
        (setting("name", "text"), "Front desk", "Front desk"),
        (setting("lines", "number"), "12", 12),
        (setting("rate", "number"), "-1.5", -1.5),
        (setting("lines", "number"), "a dozen", "a dozen"),
        (setting("record", "yes_no"), "yes", True),
        (setting("record", "yes_no"), "no", False),
        (setting("record", "yes_no"), "perhaps", "perhaps"),
        (CODEC, '"opus"', "opus"),
        (CODEC, "8", 8),
        (CODEC, '"8"', '"8"'),
    ],
)
def test_what_is_typed_is_read_by_its_kind_and_stays_if_it_cannot_be(one: Setting, typed: str, meant: object) -> None:
    read = settings_form.read(Sent({f"s.{one.name}": typed}), [one], "s.")
    assert read == {one.name: meant}
    if meant != typed:
        assert settings_form.text(one, read) == typed


def test_an_empty_field_is_not_given() -> None:
    assert settings_form.read(Sent({"s.codec": ""}), [CODEC, HOURS], "s.") == {}


def test_opening_hours_are_read_as_they_are_spoken_of() -> None:
    form = Sent(
        {
            "hours-weekdays-monday": "9-12.30, 13:30 to 17",
            "hours-weekdays-sunday": "closed",
            "hours-exceptions": "2026-12-24 9-12\n2026-12-25 closed",
        }
    )
    read = settings_form.read(form, [HOURS], "")
    plan = TimePlan.model_validate(read["hours"])
    assert plan.model_dump(mode="json") == {
        "weekdays": {"monday": [{"from": "09:00", "to": "12:30"}, {"from": "13:30", "to": "17:00"}], "sunday": []},
        "exceptions": [
            {"date": "2026-12-24", "hours": [{"from": "09:00", "to": "12:00"}]},
            {"date": "2026-12-25", "hours": []},
        ],
    }
    assert settings_form.day_text(HOURS, read, "monday") == "09:00-12:30, 13:30-17:00"
    assert settings_form.day_text(HOURS, read, "tuesday") == ""
    assert settings_form.exceptions_text(HOURS, read) == "2026-12-24 09:00-12:00\n2026-12-25 closed"
    said = "Monday 09:00-12:30, 13:30-17:00; Sunday closed; 2026-12-24 09:00-12:00; 2026-12-25 closed"
    assert settings_form.plain(read["hours"]) == said
    assert settings_form.plain({"weekdays": {}}) == "closed"
    assert settings_form.plain({"days": 1}) == '{"days":1}'


def test_hours_that_cannot_be_read_are_shown_again_as_they_were_typed() -> None:
    form = Sent({"hours-weekdays-friday": "till late", "hours-exceptions": "Christmas"})
    read = settings_form.read(form, [HOURS], "")
    assert read == {"hours": {"weekdays": {"friday": "till late"}, "exceptions": ["Christmas"]}}
    assert settings_form.day_text(HOURS, read, "friday") == "till late"
    assert settings_form.exceptions_text(HOURS, read) == "Christmas"


@pytest.mark.parametrize(
    "kept", ["a text", 7, [], {"weekdays": "never", "exceptions": [3]}, {"weekdays": {"monday": [4]}}]
)
def test_an_odd_time_plan_of_a_program_does_not_break_the_form(kept: JsonValue) -> None:
    given: Settings = {"hours": kept}
    assert isinstance(settings_form.day_text(HOURS, given, "monday"), str)
    assert isinstance(settings_form.exceptions_text(HOURS, given), str)


def test_a_field_whose_condition_does_not_hold_is_not_given() -> None:
    forward = setting("forward", "yes_no")
    to = Setting(
        name="to", kind="destination", title="To", when=(When(setting="forward", is_="one_of", values=(True,)),)
    )
    assert settings_form.read(Sent({"forward": "no", "to": "voicemail"}), [forward, to], "") == {"forward": False}
    both = {"forward": True, "to": "voicemail"}
    assert settings_form.read(Sent({"forward": "yes", "to": "voicemail"}), [forward, to], "") == both


NINE_TO_FIVE = {"weekdays": {"monday": [{"from": "09:00", "to": "17:00"}]}}
LINES, RING = setting("lines", "number"), setting("ring", "number", default=20)


@pytest.mark.parametrize(
    ("typed", "was", "before", "after", "own"),
    [
        ({"lines": "2", "codec": '"opus"'}, {}, {"codec": "opus", "lines": 1}, {"codec": "opus"}, {"lines": 2}),
        ({"ring": ""}, {}, {}, {"ring": 45}, {}),
        ({"ring": "20"}, {}, {"ring": 20}, {"ring": 45}, {}),
        ({"ring": "30"}, {}, {"ring": 20}, {"ring": 45}, {"ring": 30}),
        ({"ring": "30"}, {"ring": 30}, {"ring": 20}, {"ring": 45}, {"ring": 30}),
        ({"ring": "30"}, {"ring": 30}, {"ring": 20}, {"ring": 30}, {}),
        ({"ring": "20"}, {"ring": 30}, {}, {}, {"ring": 20}),
        ({"ring": ""}, {"ring": 30}, {}, {"ring": 45}, {}),
        ({"hours-weekdays-monday": "9-17"}, {}, {}, {}, {"hours": NINE_TO_FIVE}),
        ({"hours-weekdays-monday": "09:00-17:00"}, {}, {"hours": NINE_TO_FIVE}, {}, {}),
    ],
)  # fmt: skip
def test_a_number_has_of_its_own_what_was_its_own_and_what_was_typed_otherwise_than_it_was_shown(
    typed: dict[str, str], was: Settings, before: Settings, after: Settings, own: Settings
) -> None:
    everything = [CODEC, LINES, RING, HOURS]
    assert settings_form.own(Sent(typed), everything, "", was=was, before=before, after=after) == own


RECORD, DAYS = setting("record", "yes_no"), setting("days", "number", default=90, required=True)
RECORDING = [RECORD, DAYS.model_copy(update={"when": (When(setting="record", is_="one_of", values=(True,)),)}), RING]


@pytest.mark.parametrize(
    ("typed", "before", "aside", "given"),
    [
        ({"record": "yes", "ring": "20"}, {"ring": 20}, {}, {"record": True, "ring": 20, "days": 90}),
        ({"record": "yes", "ring": "20"}, {"ring": 20}, {"days": 7}, {"record": True, "ring": 20, "days": 7}),
        ({"record": "yes", "ring": ""}, {"record": True, "days": 90}, {"days": 7}, {"record": True}),
        ({"record": "no", "days": "7", "ring": ""}, {"record": True, "days": 90}, {}, {"record": False}),
    ],
)
def test_a_default_is_given_as_its_field_comes_and_not_again_once_it_was_emptied(
    typed: dict[str, str], before: Settings, aside: Settings, given: Settings
) -> None:
    assert settings_form.read(Sent(typed), RECORDING, "", before=before, aside=aside) == given
    assert settings_form.text(RING, {}) == ""


def test_a_number_whose_recording_is_its_own_has_the_days_that_come_with_it() -> None:
    def own(typed: dict[str, str], aside: Settings) -> Settings:
        all_: Settings = {"record": False}
        return settings_form.own(Sent(typed), RECORDING, "", was={}, before=all_, after=all_, aside=aside)

    assert own({"record": "no"}, {"days": 7}) == {}
    assert own({"record": "yes"}, {}) == {"record": True, "days": 90}
    assert own({"record": "yes"}, {"days": 7}) == {"record": True, "days": 7}


def test_choices_are_told_apart_by_what_they_are() -> None:
    assert [settings_form.coded(one.value) for one in (Choice(value=1, title=""), Choice(value="1", title=""))] == [
        "1",
        '"1"',
    ]


def test_what_is_wrong_inside_of_a_setting_is_said_at_its_field() -> None:
    names = settings_form.fields([CODEC, HOURS], "s-")
    errors = {
        "s-codec": "one",
        "s-hours-weekdays-monday-0-from": "two",
        "s-hours-exceptions-1": "three",
        "quote": "four",
    }
    found = settings_form.at_fields(errors, names)
    assert found == {"s-codec": "one", "s-hours-weekdays-monday": "two", "s-hours-exceptions": "three", "quote": "four"}
    assert settings_form.at_fields({"s-hours": "five"}, names) == {"s-hours-weekdays-monday": "five"}
