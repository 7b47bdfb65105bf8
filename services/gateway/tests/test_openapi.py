"""What the API says of itself is true: its document holds together, its examples work, and no order breaks it."""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from pydantic import BaseModel, ValidationError

from gateway_service import inventory_openapi
from gateway_service.openapi import Described
from gateway_service.orders_openapi import EXAMPLE
from gateway_service.replays import STREAMED
from gateway_service.tmf.errors import TMF
from patchbay_chassis.streamed import NDJSON
from patchbay_contracts.inventory_answers import Progress

from .behind import Behind, prices
from .conftest import Gateway


def schema_of(described: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": described["components"]})


ACCEPTED, PROBLEM = (schema_of(Described().openapi(), name) for name in ("Accepted", "Problem"))


async def document(gateway: Gateway) -> dict[str, Any]:
    answer = await gateway.client.get("/openapi.json")
    found: dict[str, Any] = answer.json()
    return found


async def test_every_reference_in_the_document_leads_somewhere(gateway: Gateway) -> None:
    answer = await gateway.client.get("/openapi.json")
    references = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', answer.text))
    assert answer.text.count('"$ref"') == answer.text.count('"$ref":"#/components/schemas/')
    assert references <= answer.json()["components"]["schemas"].keys()
    assert {"OrderDocument", "NewCustomer", "Problem", "Order"} <= references


async def test_the_example_satisfies_its_schema_and_is_accepted(gateway: Gateway) -> None:
    described = await document(gateway)
    content = described["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]
    assert content["example"] == EXAMPLE
    assert schema_of(described, "OrderDocument").is_valid(EXAMPLE)
    assert (await gateway.client.post("/v1/orders", json=EXAMPLE)).status_code == 202


async def test_answers_are_as_the_document_describes_them(gateway: Gateway) -> None:
    described = await document(gateway)
    accepted = await gateway.client.post("/v1/orders", json=EXAMPLE)
    refused = await gateway.client.post("/v1/orders", json={})
    one = await gateway.client.get(accepted.headers["location"])
    page = await gateway.client.get("/v1/orders")
    named = {"Accepted": accepted, "Problem": refused, "Order": one, "Orders": page}
    fits = {(name, of) for name in named for of in named if schema_of(described, name).is_valid(named[of].json())}
    assert fits == {(name, name) for name in named} | {("Accepted", "Order")}, (
        "an order shows what was accepted, and more"
    )


async def test_every_example_satisfies_its_schema(gateway: Gateway) -> None:
    described = await document(gateway)
    for place, shown in contents(described):
        validator = Draft202012Validator(shown["schema"] | {"components": described["components"]})
        assert "example" not in shown or validator.is_valid(shown["example"]), place


async def test_all_that_is_asked_and_answered_about_numbers_and_the_inventory_has_an_example(gateway: Gateway) -> None:
    described = [
        (place, shown)
        for place, shown in contents(await document(gateway))
        if place.startswith(("/v1/numbers", "/v1/inventory")) and "problem" not in place
    ]
    assert [place for place, shown in described if "example" not in shown] == []


async def test_examples_of_numbers_are_taken_by_the_gateway(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(voice_line={"gold": ("75.00", "5.00")})
    for path, operations in (await document(gateway))["paths"].items():
        if path.startswith("/v1/numbers") and "post" in operations:
            example = operations["post"]["requestBody"]["content"]["application/json"]["example"]
            assert (await gateway.client.post(path, json=example)).status_code == 200, path


def test_examples_of_the_inventory_are_as_its_models_want_them() -> None:
    """Models ignore what they do not know, which an example should not have."""
    examples: list[tuple[type[BaseModel], str]] = []
    for route in inventory_openapi.ROUTES:
        if isinstance(route.asks, type):
            examples.append((route.asks, json.dumps(route.query)))
        if not isinstance(route.answers, str):
            examples.append((route.answers[-1], json.dumps(route.answer)))
    (load,) = (route for route in inventory_openapi.ROUTES if route.answers == NDJSON)
    examples.append((Progress, load.answer))
    assert [fault for example in examples for fault in faults(*example)] == []


def faults(model: type[BaseModel], example: str) -> list[str]:
    try:
        model.model_validate_json(example, extra="forbid")
    except ValidationError as error:
        return [f"{model.__name__}: {fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


def contents(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that is asked or answered, by where it stands."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            bodies = {"asks": operation.get("requestBody", {})} | operation["responses"]
            for name, body in bodies.items():
                for kind, shown in body.get("content", {}).items():
                    yield f"{path} {method} {name} {kind}", shown


async def test_callers_are_told_how_to_say_who_they_are(gateway: Gateway) -> None:
    described = await document(gateway)
    assert described["security"] == [{"key": []}, {"bearer": []}, {"oauth": []}]
    place = described["paths"]["/v1/orders"]["post"]
    (key,) = (one for one in place["parameters"] if one["name"].lower() == "idempotency-key")
    assert (key["required"], {"400", "409", "422", "429"} <= place["responses"].keys()) == (True, True)
    assert described["components"]["securitySchemes"]["key"]["name"] == "X-API-Key"


async def test_every_write_says_that_it_takes_a_key_and_that_it_has_to_come_in_time(gateway: Gateway) -> None:
    described = await document(gateway)
    writes = [
        (path, operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if method != "get" and path != "/oauth/token" and not path.startswith(STREAMED)
    ]
    assert [path for path, one in writes if "Idempotency-Key" not in _headers(one)] == []
    slow = {path: one["responses"].get("408") for path, one in writes if not path.startswith("/v1/inventory/")}
    assert [path for path, said in slow.items() if "too_slow" not in json.dumps(said)] == []
    shapes = {path: next(iter(said["content"])) for path, said in slow.items()}
    assert {kind for path, kind in shapes.items() if path.startswith(TMF)} == {"application/json"}
    assert {kind for path, kind in shapes.items() if not path.startswith(TMF)} == {"application/problem+json"}


def _headers(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation["parameters"] if one["in"] == "header"}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(("new", "\0", "+1")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.randoms(use_true_random=False), JSON)
@settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
async def test_an_order_with_anything_in_any_place_is_accepted_or_refused_as_described(
    gateway: Gateway, chance: random.Random, anything: Any
) -> None:
    body = json.dumps(with_something_else(EXAMPLE, chance, anything))
    posted = gateway.client.post("/v1/orders", content=body, headers={"Content-Type": "application/json"})
    answer = await asyncio.wait_for(posted, 20)
    assert answer.status_code in {202, 422}
    validator = PROBLEM if answer.status_code == 422 else ACCEPTED
    validator.validate(answer.json())


def with_something_else(document: Any, chance: random.Random, anything: Any) -> Any:
    """The document with one of its parts replaced, or with a part that it had not."""
    if not isinstance(document, dict | list) or not document or chance.random() < 0.2:
        return anything
    if isinstance(document, list):
        place = chance.randrange(len(document))
        return [with_something_else(one, chance, anything) if at == place else one for at, one in enumerate(document)]
    name = chance.choice([*document, "other"])
    return document | {name: with_something_else(document.get(name), chance, anything)}
