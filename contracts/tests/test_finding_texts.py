"""Findings are taken apart into the texts of the catalogue and what was filled in."""

import re

import pytest

from patchbay_contracts.finding_catalogue import FINDINGS
from patchbay_contracts.finding_catalogue_services import PARTS
from patchbay_contracts.finding_texts import part, read, unknown
from patchbay_contracts.validity import Finding

EACH = [(code, message, remedy) for code, pairs in FINDINGS.items() for message, remedy in pairs]


def finding(code: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity="error", tab="settings", pointer="", message=message, remedy=remedy)


def filled(text: str) -> tuple[str, dict[str, str]]:
    """The text with something for each name."""
    values = {name: f"<{name}:a.b,c>" for name in re.findall(r"%\((\w+)\)s", text)}
    return text % values, values


@pytest.mark.parametrize(("code", "message", "remedy"), EACH)
def test_each_sentence_of_each_code_is_recognised_with_what_was_filled_in(code: str, message: str, remedy: str) -> None:
    (said, values), (advice, more) = filled(message), filled(remedy)
    found = read(finding(code, said, advice or "as the type describes it"))
    assert found == (message, remedy, values | more)


@pytest.mark.parametrize(("code", "message", "remedy"), EACH)
def test_sentences_may_begin_with_a_capital_and_end_with_a_full_stop(code: str, message: str, remedy: str) -> None:
    (said, _), (advice, _) = filled(message), filled(remedy)
    as_sentences = finding(code, f"{said[0].upper()}{said[1:]}.", f"{advice[:1].upper()}{advice[1:]}.")
    found = read(as_sentences)
    assert found is not None
    assert (found.message, found.remedy) == (message, remedy)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in PARTS.items() for text in texts])
def test_what_is_filled_in_is_recognised_where_it_is_words(name: str, text: str) -> None:
    said, values = filled(text)
    assert part(name, said) == (text, values)


def test_what_nobody_wrote_down_is_named() -> None:
    odd = finding("numbers.lost", "+44121: gone", "wait")
    known = finding("numbers.lost", "+1: it was taken meanwhile", "choose another")
    assert unknown([odd, known]) == ["numbers.lost: +44121: gone | wait"]
    assert read(finding("numbers.of_a_later_release", "so", "thus")) is None
    assert part("grade", "copper") is None
