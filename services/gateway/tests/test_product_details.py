"""Product Details say in plain words what each setting takes, and show the terms."""

from typing import Any

import pytest

from gateway_service.pages.settings_explained import explained
from patchbay_contracts.catalogue import Setting

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .owners import PRODUCT

ON = {"name": "voicemail", "kind": "yes_no", "title": "Voicemail", "default": True}
SAID: list[tuple[dict[str, Any], list[str]]] = [
    (ON, ["Yes or no.", "To begin with: Yes."]),
    ({"kind": "text", "most": 40}, ["Text.", "At most 40 characters."]),
    (
        {"kind": "text", "least": 2, "most": 4, "pattern": "^[a-z]+$"},
        ["Text.", "2 to 4 characters.", "It has to match the pattern ^[a-z]+$."],
    ),
    (
        {"kind": "number", "whole": True, "least": 5, "most": 60, "default": 20},
        ["A whole number from 5 to 60.", "To begin with: 20."],
    ),
    ({"kind": "number", "least": 0.5}, ["A number, 0.5 or more."]),
    (
        {"kind": "choice", "default": "udp", "choices": [{"value": "udp", "title": "UDP"}, {"value": 5, "title": "5"}]},
        ["One of: UDP, 5.", "To begin with: UDP."],
    ),
    ({"kind": "destination", "destinations": ["number", "sip"]}, ["One of these: a number, a SIP address."]),
    (
        {"kind": "time_plan", "when": [{"setting": "voicemail", "is": "one_of", "values": [False]}]},
        ["Times for each day of the week, and for single days.", "Only there if Voicemail is: No."],
    ),
    ({"kind": "text", "when": [{"setting": "voicemail", "is": "given"}]},
     ["Text.", "Only there once Voicemail is entered."]),
]  # fmt: skip


@pytest.mark.parametrize(("described", "sentences"), SAID)
def test_what_a_setting_takes_is_said_in_plain_words(described: dict[str, Any], sentences: list[str]) -> None:
    settings = [Setting.model_validate({"name": "one", "title": "One"} | one) for one in (ON, described)]
    assert list(explained(settings)[1].sentences) == sentences


async def test_settings_and_terms_stand_with_the_product(behind: Behind, gateway: Gateway) -> None:
    clerk = await Clerk.at_a_draft(gateway, behind)
    greeting = {"name": "greeting", "kind": "text", "title": "Greeting", "description": "What is said.", "most": 80}
    clerk.owners.product = PRODUCT | {"settings": [greeting]}
    await clerk.go("service")
    await clerk.press("choose", service_type="voice-line")
    assert "Greeting What is said. Text. At most 80 characters." in clerk.form.seen
    assert "Terms of Voice line, version 1 Pay." in clerk.form.seen
