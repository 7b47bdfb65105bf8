"""The words of the pages. They are written in British English; another language is a file `words/LANGUAGE.po`."""

from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import Translations
from markupsafe import Markup, escape

FOLDER = Path(__file__).with_name("words")
SOURCE = "en_GB"
_spoken: ContextVar["Language"] = ContextVar("language")


class Language:
    """A language: its words, and how it writes dates and amounts."""

    def __init__(self, name: str, words: NullTranslations, zone: str = "Europe/London") -> None:
        self.locale = Locale.parse(name)
        self.words = words
        self.tag = name.replace("_", "-")
        self._zone = ZoneInfo(zone)

    def day(self, at: date | None) -> str:
        """Such as 1 June 2026."""
        return "" if at is None else format_date(at, "long", self.locale)

    def moment(self, at: datetime | None) -> str:
        """Such as 1 Jun 2026, 14:05."""
        return "" if at is None else format_datetime(at, "d MMM y, HH:mm", self._zone, self.locale)

    def instant(self, at: datetime | str) -> str:
        """Such as 1 Jun 2026, 14:05:03.250; also of a time that is text (RFC 3339), as timelines have it."""
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        return format_datetime(at, "d MMM y, HH:mm:ss.SSS", self._zone, self.locale)

    def money(self, amount: Decimal | float | str, currency: str) -> str:
        """Such as £12.50; of a price with more decimals, all of them."""
        return _money(str(amount), currency, self.locale)

    def count(self, number: int | Decimal) -> str:
        """Such as 12,345."""
        return format_decimal(number, locale=self.locale)


@lru_cache(maxsize=10_000)
def _money(amount: str, currency: str, locale: Locale) -> str:
    """A page has the same few amounts again and again, and to write one takes long."""
    value = Decimal(amount) or Decimal()  # nothing has no sign
    return format_currency(value, currency, locale=locale, decimal_quantization=False)


class Languages:
    """Those that there are words for; who asks for none of them gets `default`."""

    def __init__(self, default: str, zone: str, folder: Path = FOLDER) -> None:
        self._known = {SOURCE: Language(SOURCE, NullTranslations(), zone)}
        for file in sorted(folder.glob("*.po")):
            self._known[file.stem] = Language(file.stem, _words(file), zone)
        if default not in self._known:
            raise ValueError(f"there are no words in {default}: PATCHBAY_LANGUAGE is one of {', '.join(self._known)}")
        self._default = default

    def choose(self, accepted: str) -> Language:
        """By the header Accept-Language."""
        wanted = sorted((one for one in accepted.split(",") if _weight(one) > 0), key=_weight, reverse=True)
        tags = [one.partition(";")[0].strip().replace("-", "_") for one in wanted]
        found = negotiate_locale(tags, list(self._known), sep="_") if len(self._known) > 1 else None
        return self._known[found or self._default]


def speak(language: Language) -> None:
    """From here on, in this task, that language."""
    _spoken.set(language)


def spoken() -> Language:
    """The language of the request."""
    try:
        return _spoken.get()
    except LookupError:
        return Language(SOURCE, NullTranslations())


def translates() -> bool:
    """Whether that language has words of its own: what is written in English is not looked up in vain."""
    return type(spoken().words) is not NullTranslations


def gettext(text: str) -> str:
    """The text in the language of the request. Usually imported as `_`."""
    return spoken().words.gettext(text)


def marked(text: str, **values: object) -> Markup:
    """`_` in templates: what is filled in is escaped. Jinja's own of the same kind takes up to four times as long, and
    a page has hundreds of texts."""
    found = gettext(text)
    if "%" in found:
        found %= {name: escape(value) for name, value in values.items()}
    return Markup(found)  # noqa: S704 - ours and the translators'


def ngettext(one: str, many: str, number: int) -> str:
    """The text for so many."""
    return spoken().words.ngettext(one, many, number)


def filters() -> dict[str, Any]:
    """What templates may write: `{{ at | moment }}`."""
    return {
        "day": lambda at: spoken().day(at),
        "moment": lambda at: spoken().moment(at),
        "instant": lambda at: spoken().instant(at),
        "money": lambda amount, currency: spoken().money(amount, currency),
        "count": lambda number: spoken().count(number),
    }


def _weight(one: str) -> float:
    try:
        return float(one.partition("q=")[2] or 1)
    except ValueError:
        return 0.0


def _words(file: Path) -> NullTranslations:
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written))
    compiled.seek(0)
    return Translations(compiled)
