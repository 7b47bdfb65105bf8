"""What breaks a contract is found, and what only adds to it is not."""

from typing import Any

import pytest

from patchbay_contracts.compatible import Side, schema_breaks, topic_breaks
from patchbay_contracts.openapi_compatible import openapi_breaks
from patchbay_contracts.topics import Topic, load

TEXT, CLOSED = {"type": "string"}, {"additionalProperties": False}


def thing(*required: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


@pytest.mark.parametrize(
    ("side", "before", "after", "found"),
    [
        ("message", thing(a=TEXT), thing(a=TEXT, b=TEXT), []),
        ("message", thing(a=TEXT, b=TEXT), thing(a=TEXT), ["/b: the field is gone"]),
        ("message", thing(a=TEXT), thing("a", a=TEXT), ["/a: the field is required now"]),
        ("message", thing("a", a=TEXT), thing(a=TEXT), ["/a: the field may be missing now"]),
        ("asked", thing("a", a=TEXT), thing(a=TEXT), []),
        ("answered", thing(a=TEXT), thing("a", a=TEXT), []),
        ("message", thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["x"]}), ["/a: y is no value any more"]),
        ("answered", thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["x"]}), ["/a: y is no value any more"]),
        ("message", thing(a={"enum": ["x"]}), thing(a={"enum": ["x", "y"]}), []),
        ("asked", TEXT, TEXT | {"enum": ["x"]}, [": only some values are taken now"]),
        ("asked", {"type": ["string", "null"]}, TEXT, [": may not be null any more"]),
        ("asked", TEXT, {"type": ["string", "null"]}, []),
        ("answered", TEXT, {"type": ["string", "null"]}, [": may now be null"]),
        ("answered", {"type": ["string", "null"]}, TEXT, []),
        ("message", {"type": "number"}, {"type": "integer"}, [": may not be number any more"]),
        ("asked", {}, TEXT, [": could be anything, and has to be string"]),
        ("asked", TEXT | {"maxLength": 9}, TEXT | {"maxLength": 8}, [": maxLength is 8, was 9"]),
        ("asked", TEXT | {"maxLength": 9}, TEXT | {"maxLength": 10}, []),
        ("asked", TEXT, TEXT | {"minLength": 1}, [": minLength is 1, was not there"]),
        ("asked", TEXT, TEXT | {"pattern": "^a"}, [": pattern is '^a', was 'not there'"]),
        ("answered", TEXT, TEXT | {"pattern": "^a"}, []),
        ("asked", thing(a=TEXT), thing(a=TEXT) | CLOSED, [": fields that are not known are refused now"]),
        ("asked", {"items": TEXT}, {"items": TEXT | {"maxLength": 1}}, ["/-: maxLength is 1, was not there"]),
        ("asked", {"anyOf": [TEXT, {"type": "null"}]}, {"anyOf": [TEXT]}, [": the variant null is gone"]),
        ("answered", {"anyOf": [TEXT]}, {"anyOf": [TEXT, {"type": "null"}]}, [": there is a new variant null"]),
        ("asked", {"anyOf": [TEXT]}, {"anyOf": [TEXT, {"type": "null"}]}, []),
    ],
)  # fmt: skip
def test_what_breaks_a_schema_is_found(
    side: Side, before: dict[str, Any], after: dict[str, Any], found: list[str]
) -> None:
    assert schema_breaks(before, after, side) == found


def test_schemas_are_compared_through_what_they_refer_to_also_in_circles() -> None:
    def tree(**more: Any) -> dict[str, Any]:
        node = thing(name=TEXT | more, inner={"type": "array", "items": {"$ref": "#/$defs/Node"}})
        return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}

    assert schema_breaks(tree(), tree()) == []
    assert schema_breaks(tree(), tree(maxLength=3)) == ["/name: maxLength is 3, was not there"]


def operation(**changes: Any) -> dict[str, Any]:
    asked = {"required": True, "content": {"application/json": {"schema": thing(a=TEXT)}}}
    answered = {"200": {"content": {"application/json": {"schema": thing("b", b=TEXT)}}}, "404": {}}
    known = {"operationId": "one", "parameters": [], "requestBody": asked, "responses": answered}
    return {"paths": {"/v1/things": {"post": known | changes}}}


def parameter(name: str, **more: Any) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": TEXT} | more


NEEDED = parameter("needed", required=True)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (operation(), operation(), []),
        (operation(), {"paths": {}}, "the operation is gone"),
        (operation(), operation(operationId="two"), "its operationId is two, was one"),
        (operation(), operation(parameters=[parameter("x")]), []),
        (operation(), operation(parameters=[NEEDED]), "there is a new required query parameter needed"),
        (operation(parameters=[parameter("x")]), operation(), "the query parameter x is gone"),
        (operation(requestBody=None), operation(), "a body is required now"),
        (operation(), operation(requestBody={"content": {}}), "takes no application/json any more"),
        (operation(), operation(responses={}), "is not answered 200 any more"),
        (operation(), operation(responses={"200": {"content": {}}}), "is not answered in application/json any more"),
        ({"paths": {}}, operation(), []),
    ],
)  # fmt: skip
def test_what_breaks_an_operation_is_found(
    before: dict[str, Any], after: dict[str, Any], found: str | list[str]
) -> None:
    expected = [f"POST /v1/things: {found}"] if isinstance(found, str) else found
    assert list(openapi_breaks(before, after)) == expected


def test_fields_of_what_is_asked_and_answered_are_named_with_their_operation() -> None:
    before = operation()
    after = operation(
        requestBody={"required": True, "content": {"application/json": {"schema": thing("c", a=TEXT, c=TEXT)}}},
        responses={"200": {"content": {"application/json": {"schema": thing()}}}},
    )
    assert list(openapi_breaks(before, after)) == [
        "POST /v1/things: asks /c: the field is required now",
        "POST /v1/things: answers /b: the field is gone",
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"consumers": (), "about": "other words"}, 0),
        ({"retention_hours": 9_999}, 0),
        ({"retention_hours": 1}, 1),
        ({"key": "customer_id"}, 1),
        ({"partitions": 8}, 1),
    ],
)
def test_what_breaks_a_topic_is_found(changes: dict[str, Any], found: int) -> None:
    before = load()
    name = "orders.events.v1"
    after = before | {name: Topic(**(before[name].model_dump() | changes))}
    assert len(list(topic_breaks(before, after))) == found


def test_a_topic_that_is_gone_breaks() -> None:
    before = load()
    assert list(topic_breaks(before, {})) == [f"{name}: the topic is gone" for name in before]
