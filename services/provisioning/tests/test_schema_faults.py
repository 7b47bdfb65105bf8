"""Which settings schemas may stand in the catalogue. No IO."""

from typing import Any

import pytest

from provisioning_service.schema_faults import schema_faults
from provisioning_service.seed_catalogue import ENTRIES

from .entries import schema

TEXT = {"type": "string", "title": "Name", "maxLength": 20}


def deep(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(levels):
        made = {"properties": made}
    return made


@pytest.mark.parametrize("name", ENTRIES)
def test_every_service_type_of_the_demo_may_stand_there(name: str) -> None:
    assert schema_faults(ENTRIES[name].settings_schema) == []


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({"type": "array", "additionalProperties": False}, "/type"),
        ({"type": "object"}, ""),
        (schema(name=TEXT | {"$ref": "http://169.254.169.254/x"}), "/properties/name/$ref"),
        (schema(name=TEXT) | {"$ref": "file:///etc/passwd"}, "/$ref"),
        (schema(name=TEXT) | {"$dynamicRef": "#x"}, "/$dynamicRef"),
        (schema(name=TEXT | {"pattern": "(a{1000}){1000}"}), "/properties/name/pattern"),
        (schema(name=TEXT | {"pattern": "(?=a)b"}), "/properties/name/pattern"),
        (schema(name=TEXT | {"pattern": "a" * 201}), "/properties/name/pattern"),
        (schema(name=TEXT | {"pattern": 7}), "/properties/name/pattern"),
        (schema(name={"type": "string", "title": "Name"}), "/properties/name"),
        (schema(name={"type": "string", "maxLength": 20}), "/properties/name"),
        (schema(name={"type": "array", "title": "Names"}), "/properties/name"),
        (schema(name=TEXT | {"default": 7}), "/properties/name/default"),
        (schema(name={"title": "Name", "oneOf": [{"const": 1}]}), "/properties/name"),
        (schema(name={"title": "Name", "enum": []}), "/properties/name"),
        (schema(name={"title": "Name", "enum": [[1]]}), "/properties/name"),
        (schema(name={"title": "To", "format": "destination"}), "/properties/name/type"),
        (schema(name=TEXT | {"format": "destination", "destinations": ["moon"]}), "/properties/name/destinations"),
        (schema(name=TEXT | {"format": "uri"}), "/properties/name/format"),
        (schema(name=TEXT | {"format": "destination", "default": "999"}), "/properties/name/default"),
        (schema(**{"Name/of": TEXT}), "/properties/Name~1of"),
        (schema(name=TEXT) | {"required": ["colour"]}, "/required"),
        (schema(name=TEXT) | {"if": {"not": {}}, "then": {}}, "/if"),
        (schema(name=TEXT) | {"if": {"properties": {"name": {"const": "x"}}}, "then": {}}, "/if"),
        (schema(name=TEXT) | {"allOf": [{"anyOf": []}]}, "/allOf/0/anyOf"),
        (schema(name=TEXT) | {"then": 3}, "/then"),
        (deep(5_000), ""),
        (schema(name=TEXT | {"description": "x" * 70_000}), ""),
        (schema(**{f"s{n}": TEXT for n in range(101)}), ""),
        (schema(name=TEXT) | {"required": "name"}, "/required"),
    ],
)
def test_a_schema_that_no_page_can_show_is_refused_at_its_place(bad: dict[str, Any], where: str) -> None:
    found = schema_faults(bad)
    assert where in {fault.pointer for fault in found}
    assert all(fault.message and fault.remedy for fault in found)
