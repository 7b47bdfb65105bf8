"""Numbers, and rules of grades, as people type them: one on each line."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence
from gateway_service.pages.language import gettext as _
from patchbay_chassis.problems import faults
from patchbay_contracts.inventory import MOST_RANGES, MOST_RULES, MOST_TOUCHED, GradeRules
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.words import parse_e164

_RANGE = re.compile(r"\s+-\s+|\s*[–—]\s*|(?<=\d)-(?=\+)")
_FILLING = re.compile(r"[\s().]")
_COUNTED = ("ascending", "descending")


def ranges(typed: str, errors: dict[str, str]) -> tuple[tuple[int, int], ...]:
    """Numbers and ranges of them; none where something is wrong, which is said of the field `numbers`."""
    found = list[tuple[int, int]]()
    for at, line in _lines(typed)[: MOST_RANGES + 1]:
        ends = [_FILLING.sub("", one) for one in _RANGE.split(line, maxsplit=1)]
        try:
            first, last = parse_e164(ends[0]), parse_e164(ends[-1])
        except ValueError:
            errors["numbers"] = _(
                "Line %(n)s is no number with its calling code, such as +441217370000, and no two with a dash between"
            ) % {"n": at}
            return ()
        if not 0 <= last - first < MOST_TOUCHED:
            errors["numbers"] = _(
                "The range on line %(n)s ends before it begins, or has more than a million numbers"
            ) % {"n": at}
            return ()
        found.append((first, last))
    if not found or len(found) > MOST_RANGES:
        errors["numbers"] = _("Enter 1 to %(most)s numbers or ranges, each on a line of its own") % {
            "most": MOST_RANGES
        }
    return tuple(found)


def rules(typed: str, errors: dict[str, str]) -> tuple[GradeRule, ...]:
    """Rules, such as `gold | letters AABB | two pairs`; none where something is wrong, which is said of the field
    `rules`."""
    found = list[GradeRule]()
    lines = _lines(typed)
    if len(lines) > MOST_RULES:
        errors["rules"] = _("Enter up to %(most)s rules, each on a line of its own") % {"most": MOST_RULES}
        return ()
    for at, line in lines:
        try:
            found.append(GradeRule.model_validate(_rule(line)))
        except ValidationError as error:
            wrong = faults(error)[0]
            errors["rules"] = _("Line %(n)s: %(fault)s") % {"n": at, "fault": sentence(said(wrong))}
            return ()
    try:
        return GradeRules(rules=tuple(found)).rules
    except ValidationError as error:
        errors["rules"] = sentence(said(faults(error)[0]))
        return ()


def written(declared: Sequence[GradeRule]) -> str:
    """Rules as they are typed."""
    return "\n".join(f"{rule.grade} | {' '.join(_way(rule))} | {rule.name}" for rule in declared)


def _lines(typed: str) -> list[tuple[int, str]]:
    """Those that are not empty, with where they stand."""
    return [(at, line.strip()) for at, line in enumerate(typed.split("\n"), 1) if line.strip()]


def _rule(line: str) -> dict[str, Any]:
    grade, way, name = ([part.strip() for part in line.split("|", 2)] + ["", ""])[:3]
    how, *given = way.split() or [""]
    values: Any = given if how == "endings" else " ".join(given)
    if how in _COUNTED and values.isascii() and values.isdecimal():
        values = int(values)
    return {"name": name, "grade": grade, how or "letters": values}


def _way(rule: GradeRule) -> Iterator[str]:
    """What makes a number memorable, in words."""
    for how in ("letters", *_COUNTED, "endings"):
        if value := getattr(rule, how):
            yield how
            yield from value if how == "endings" else [str(value)]
