"""Why a search finds nothing, and what would be found, in the language and by the labels of the Numbers tab."""

from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import spoken
from gateway_service.pages.wording import sentences, word
from patchbay_contracts import finding_texts
from patchbay_contracts.numbers import NothingFound


def why_nothing(nothing: NothingFound) -> str:
    """The reason, and the nearest filter that finds something."""
    known = finding_texts.nothing_found(nothing.code, nothing.message)
    if known is None:
        return sentences(nothing.message, "")
    text, values = known
    why = sentences(_(text) % {name: _value(name, value) for name, value in values.items()}, "")
    if nothing.nearest is None:
        return why
    field, _between, value = nothing.nearest.change.removeprefix("without ").partition(": ")
    filled = {"field": _label(field), "value": _value(field, value), "total": spoken().count(nothing.nearest.total)}
    if value:
        return f"{why} " + _("With %(field)s “%(value)s” there would be %(total)s.") % filled
    return f"{why} " + _("Without %(field)s there would be %(total)s.") % filled


def _value(name: str, value: str) -> str:
    """As the tab has it. Whose a pool is goes without saying: it is the draft's reseller's or customer's."""
    if name == "field":
        return _label(value)
    if name == "pools":
        return ", ".join(word("pool", one.partition(":")[0]) for one in value.split(", "))
    return word(name, value)


def _label(field: str) -> str:
    """What the filter is called there."""
    called = {
        "count": _("How many"),
        "prefix": _("Prefix"),
        "grades": _("Grade"),
        "segments": _("Contains"),
        "ends_with": _("Ends with"),
        "pattern": _("Looks like"),
        "aligned": _("A run begins at"),
        "pools": _("Where they come from"),
    }
    return f"“{called[field]}”" if field in called else field
