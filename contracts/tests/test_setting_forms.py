"""Destinations, time plans, and which settings are there while others are given."""

from typing import Any

import pytest
from pydantic import ValidationError

from patchbay_contracts.catalogue import Setting, When, shown
from patchbay_contracts.setting_forms import TimePlan, parse_destination

NINE_TO_FIVE = {"from": "09:00", "to": "17:00"}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("+44 121 496-0000", "number", "+441214960000"),
        ("SIP:desk@pbx.example:5060", "sip", "sip:desk@pbx.example:5060"),
        ("office@example.com", "email", "office@example.com"),
        ("Voicemail", "voicemail", "voicemail"),
    ],
)
def test_a_destination_is_read_as_people_write_it(text: str, kind: str, value: str) -> None:
    found = parse_destination(text)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("999", "an emergency number"),
        ("+44 112", "an emergency number"),
        ("0044999", "an emergency number"),
        ("sip:a b@pbx.example", "not a SIP address"),
        ("sip:desk@pbx.example\r\nVia: x", "not a SIP address"),
        ("a@b", "not an e-mail address"),
        ("", "neither a number"),
        ("0121", "neither a number"),
        ("x" * 100_000, "longer than 254"),
    ],
)
def test_what_is_no_destination_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"^{remedy}"):
        parse_destination(text)


def test_a_time_plan_keeps_its_form() -> None:
    plan = {"weekdays": {"monday": [NINE_TO_FIVE]}, "exceptions": [{"date": "2026-12-25", "hours": []}]}
    assert TimePlan.model_validate(plan).model_dump(mode="json") == plan


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        ({"weekdays": {"monday": [NINE_TO_FIVE, {"from": "16:59", "to": "18:00"}]}}, ("weekdays", "monday")),
        ({"weekdays": {"monday": [{"from": "17:00", "to": "09:00"}]}}, ("weekdays", "monday", 0)),
        ({"weekdays": {"monday": [{"from": "9:00", "to": "17:00"}]}}, ("weekdays", "monday", 0, "from")),
        ({"weekdays": {"someday": []}}, ("weekdays", "someday", "[key]")),
        ({"weekdays": {}, "exceptions": [{"date": "2026-02-30"}]}, ("exceptions", 0, "date")),
        ({"weekdays": {}, "exceptions": [{"date": "2026-12-25"}] * 2}, ()),
        ({"weekdays": {}, "holidays": []}, ("holidays",)),
    ],
)
def test_what_is_no_time_plan_is_refused_at_its_place(plan: dict[str, Any], where: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        TimePlan.model_validate(plan)
    assert [fault["loc"] for fault in refused.value.errors()] == [where]


def test_times_that_touch_do_not_overlap() -> None:
    friday = [{"from": "12:00", "to": "24:00"}, {"from": "00:00", "to": "12:00"}]
    assert TimePlan.model_validate({"weekdays": {"friday": friday}}).model_dump()["weekdays"] == {
        "friday": tuple(friday)
    }


def test_a_setting_is_there_while_its_conditions_hold() -> None:
    forward = Setting(name="forward", kind="yes_no", title="Forward")
    busy = When(setting="forward", is_="one_of", values=(True,))
    to = Setting(name="to", kind="destination", title="To", required=True, when=(busy,))
    assert [one.name for one in shown((forward, to), {})] == ["forward"]
    assert [one.name for one in shown((forward, to), {"forward": 1})] == ["forward"]
    assert [one.name for one in shown((forward, to), {"forward": True})] == ["forward", "to"]


def test_of_two_descriptions_the_last_that_applies_counts() -> None:
    always = Setting(name="to", kind="destination", title="To")
    then = always.model_copy(update={"required": True, "when": (When(setting="forward", is_="given"),)})
    assert [one.required for one in shown((always, then), {})] == [False]
    assert [one.required for one in shown((always, then), {"forward": False})] == [True]
