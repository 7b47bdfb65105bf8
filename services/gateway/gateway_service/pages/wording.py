"""What services say in English, in the language of the page: findings, refusals, notes, problems, and the words that
stand for codes. The catalogues of the contracts have what can be said; what is not in them stays as it was written."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway_service.pages import fault_words
from gateway_service.pages.fault_words import Words
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import translates
from patchbay_contracts import finding_texts
from patchbay_contracts.finding_texts import Values
from patchbay_contracts.problem_catalogue import BASE, BY_CODE
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.validity import Finding

_LISTS = {"grades": "grade", "pools": "pool", "swaps": "swap", "roles": "role"}
"""What is filled in as several of a kind, with commas between them."""


def sentences(message: str, remedy: str) -> str:
    """What was found and what to do, as sentences: some owners write them without a capital and a stop."""
    given = [text.strip() for text in (message, remedy) if text.strip()]
    return " ".join(f"{text[0].upper()}{text[1:]}" + ("" if text[-1] in ".!?" else ".") for text in given)


def message_of(finding: Finding) -> str:
    """What was found alone, in the language of the page."""
    known = finding_texts.read(finding)
    return sentences(_translated(known.message, known.values, finding.message) if known else finding.message, "")


def sentences_of(finding: Finding) -> str:
    """What was found and what to do, as sentences in the language of the page: as the owner wrote them where there are
    no words for them."""
    known = finding_texts.read(finding)
    if known is None:
        return sentences(finding.message, finding.remedy)
    message = _translated(known.message, known.values, finding.message)
    remedy = _translated(known.remedy, known.values, finding.remedy) if known.remedy else finding.remedy
    return sentences(message, remedy)


def because(reason: str, detail: str) -> str:
    """Why something was refused or undone, in the language of the page: the detail, as far as there are words for its
    sentences; or what its reason means, before the detail as its owner wrote it; or that alone."""
    if (found := _refused(reason, detail)) is not None:
        return found
    why = REASONS.get(reason)
    if why is None or _(why.meaning) == why.meaning:
        return detail or reason
    return " ".join(text for text in (_(why.meaning), _(why.remedy), quoted(detail)) if text)


def plainly(reason: str, detail: str) -> str:
    """The same in sentences for whoever typed it, without its place in the order."""
    bare = finding_texts.without_place(detail)
    if known := finding_texts.refusal(reason, bare):
        return _sentences_of(known)
    why = REASONS.get(reason)
    if why is None:
        return sentences(bare or reason, "")
    return " ".join(text for text in (_(why.meaning), _(why.remedy), sentences(quoted(bare), "")) if text)


def remark(note: str) -> str:
    """What was noted of a step of an order, for whoever typed it."""
    reason, between, detail = note.partition(": ")
    return plainly(reason, detail) if between and reason in REASONS else noted(note)


def _refused(reason: str, detail: str) -> str | None:
    known = finding_texts.refusal(reason, detail)
    if known is None or _(known.message) == known.message:
        return None
    return _sentences_of(known)


def _sentences_of(known: finding_texts.Said) -> str:
    return sentences(*(_translated(text, known.values, text % known.values) for text in (known.message, known.remedy)))


def noted(written: str) -> str:
    """What was noted of an order, a service or a change, in the language of the page, sentence by sentence."""
    return "; ".join(map(_noted, re.split(r"; (?=line \d)", written))) if translates() else written


def quoted(written: str) -> str:
    """The same; what a network or somebody else said in words of its own is quoted on a page in another language."""
    said = noted(written)
    return _("“%(words)s”") % {"words": said} if said and said == written and translates() else said


def row_refused(reason: str) -> str:
    """Why a row of a list was not loaded, in the language of the page: in one sentence, or column by column."""
    if (whole := word("row", reason)) != reason or not translates():
        return whole
    return "; ".join(map(_of_column, reason.split("; ")))


def _of_column(said: str) -> str:
    column, between, wrong = said.partition(": ")
    if (known := word("row", said)) != said or not between:
        return known
    if (known := word("row", wrong)) == wrong:
        known = fault_words.said({"message": wrong})
    return f"{column}: {known}"


def logged(key: str, value: Any) -> str:
    """What is noted of a change of the inventory, in the language of the page."""
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    said = _("as the settings say") if value is None else word({"kind": "inventory_field"}.get(key, key), said)
    return _("%(what)s: %(said)s") % {"what": word("inventory_field", key.replace("_", " ")), "said": said}


def _noted(written: str) -> str:
    reason, between, detail = written.partition(": ")
    if between and reason in REASONS:
        why = because(reason, detail)
        return written if why == detail else f"{why} ({reason})"
    if (known := finding_texts.note(written)) is not None:
        return _translated(*known, written)
    if (given := word("swaps", written)) != written:
        return given
    return _refused("", written) or written


_MADE_OF: Mapping[str, Callable[[str], str]] = {"note": noted, "refusal": noted, "detail": noted}
"""What is filled in and is a note itself."""


def word(kind: str, code: str) -> str:
    """The word for a code of that kind, such as a grade, in the language of the page."""
    if not translates():
        return code
    if kind in _LISTS:
        return ", ".join(word(_LISTS[kind], one) for one in code.split(", "))
    if kind in _MADE_OF:
        return _MADE_OF[kind](code)
    known = finding_texts.part(kind, code)
    return _translated(*known, code) if known is not None else code


def problem(said: Mapping[str, Any]) -> Words:
    """What went wrong, and more of it, in the language of the page: what its kind means where there are words for that,
    else as it was written, in which language ever."""
    kind = BY_CODE.get(str(said.get("type", "")).removeprefix(BASE))
    if kind is None or said["title"] != kind.title or _(kind.title) == kind.title:
        return Words(said["title"], said.get("detail") or "")
    return Words(_(kind.title), f"{_(kind.meaning)} {_(kind.remedy)}")


def field_called(field: str) -> str:
    """What a field of a customer is called."""
    return {
        "state": _("State"),
        "name": _("Name"),
        "email": _("E-mail address"),
        "address": _("Address"),
        "phone": _("Phone"),
        "reference": _("Reference"),
        "contacts": _("Contacts and organisations"),
    }.get(field, field)


def step_called(step: str) -> str:
    """What a step of an order is called."""
    return {
        "validity": _("validity"),
        "customer": _("customer"),
        "numbers": _("numbers"),
        "billing": _("billing"),
        "services": _("services"),
        "service": _("service"),
        "network": _("network"),
        "cancel": _("taking back"),
    }.get(step, step)


def _translated(text: str, values: Values, written: str) -> str:
    """The text with its values, which may be words themselves; what was written where there is no translation."""
    if (words := _(text)) == text:
        return written
    try:
        return words % {name: word(name, value) for name, value in values.items()}
    except (KeyError, TypeError, ValueError):  # a translation that names what there is not
        return written
