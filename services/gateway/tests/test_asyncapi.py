"""The AsyncAPI document says of every event that is posted to webhooks what is so."""

import json
import re
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

import orjson
import pytest
from jsonschema_rs import Draft202012Validator

from gateway_service import webhooks_bodies
from gateway_service.event_bodies import Type
from gateway_service.events_openapi import EXAMPLE
from gateway_service.webhooks_asyncapi import TEST, document

from .conftest import Gateway
from .test_access import caller

DOCUMENT = document()


def payload(type_: str) -> Draft202012Validator:
    """What an event of that type has to be."""
    components = DOCUMENT["components"]
    return Draft202012Validator(components["messages"][type_]["payload"] | {"components": components})


async def test_whoever_asks_gets_the_document_without_a_key(gateway: Gateway) -> None:
    assert (await caller(gateway).get("/asyncapi.json")).json() == DOCUMENT


def test_every_event_that_may_be_told_is_described_and_every_reference_leads_somewhere() -> None:
    assert DOCUMENT["channels"]["webhooks"]["messages"].keys() == {*get_args(Type), TEST}
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT)):
        found: Any = DOCUMENT
        for part in reference.split("/"):
            found = found[part]


def test_the_example_and_a_test_delivery_are_as_they_are_described() -> None:
    assert payload(EXAMPLE["type"]).is_valid(EXAMPLE)
    test = webhooks_bodies.test_event(uuid4(), uuid4(), datetime.now(UTC))
    assert payload(TEST).is_valid(orjson.loads(orjson.dumps(test)))


@pytest.mark.parametrize("wrong", [{"type": "order.failed"}, {"data": {}}, {"id": None}])
def test_what_is_otherwise_is_no_such_event(wrong: dict[str, Any]) -> None:
    assert not payload(EXAMPLE["type"]).is_valid(EXAMPLE | wrong)
