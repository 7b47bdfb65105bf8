"""What does not go together is said at the field that is to be corrected."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from gateway_service.amending import Amend
from gateway_service.refusals import invalid
from gateway_service.tmf import sent
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.inventory import GradeRules, NewBlock, SomeNumbers
from patchbay_contracts.numbers import SearchQuery
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.services import RemoveNumbers
from patchbay_contracts.setting_forms import TimePlan

from .posted import line, order
from .tmf import item

A, B = "+441214960000", "+441214960001"
RULE = {"name": "pairs", "grade": "gold", "letters": "AABB"}
BLOCK = {"pool": "public", "country": "44", "trunk": "0", "area": "Birmingham", "first": A, "size": 1000}
ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"until": "2030-01-01"}, "/until"),
    ({"failure": "back_order"}, "/until"),
    ({"unique_reference": True, "reference": None}, "/reference"),
    ({"require_unchanged": True}, "/preview"),
    ({"start": "2030-01-01", "held_by": str(uuid4())}, "/held_by"),
    ({"terms": [{"service_type": "fax", "version": "1", "hash": "a" * 64}] * 2}, "/terms/1"),
    ({"lines": [line(numbers={"exact": [A]}), line(numbers={"exact": [B, A]})]}, "/lines/1/numbers/exact/1"),
    ({"lines": [line(numbers={"exact": [A, B, A]})]}, "/lines/0/numbers/exact/2"),
    ({"lines": [line(numbers={"exact": [A], "count": 1})]}, "/lines/0/numbers/count"),
    ({"lines": [line(numbers={"exact": [A], "grades": ["gold"]})]}, "/lines/0/numbers/grades"),
    ({"lines": [line(numbers={"count": 1, "lowest": True, "method": "random"})]}, "/lines/0/numbers/lowest"),
]
OTHERS: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (SearchQuery, {"pools": ["public", "public"]}, "/pools/1"),
    (SearchQuery, {"pools": ["customer"]}, "/customer_id"),
    (RemoveNumbers, {"numbers": [A, B, B]}, "/numbers/2"),
    (Amend, {"lines": [{"line": 1}, {"line": 1}]}, "/lines/1/line"),
    (Amend, {}, ""),
    (NewBlock, BLOCK | {"first": B}, "/first"),
    (NewBlock, BLOCK | {"owner": "acme"}, "/owner"),
    (SomeNumbers, {"ranges": [[A, B], [B, A]], "why": "moved"}, "/ranges/1"),
    (GradeRules, {"rules": [RULE, RULE]}, "/rules/1/name"),
    (TimePlan, {"weekdays": {}, "exceptions": [{"date": "2030-01-01"}, {"date": "2030-01-01"}]}, "/exceptions/1/date"),
    (TimePlan, {"weekdays": {"monday": [{"from": "12:00", "to": "09:00"}]}}, "/weekdays/monday/0/to"),
]


def wrong(model: type[BaseModel], document: dict[str, Any]) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(document)
    return raised.value


@pytest.mark.parametrize(("change", "pointer"), ORDERS)
def test_what_is_wrong_with_an_order_is_said_where_it_is(change: dict[str, Any], pointer: str) -> None:
    (fault,) = invalid(wrong(OrderDocument, order() | change)).body["errors"]
    assert fault["pointer"] == pointer
    assert fault["remedy"] not in ("", "see the message")


@pytest.mark.parametrize(("model", "document", "pointer"), OTHERS)
def test_what_does_not_go_together_is_said_at_the_field(
    model: type[BaseModel], document: dict[str, Any], pointer: str
) -> None:
    (fault,) = faults(wrong(model, document))
    assert fault["pointer"] == pointer


@pytest.mark.parametrize("name", sent.ITEMS)
def test_items_of_the_tm_forum_are_told_apart_by_the_name_that_was_used(name: str) -> None:
    with pytest.raises(Problem) as raised:
        sent.order({name: [item("1"), item("2"), item("1")]})
    assert raised.value.body["errors"][0]["pointer"] == f"/{name}/2/id"
