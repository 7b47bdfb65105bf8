"""The pages speak the language that the browser asks for, where there are words in it."""

from pathlib import Path

import pytest

from gateway_service.pages.language import Languages, gettext, ngettext, speak

WORDS = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Home"
msgstr "Startseite"

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
    assert [one.count(12345) for one in (english, german)] == ["12,345", "12.345"]


def test_a_language_without_words_is_no_default() -> None:
    with pytest.raises(ValueError, match="PATCHBAY_LANGUAGE"):
        Languages("tlh", "Europe/London")
