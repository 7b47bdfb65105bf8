"""Grades are stated, and their rules tried and declared, on pages, by who keeps the inventory."""

from typing import Any

import pytest
import pytest_asyncio

from .behind import Behind, refuses, says
from .conftest import Gateway
from .operators import ANNA, Visitor
from .test_inventory_pages import visitor

STATE = {"numbers": "+44 121 737 0000 – +44 121 737 0002\n+441217370420", "grade": "gold", "why": "the mayor's"}
IN_FORCE = {
    "version": 3, "who": "ben", "why": "as sold", "at": "2026-06-01T12:00:00Z",
    "rules": [
        {"name": "two pairs", "grade": "gold", "letters": "AABB"},
        {"name": "rising", "grade": "silver", "ascending": 4},
        {"name": "ends | odd", "grade": "bronze", "endings": ["007", "1?1"]},
    ],
}  # fmt: skip
TYPED = "gold | letters AABB | two pairs\nsilver | ascending 4 | rising\nbronze | endings 007 1?1 | ends | odd"
REGRADED = {"before": "standard", "after": "bronze", "numbers": 1923, "examples": ["+441217370007"]}


@pytest_asyncio.fixture
async def ines(behind: Behind, gateway: Gateway) -> Visitor:
    return await visitor(gateway, "inventory")


async def test_numbers_and_ranges_are_graded_or_left_to_the_rules(behind: Behind, ines: Visitor) -> None:
    for grade, asked in (("gold", "gold"), ("rules", None)):
        behind.numbers.answers = says({"changed": 3, "unknown": ["+441217370420"]})
        answer = await ines.post("/inventory/grade", STATE | {"grade": grade})
        assert (answer.status_code, answer.headers["location"]) == (303, "/inventory/grade")
        call = behind.numbers.asked[-1]
        assert (call.method, call.path, dict(call.query)) == (
            "POST",
            "/inventory/overrides",
            {"who": f"operator:{ANNA}"},
        )
        assert call.document == {
            "why": "the mayor's", "grade": asked,
            "numbers": ["+441217370000", "+441217370001", "+441217370002", "+441217370420"],
        }  # fmt: skip
        page = (await ines.get("/inventory/grade")).text
        assert all(said in page for said in ("3 numbers are graded as you said now", "1 number is in no block"))
        assert "graded as you said" not in (await ines.get("/inventory/grade")).text, "it is said once"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("numbers", ""),
        ("numbers", "0121 737 0000"),
        ("numbers", "+441217370000 – +441217380000"),
        ("grade", ""),
        ("grade", "diamond"),
        ("why", ""),
    ],
)
async def test_a_grade_that_makes_no_sense_is_said_at_its_field(
    behind: Behind, ines: Visitor, field: str, value: str
) -> None:
    page = await ines.post("/inventory/grade", STATE | {field: value})
    assert (page.status_code, f'id="{field}-error"' in page.text, behind.numbers.asked) == (422, True, [])


async def declared(behind: Behind, ines: Visitor, do: str, **more: str) -> Any:
    """What is answered to rules that are typed."""
    behind.numbers.answers = says(IN_FORCE)
    typed = {"rules": TYPED, "version": "3", "why": "agreed", "do": do}
    return await ines.post("/inventory/rules", typed | more)


async def test_the_rules_in_force_are_shown_as_they_are_typed_and_declared_in_place_of_those_that_were_seen(
    behind: Behind, ines: Visitor
) -> None:
    behind.numbers.answers = says(IN_FORCE)
    page = (await ines.get("/inventory/rules")).text
    assert all(said in page for said in (TYPED, "version 3, declared by ben", "as sold"))
    answer = await declared(behind, ines, "declare")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inventory/rules")
    call = behind.numbers.asked[-1]
    assert (call.method, call.path, call.document["version"]) == ("PUT", "/inventory/grades", 3)
    said = [{name: value for name, value in rule.items() if value} for rule in call.document["rules"]]
    assert said == IN_FORCE["rules"]
    assert "in force now" in (await ines.get("/inventory/rules")).text
    assert "in force now" not in (await ines.get("/inventory/rules")).text


async def test_what_rules_would_change_is_seen_before_and_needs_no_reason(behind: Behind, ines: Visitor) -> None:
    preview = {"version": 3, "numbers": 1923, "regraded": [REGRADED]}
    behind.numbers.answers = says(IN_FORCE | preview)
    typed = {"rules": TYPED, "version": "3", "why": "", "do": "preview"}
    page = await ines.post("/inventory/rules", typed)
    assert "/inventory/grades/preview" in [call.path for call in behind.numbers.asked]
    assert (page.status_code, "+441217370007" in page.text, "1,923" in page.text) == (200, True, True)
    assert TYPED in page.text, "what was typed stays"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("gold | letters AABB | a\nsilver", "Line 2"),
        ("gold | letters XY | a", "Line 1"),
        ("gold | sideways 3 | a", "Line 1"),
        ("gold | ascending many | a", "Line 1"),
        ("diamond | letters AABB | a", "Line 1"),
        ("gold | letters AABB | a\ngold | letters ABAB | a", "two rules"),
        ("\n".join(f"gold | letters AABB | {n}" for n in range(201)), "up to 200"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_said_by_its_line(
    behind: Behind, ines: Visitor, rules: str, said: str
) -> None:
    page = await declared(behind, ines, "declare", rules=rules)
    assert (page.status_code, 'id="rules-error"' in page.text, said.lower() in page.text.lower()) == (422, True, True)
    assert {call.method for call in behind.numbers.asked} == {"GET"}


async def test_rules_that_somebody_else_replaced_meanwhile_are_not_overwritten(behind: Behind, ines: Visitor) -> None:
    await ines.get("/inventory/rules")
    refused = refuses(status=409)

    async def answer(request: Any) -> Any:
        return await (says(IN_FORCE | {"version": 4}) if request.method == "GET" else refused)(request)

    behind.numbers.answers = answer
    page = await ines.post("/inventory/rules", {"rules": TYPED, "version": "3", "why": "agreed", "do": "declare"})
    assert (page.status_code, "version 4" in page.text, TYPED in page.text) == (422, True, True)
