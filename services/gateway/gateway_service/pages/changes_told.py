"""What a change of a service changed, in words: field by field, before and after."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gateway_service.pages.called import Called
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import spoken
from gateway_service.pages.services import states
from gateway_service.pages.settings_form import plain
from patchbay_contracts.catalogue import Product
from patchbay_contracts.services import PastChange, ServiceAspects
from patchbay_contracts.words import Settings

HIDDEN = "••••"
"""Stands for what is never shown."""
MOST_NAMED = 20


class Told(NamedTuple):
    """One thing that a change changed."""

    what: str
    before: str
    after: str


class Named:
    """Price lists by their names; settings by their titles, as far as the service's type is known; what may not be read
    stays hidden."""

    def __init__(self, product: Product | None, called: Called) -> None:
        self.called = called
        properties: Any = product.settings_schema.get("properties", {}) if product else {}
        known = properties if isinstance(properties, Mapping) else {}
        self.secret = {name for name, of in known.items() if isinstance(of, Mapping) and of.get("writeOnly")}
        self._settings = {one.name: one for one in product.settings} if product else {}

    def title(self, name: str) -> str:
        """What the setting is called."""
        return self._settings[name].title if name in self._settings else name

    def value(self, name: str, value: Any) -> str:
        """What it is set to, as it is read."""
        if name in self.secret:
            return HIDDEN
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        choices = self._settings[name].choices if name in self._settings else ()
        chosen = next((c.title for c in choices if c.value == value and isinstance(value, str)), None)
        return chosen or plain(value)

    def rows(self, settings: Settings) -> list[tuple[str, str]]:
        """All of them."""
        return [(self.title(name), self.value(name, value)) for name, value in settings.items()]


def kinds() -> Mapping[str, str]:
    """What the kinds of changes are called."""
    return {
        "settings": _("New settings"),
        "price_list": _("Another price list"),
        "add_numbers": _("More numbers"),
        "remove_numbers": _("Fewer numbers"),
        "suspend": _("Suspended"),
        "resume": _("Resumed"),
        "end": _("Ended"),
    }


def outcomes() -> Mapping[str, str]:
    """What may become of a change."""
    return {
        "under_way": _("under way"),
        "done": _("done"),
        "refused": _("refused"),
        "failed": _("failed, all is as it was"),
    }


def differences(change: PastChange, named: Named) -> list[Told]:
    """What it changed, or would have changed."""
    before, after = change.before, change.after
    return [*_plain(before, after, named), *_numbers(before, after), *_settings(before, after, named)]


def _plain(before: ServiceAspects, after: ServiceAspects, named: Named) -> Iterable[Told]:
    words = states()
    if before.state != after.state:
        yield Told(_("State"), words.get(before.state or "", ""), words.get(after.state or "", ""))
    if (before.price_list, before.from_date) != (after.price_list, after.from_date):
        yield Told(_("Price list"), _list(before, named), _list(after, named))


def _list(of: ServiceAspects, named: Named) -> str:
    name = named.called.list(of.price_list)
    if of.from_date is None or of.price_list is None:
        return name
    return _("%(price_list)s from %(day)s") % {"price_list": name, "day": spoken().day(of.from_date)}


def _numbers(before: ServiceAspects, after: ServiceAspects) -> Iterable[Told]:
    was, now = before.numbers or (), after.numbers or ()
    if gone := [number for number in was if number not in now]:
        yield Told(_("Numbers that left"), numbers_text(gone), "")
    if came := [number for number in now if number not in was]:
        yield Told(_("Numbers that came"), "", numbers_text(came))


def numbers_text(numbers: Sequence[int]) -> str:
    """Some numbers; of very many the first."""
    shown = ", ".join(f"+{number}" for number in numbers[:MOST_NAMED])
    rest = len(numbers) - MOST_NAMED
    return shown + (" " + _("and %(n)s more") % {"n": rest} if rest > 0 else "")


def _settings(before: ServiceAspects, after: ServiceAspects, named: Named) -> Iterable[Told]:
    yield from _of_all("", before.settings or {}, after.settings or {}, named)
    was, now = before.settings_by_number or {}, after.settings_by_number or {}
    for number in sorted({*was, *now}):
        yield from _of_all(f"+{number}: ", was.get(number, {}), now.get(number, {}), named)


def _of_all(of: str, was: Settings, now: Settings, named: Named) -> Iterable[Told]:
    for name in dict.fromkeys([*was, *now]):
        if name not in was or name not in now or was[name] != now[name]:
            texts = [named.value(name, given[name]) if name in given else _("not set") for given in (was, now)]
            yield Told(of + named.title(name), *texts)
