"""Grade rules are data, and the declared ones grade as their patterns always did."""

import json
import re
from typing import Any

import pytest

from numbers_service import model
from numbers_service.grading import DEFAULT, GRADES, Grading, Rule

UP = "(?:0123|1234|2345|3456|4567|5678|6789)"
DOWN = "(?:9876|8765|7654|6543|5432|4321|3210)"
PATTERNS = (
    ("last six equal", "platinum", r"(\d)\1{5}$"),
    ("ABCABC", "platinum", r"(\d{3})\1$"),
    ("last four equal", "gold", r"(\d)\1{3}$"),
    ("six digits ascending", "gold", r"(?:012345|123456|234567|345678|456789)$"),
    ("four digits ascending", "silver", UP + "$"),
    ("four digits descending", "silver", DOWN + "$"),
    ("ABAB", "silver", r"(\d\d)\1$"),
    ("AABB", "silver", r"(\d)\1(\d)\2$"),
    ("last three equal", "bronze", r"(\d)\1\1$"),
    ("ABBA", "bronze", r"(\d)(\d)\2\1$"),
)


def test_every_ending_has_the_grade_and_the_rule_that_the_patterns_give() -> None:
    patterns = [(name, grade, re.compile(pattern)) for name, grade, pattern in PATTERNS]
    for ending in range(10**6):
        digits = f"{ending:06}"
        expected = next(((g, n) for n, g, p in patterns if p.search(digits)), ("standard", "no pattern"))
        assert DEFAULT.names[DEFAULT.table[ending]] == expected


def test_one_number_is_graded_as_the_table_says() -> None:
    for ending in [*range(0, 10**6, 997), 0, 111111, 123456, 123123, 999999]:
        assert model.grade(441_210_000_000 + ending) == DEFAULT.names[DEFAULT.table[ending]]


def test_rules_survive_json() -> None:
    rules = [*DEFAULT.rules, Rule("agents", "gold", endings=("007", "00?7"))]
    again = Grading.from_data(json.loads(json.dumps(Grading(rules).as_data())))
    assert again.rules == tuple(rules)


def test_fixed_endings_take_any_digit_for_a_question_mark() -> None:
    grading = Grading([Rule("agents", "gold", endings=("1?7", "000000"))])
    assert [grading.grade(n)[0] for n in (441217370127, 441217370128, 441217000000)] == ["gold", "standard", "gold"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": "", "grade": "gold", "letters": "AA"}, "has no name"),
        ({"name": "x", "grade": "best", "letters": "AA"}, f"'x'.*use one of {', '.join(GRADES)}"),
        ({"name": "x", "grade": "gold"}, "'x'.*exactly one kind"),
        ({"name": "x", "grade": "gold", "letters": "AA", "ascending": 3}, "'x'.*exactly one kind"),
        ({"name": "x", "grade": "gold", "letters": "ABCDEFG"}, "'x'.*1 to 6 capital letters"),
        ({"name": "x", "grade": "gold", "letters": "aa"}, "'x'.*capital letters"),
        ({"name": "x", "grade": "gold", "ascending": 7}, "'x'.*2 to 6 digits"),
        ({"name": "x", "grade": "gold", "descending": "4"}, "'x'.*2 to 6 digits"),
        ({"name": "x", "grade": "gold", "endings": ["12a"]}, "'x'.*1 to 6 digits"),
        ({"name": "x", "grade": "gold", "regex": "1"}, "'x'.*give name, grade and one of"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_name_and_the_remedy(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Grading.from_data([data])


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="'x' is there twice"):
        Grading([Rule("x", "gold", letters="AA"), Rule("x", "silver", letters="AB")])
