"""Catalogue entries for the tests of provisioning."""

from typing import Any

from patchbay_contracts.catalogue import NumberRules, ServiceTypeEntry, Terms


def schema(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


VOICE_LINE = ServiceTypeEntry(
    name="Voice line",
    description="A telephone line.",
    included=("One line",),
    settings_schema=schema(voicemail={"type": "boolean", "title": "Voicemail"}),
    numbers=NumberRules(least=1, most=2),
    terms=Terms(version="1", text="Be fair."),
)


def entry(**changes: Any) -> ServiceTypeEntry:
    """The voice line, changed."""
    return VOICE_LINE.model_copy(update=changes)
