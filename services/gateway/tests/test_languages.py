"""The pages speak the language that the browser asks for, where there are words in it."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from gateway_service.draft import Note, NoteCode
from gateway_service.pages.language import Languages, gettext, ngettext, speak
from gateway_service.pages.notes import sentence

WORDS = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Home"
msgstr "Startseite"

msgid "%(count)s number was given back: choose another."
msgid_plural "%(count)s numbers were given back: choose others."
msgstr[0] "%(count)s Nummer wurde zurückgegeben: wähle eine andere."
msgstr[1] "%(count)s Nummern wurden zurückgegeben: wähle andere."

msgid "one number"
msgid_plural "%(num)s numbers"
msgstr[0] "eine Nummer"
msgstr[1] "%(num)s Nummern"
"""


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    (tmp_path / "de.po").write_text(WORDS)
    return Languages("en_GB", "Europe/London", tmp_path)


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [("de", "de"), ("de-AT,en;q=0.5", "de"), ("fr, de;q=0.5", "de"), ("en-GB,de;q=0.9", "en-GB"), ("", "en-GB"),
     ("de;q=0", "en-GB"), ("de;q=x", "en-GB"), ("*", "en-GB"), ("<script>", "en-GB")],
)  # fmt: skip
def test_the_browser_gets_the_first_language_that_there_is(languages: Languages, accepted: str, tag: str) -> None:
    assert languages.choose(accepted).tag == tag


def test_texts_are_as_the_file_has_them_and_else_as_they_were_written(languages: Languages) -> None:
    speak(languages.choose("de"))
    assert [gettext("Home"), gettext("Orders")] == ["Startseite", "Orders"]
    assert ngettext("one number", "%(num)s numbers", 2) == "%(num)s Nummern"


def test_amounts_and_numbers_are_written_as_in_that_language(languages: Languages) -> None:
    english, german = languages.choose("en"), languages.choose("de")
    assert [one.money("1234.5", "GBP") for one in (english, german)] == ["£1,234.50", "1.234,50\xa0£"]
    assert [one.money("-0.0000", "GBP") for one in (english, german)] == ["£0.00", "0,00\xa0£"]
    assert [one.money("0.1250", "GBP") for one in (english, german)] == ["£0.125", "0,125\xa0£"]
    assert [one.count(12345) for one in (english, german)] == ["12,345", "12.345"]


def test_times_are_of_the_zone_that_is_set_also_those_that_came_as_text(languages: Languages) -> None:
    at = datetime(2026, 6, 1, 13, 5, 3, 250_000, tzinfo=UTC)
    english = languages.choose("en")
    assert english.moment(at) == "1 Jun 2026, 14:05"
    assert english.instant(at) == english.instant("2026-06-01T13:05:03.250Z") == "1 Jun 2026, 14:05:03.250"


def test_a_language_without_words_is_no_default() -> None:
    with pytest.raises(ValueError, match="PATCHBAY_LANGUAGE"):
        Languages("tlh", "Europe/London")


def test_what_a_change_of_a_draft_did_is_said_in_the_language_of_the_page(languages: Languages) -> None:
    note = Note("numbers_given_back", {"count": 2})
    speak(languages.choose("de"))
    assert sentence(note) == "2 Nummern wurden zurückgegeben: wähle andere."
    speak(languages.choose("en"))
    assert sentence(note) == "2 numbers were given back: choose others."


@pytest.mark.parametrize("code", get_args(NoteCode))
def test_each_code_of_a_note_has_words(languages: Languages, code: NoteCode) -> None:
    speak(languages.choose("en"))
    assert sentence(Note(code, defaultdict(lambda: 1)))
