"""Grade rules are data, and the declared ones grade as their patterns always did."""

import json
import re

import pytest

from numbers_service.grading import DEFAULT, Grading
from patchbay_contracts.finding_texts import part
from patchbay_contracts.inventory import MOST_RULES
from patchbay_contracts.numbers import GradeRule

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


def test_each_rule_that_is_no_pattern_of_letters_has_words_in_other_languages() -> None:
    names = [name for _, name in DEFAULT.names if not name.isupper()]
    assert [name for name in [*names, "override: asked for"] if part("rule", name) is None] == []


def test_one_number_is_graded_as_the_table_says() -> None:
    for ending in [*range(0, 10**6, 997), 0, 111111, 123456, 123123, 999999]:
        assert DEFAULT.grade(441_210_000_000 + ending) == DEFAULT.names[DEFAULT.table[ending]]


def test_rules_survive_json() -> None:
    rules = [*DEFAULT.rules, GradeRule(name="agents", grade="gold", endings=("007", "00?7"))]
    again = Grading.from_data(json.loads(json.dumps(Grading(rules).as_data())))
    assert again.rules == tuple(rules)


def test_fixed_endings_take_any_digit_for_a_question_mark() -> None:
    grading = Grading([GradeRule(name="agents", grade="gold", endings=("1?7", "000000"))])
    assert [grading.grade(n)[0] for n in (441217370127, 441217370128, 441217000000)] == ["gold", "standard", "gold"]


def test_more_rules_than_a_table_can_tell_apart_are_refused() -> None:
    rules = [GradeRule(name=str(at), grade="gold", letters="AA") for at in range(MOST_RULES + 1)]
    with pytest.raises(ValueError, match=f"keep to {MOST_RULES}"):
        Grading(rules)
