"""The AsyncAPI 3 document of the topics, made from the topic files and the messages; committed beside the schemas."""

import inspect
import json
from pathlib import Path
from typing import Any

from patchbay_contracts import topics
from patchbay_contracts.message import Message
from patchbay_contracts.topics import Topic

FILE = Path(__file__).parent / "asyncapi.json"
EXAMPLES = Path(__file__).parent / "examples"
_HEADERS = {
    "type": "object",
    "required": ["ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "content-type"],
    "properties": {
        "ce_id": {"type": "string", "description": "the same when a message is sent again: handle each id once"},
        "ce_type": {"type": "string", "description": "which message it is, such as numbers.HoldNumbers.v1"},
        "ce_source": {"type": "string", "description": "the service that says it"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_specversion": {"const": "1.0"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def document(messages: dict[str, type[Message]]) -> dict[str, Any]:
    """The whole. Schemas are referred to where they stand, relative to this file."""
    known = topics.load()
    of_topic = {name: [kind for kind, message in messages.items() if message.topic == name] for name in known}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Patchbay's topics",
            "version": "1.0.0",
            "description": "What the services say to each other over Kafka, as CloudEvents in binary mode. Readers"
            " ignore fields and types that they do not know; what may change is written in docs/compatibility.md.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic, of_topic[name]) for name, topic in known.items()},
        "operations": dict(one for topic in known.values() for one in _operations(topic)),
        "components": {
            "messages": {kind: _message(kind, message) for kind, message in sorted(messages.items())},
            "schemas": {"Headers": _HEADERS},
        },
    }


def _channel(topic: Topic, kinds: list[str]) -> dict[str, Any]:
    day = 24 * 60 * 60 * 1000
    kafka = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": {"retention.ms": topic.retention_hours * day // 24},
        "bindingVersion": "0.5.0",
    }
    return {
        "address": topic.name,
        "description": f"{topic.about} Owner: {topic.owner}. Key: {topic.key}.",
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in sorted(kinds)},
        "bindings": {"kafka": kafka},
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    shared = {"summary": "Each record is handled by one replica."}
    whole = {"summary": "Each replica reads all records."}
    raw = {"summary": "Each record is put away as it is by one replica."}
    sent = [(f"{who}.sends.{topic.name}", {"action": "send", "channel": channel}) for who in topic.producers]
    read = [
        (f"{who}.{verb}.{topic.name}", {"action": "receive", "channel": channel} | how)
        for verb, how, those in (
            ("handles", shared, topic.consumers),
            ("follows", whole, topic.followers),
            ("keeps", raw, topic.keepers),
        )
        for who in those
    ]
    return sent + read


def _message(kind: str, message: type[Message]) -> dict[str, Any]:
    examples = [
        {"name": file.stem, "payload": json.loads(file.read_text())}
        for file in sorted((EXAMPLES / kind).glob("*.json"))
    ]
    return {
        "name": kind,
        "title": message.__name__,
        "description": inspect.cleandoc(message.__doc__ or ""),
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"schemas/{kind}.json"},
        "examples": examples,
    }


def written(messages: dict[str, type[Message]]) -> str:
    """The file as it should be."""
    return json.dumps(document(messages), indent=2, ensure_ascii=False) + "\n"
