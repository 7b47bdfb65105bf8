"""What findings of the validity report say: for each code its sentences, with what is filled in as `%(name)s`.

Owners say the sentences in English; pages say them in other languages. Here a sentence is taken apart again, into the
text that it was made of and what was filled in. Each sentence that an owner may say stands in this catalogue: tests of
the owners ask `unknown` of whatever they find.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from patchbay_contracts.finding_catalogue import FINDINGS
from patchbay_contracts.finding_catalogue_services import PARTS
from patchbay_contracts.note_catalogue import NOTES, NOTHING_FOUND, WORDS
from patchbay_contracts.reasons import REASONS
from patchbay_contracts.validity import Finding

Values = Mapping[str, str]
REFUSALS: Mapping[str, Sequence[str]] = {
    reason: [code for code in FINDINGS if code.partition(".")[2] == reason] for reason in REASONS
} | {
    "unknown_service_type": ("service.missing", "service.unknown_type", "service.unknown_service_type"),
    "service_type_not_in_force": ("service.not_in_force",),
    "incompatible": ("service.needs_another", "service.excludes_another"),
    "too_many_services": ("service.most_per_order", "service.most_per_customer"),
    "back_order_ended": ("numbers.too_few", "numbers.taken"),
}
"""By reason code: the codes of findings that say the same."""
_REASONS = {
    code: reason
    for reason, codes in REFUSALS.items()
    for code in codes
    if reason != "back_order_ended" and not code.startswith("draft.")
} | {
    "numbers.unknown": "unknown_number",
    "numbers.lost": "taken",
    "numbers.named_twice": "taken",
    "numbers.substituted": "taken",
}
MOST_READ = 1_000
"""Letters of a sentence that is taken apart."""
_PLACE = re.compile(r"^/\S*: ")


class Said(NamedTuple):
    """What was found and what to do: the texts of the catalogue, and what was filled in. An empty `remedy` is one that
    whoever made the catalogue of service types wrote: it stays as it is."""

    message: str
    remedy: str
    values: Values


def read(finding: Finding) -> Said | None:
    """The texts that a finding says; None if the catalogue has none such, as an owner of a later release may say, and
    for what is longer than any."""
    if max(len(finding.message), len(finding.remedy)) > MOST_READ:
        return None
    for message, remedy in FINDINGS.get(finding.code, ()):
        found = _pattern(message).fullmatch(finding.message)
        advice = _pattern(remedy).fullmatch(finding.remedy) if remedy else None
        if found and (advice or not remedy):
            return Said(message, remedy, found.groupdict() | (advice.groupdict() if advice else {}))
    return None


def refusal(reason: str, detail: str) -> Said | None:
    """The texts that the detail of a refusal says, as owners write it: a place in the order, what is wrong, what to do.
    None if the catalogue has none such. Without a reason it may be of any."""
    if len(detail) > MOST_READ:
        return None
    for code in REFUSALS.get(reason, ()) if reason else FINDINGS:
        for message, remedy in FINDINGS[code]:
            if found := _pattern(f"{message}: {remedy}").fullmatch(without_place(detail)):
                return Said(message, remedy, found.groupdict())
    return None


def without_place(detail: str) -> str:
    """The detail of a refusal without the place in the order that it may begin with."""
    return _PLACE.sub("", detail)


def reason_of(code: str, pointer: str = "") -> str | None:
    """What the order, its line or the change would have as its `reason` for such a finding; None where there is no such
    code. Settings are refused as a whole; what is waited for is a number that was named, or some that match."""
    if code == "numbers.back_ordered":
        return "taken" if "/exact/" in pointer else "too_few"
    return _REASONS.get(code) or ("bad_settings" if code.startswith("settings.") else None)


def part(name: str, value: str) -> tuple[str, Values] | None:
    """What was filled in by that name, if it is words itself: such as `too few free`, or a grade."""
    return _first((*PARTS.get(name, ()), *WORDS.get(name, ())), value)


def note(written: str) -> tuple[str, Values] | None:
    """What was noted of an order, as far as it is a sentence of the catalogue."""
    return _first(NOTES, written)


def nothing_found(code: str, message: str) -> tuple[str, Values] | None:
    """Why a search found nothing."""
    return _first(NOTHING_FOUND.get(code, ()), message)


def _first(texts: Iterable[str], written: str) -> tuple[str, Values] | None:
    if len(written) <= MOST_READ:
        for text in texts:
            if found := _pattern(text).fullmatch(written):
                return text, found.groupdict()
    return None


def unknown(findings: Iterable[Finding]) -> list[str]:
    """Those that say what no text of the catalogue says, by code and sentences."""
    return [f"{one.code}: {one.message} | {one.remedy}" for one in findings if read(one) is None]


def names(text: str) -> list[str]:
    """Of what is filled in."""
    return re.findall(r"%\((\w+)\)s", text)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """What the text may have become; some owners begin it with a capital and end it with a full stop."""
    pieces = re.split(r"%\((\w+)\)s", text)
    names, plain = pieces[1::2], pieces[0::2]
    joined = "".join(
        f"{re.escape(before)}(?P<{name}>.*?)" if names.index(name) == at else f"{re.escape(before)}(?P={name})"
        for at, (before, name) in enumerate(zip(plain, names, strict=False))
    )
    return re.compile(rf"{joined}{re.escape(plain[-1])}\.?", re.DOTALL | re.IGNORECASE)
