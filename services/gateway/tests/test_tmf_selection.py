"""Lists of the TM Forum: what filters mean, and which states follow which."""

import pytest

from gateway_service.tmf.order_states import FINAL, STATES, State, may_follow, of_order
from gateway_service.tmf.selection import read
from patchbay_chassis.problems import Problem

SHOWN = {
    "state": "inProgress",
    "priority": 2,
    "isBundle": False,
    "orderDate": "2026-11-27T12:00:00.000Z",
    "relatedParty": [{"id": "42", "role": "customer"}, {"id": "43", "role": "seller"}],
    "serviceOrderItem": [{"service": {"serviceCharacteristic": [{"name": "a", "value": "x, y"}]}}],
    "description": None,
}


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ([("state", "inProgress")], True),
        ([("state", "completed,inProgress")], True),
        ([("state", "completed"), ("state", "inProgress")], True),
        ([("state", "completed")], False),
        ([("state.ne", "completed")], True),
        ([("relatedParty.id", "43")], True),
        ([("'relatedParty'.'id'", '"43"')], True),
        ([("relatedParty.id", "44")], False),
        ([("orderItem.service.serviceCharacteristic.value", '"x, y"')], True),
        ([("serviceOrderItem.service.serviceCharacteristic.value", "x, y")], False),
        ([("priority.gt", "1"), ("priority.lte", "2")], True),
        ([("priority.gt", "10")], False),
        ([("priority>1", "")], True),
        ([("priority>'1'", "")], True),
        ([("description>a", "b")], False),
        ([("priority>", "2")], True),
        ([("isBundle", "false")], True),
        ([("orderDate.gte", "2026-11-27T13:00:00+01:00")], True),
        ([("orderDate.gt", "2026-11-27")], True),
        ([("orderDate.lt", "2026-11-27")], False),
        ([("description", "")], False),
        ([("nothing.like.that", "x")], False),
    ],
)
def test_a_filter_is_true_of_what_it_says(query: list[tuple[str, str]], matches: bool) -> None:
    assert read(query).matches(SHOWN) is matches


@pytest.mark.parametrize(
    "query",
    [
        ("limit", "1001"),
        ("limit", "-1"),
        ("offset", "x"),
        ("offset", "²"),
        ("sort", "id"),
        ("", "x"),
        ("a..b", "x"),
        ("'", "x"),
        (">1", ""),
        ("a.>", "1"),
    ],
)
def test_what_cannot_be_asked_is_a_bad_request(query: tuple[str, str]) -> None:
    with pytest.raises(Problem) as raised:
        read([query])
    assert raised.value.status == 400


def test_what_has_ended_stays_and_nothing_is_done_before_it_is_begun() -> None:
    assert not any(may_follow(one, other) for one in FINAL for other in STATES if one != other)
    assert may_follow("acknowledged", "inProgress")
    assert may_follow("inProgress", "completed")
    assert not may_follow("acknowledged", "completed")
    assert not may_follow("inProgress", "acknowledged")


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        (["completed", "completed"], "completed"),
        (["acknowledged", "acknowledged"], "acknowledged"),
        (["completed", "acknowledged"], "inProgress"),
        (["completed", "failed"], "partial"),
        (["rejected", "failed"], "failed"),
        (["held", "inProgress"], "held"),
        ([], "completed"),
    ],
)
def test_an_order_is_what_its_items_make_of_it(items: list[State], whole: State) -> None:
    assert of_order(items) == whole
