"""What is wrong with a field, in words for people. Owners say it so themselves; what a validator says for programs is
put into words here, and what owners find is said in the language of the page."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gateway_service.pages.language import gettext as _
from patchbay_contracts import finding_texts
from patchbay_contracts.finding_texts import Values
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.validity import Finding


class Words(NamedTuple):
    """What is wrong, and what to do."""

    message: str
    remedy: str


_NUMBER = r"(?P<n>[^ ]+)"
_SAID: Sequence[tuple[str, Callable[[], Words]]] = (
    (r"Field required", lambda: Words(_("this is missing"), _("fill it in"))),
    (r"String should have at least 1 character", lambda: Words(_("nothing stands here"), _("fill it in"))),
    (
        rf"String should have at least {_NUMBER} characters",
        lambda: Words(_("this is shorter than %(n)s characters"), _("write more")),
    ),
    (
        rf"String should have at most {_NUMBER} characters?",
        lambda: Words(_("this is longer than %(n)s characters"), _("shorten it")),
    ),
    (
        r"not written as it should be: write an e-mail address.*",
        lambda: Words(_("this is no e-mail address"), _("write it as in name@example.com")),
    ),
    (r"not written as it should be", lambda: Words(_("this is not written as it should be"), _("see the hint"))),
    (
        r"Text has no control characters",
        lambda: Words(_("this has line breaks, tabs or other control characters"), _("write it on one line")),
    ),
    (
        r"(Value error, )?value is not a valid email address.*",
        lambda: Words(_("this is no e-mail address"), _("write it as in name@example.com")),
    ),
    (r"Input should be a valid (integer|number|decimal).*", lambda: Words(_("this is no number"), _("write digits"))),
    (r"Input should be a finite number", lambda: Words(_("this is no number"), _("write digits"))),
    (r"Decimal input should have no more than .*", lambda: Words(_("this has too many digits"), _("write fewer"))),
    (r"Unable to parse input string.*", lambda: Words(_("this is too large a number"), _("write a smaller one"))),
    (
        rf"Input should be greater than or equal to {_NUMBER}",
        lambda: Words(_("this is too little"), _("enter %(n)s or more")),
    ),
    (
        rf"Input should be less than or equal to {_NUMBER}",
        lambda: Words(_("this is too much"), _("enter %(n)s or less")),
    ),
    (
        rf"Input should be greater than {_NUMBER}",
        lambda: Words(_("this is too little"), _("enter more than %(n)s")),
    ),
    (rf"Input should be less than {_NUMBER}", lambda: Words(_("this is too much"), _("enter less than %(n)s"))),
    (
        r"Input should be a valid (date|datetime|time).*",
        lambda: Words(_("this is no day"), _("enter one such as 2026-06-01")),
    ),
    (
        r"Input should be (a valid )?['\"U].*",
        lambda: Words(_("this is none of the choices"), _("choose from the list")),
    ),
    (r"\w+ should have at least .*", lambda: Words(_("these are too few"), _("choose more"))),
    (
        rf"\w+ should have at most {_NUMBER} items?.*",
        lambda: Words(_("these are more than %(n)s"), _("leave some out")),
    ),
    (r"there is no such field", lambda: Words(_("nobody asks for this"), _("leave it out"))),
)


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
    known = finding_texts.refusal(reason, detail)
    if known is not None and _(known.message) != known.message:
        return sentences(
            *(_translated(text, known.values, text % known.values) for text in (known.message, known.remedy))
        )
    why = REASONS.get(reason)
    if why is None or _(why.meaning) == why.meaning:
        return detail or reason
    return " ".join(text for text in (_(why.meaning), _(why.remedy), detail) if text)


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
        return words % {name: _part(name, value) for name, value in values.items()}
    except (KeyError, TypeError, ValueError):  # a translation that names what there is not
        return written


def _part(name: str, value: str) -> str:
    known = finding_texts.part(name, value)
    return _translated(*known, value) if known is not None else value


def said(fault: Mapping[str, str]) -> str:
    """The fault in one sentence, with what to do."""
    message, remedy = fault.get("message", ""), fault.get("remedy", "")
    for pattern, words in _SAID:
        if found := re.fullmatch(f"(?:{pattern})(: .*)?", f"{message}: {remedy}", re.DOTALL):
            message, remedy = (text % found.groupdict() for text in words())
            break
    if not remedy or remedy in message or "openapi.json" in remedy or remedy == "see the message":
        return message
    return f"{message}: {remedy}"
