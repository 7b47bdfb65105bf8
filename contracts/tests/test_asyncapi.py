"""The AsyncAPI document says of every topic and message what is so."""

import json
from collections.abc import Iterator
from typing import Any

from patchbay_contracts import asyncapi, schemas
from patchbay_contracts.message import Message
from patchbay_contracts.topics import load

MESSAGES = {name: model for name, model in schemas.load_all().items() if issubclass(model, Message)}
DOCUMENT: dict[str, Any] = json.loads(asyncapi.FILE.read_text())


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_committed_document_is_that_of_the_topics_and_the_messages() -> None:
    assert asyncapi.FILE.read_text() == asyncapi.written(MESSAGES)


def test_every_reference_leads_somewhere() -> None:
    outside = {ref for ref in references(DOCUMENT) if not ref.startswith("#/")}
    assert outside == {f"schemas/{name}.json" for name in MESSAGES}
    assert all((asyncapi.FILE.parent / ref).exists() for ref in outside)
    for ref in set(references(DOCUMENT)) - outside:
        found: Any = DOCUMENT
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_every_message_is_in_its_channel_and_every_service_has_its_operations() -> None:
    channels = {kind: name for name, channel in DOCUMENT["channels"].items() for kind in channel["messages"]}
    assert channels == {name: message.topic for name, message in MESSAGES.items()}
    said = {name: operation["action"] for name, operation in DOCUMENT["operations"].items()}
    for name, topic in load().items():
        assert {said[f"{who}.sends.{name}"] for who in topic.producers} <= {"send"}
        assert {said[f"{who}.handles.{name}"] for who in topic.consumers} <= {"receive"}
        assert {said[f"{who}.follows.{name}"] for who in topic.followers} <= {"receive"}
        assert {said[f"{who}.keeps.{name}"] for who in topic.keepers} <= {"receive"}
