"""What is wrong with a field, in words for people: what validators and drafts say for programs is said here in the
language of the page. Owners say the rest themselves."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gateway_service.pages.language import gettext as _


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
    (
        r"Input should be (?P<choices>\d[\d, ]* or \d+)",
        lambda: Words(_("this is none of %(choices)s"), _("write one of them")),
    ),
    (r"\w+ should have at least .*", lambda: Words(_("these are too few"), _("choose more"))),
    (
        rf"\w+ should have at most {_NUMBER} items?.*",
        lambda: Words(_("these are more than %(n)s"), _("leave some out")),
    ),
    (r"there is no such field", lambda: Words(_("nobody asks for this"), _("leave it out"))),
    # Of drafts.
    (r"this is none of your resellers", lambda: Words(_("this is none of your resellers"), _("choose one of yours"))),
    (r"this is no price list", lambda: Words(_("this is no price list"), _("choose one of yours"))),
    (
        r"the report has no such warning",
        lambda: Words(_("the report has no such warning"), _("take it from the report")),
    ),
    (
        rf"{_NUMBER} services are as many as an order has",
        lambda: Words(_("%(n)s services are as many as an order has"), _("begin another draft")),
    ),
    (
        rf"an order has {_NUMBER} numbers at the most",
        lambda: Words(_("an order has %(n)s numbers at the most"), _("begin another draft")),
    ),
    (
        r"(?P<numbers>[+0-9, ]+) belong to another service of this draft",
        lambda: Words(_("%(numbers)s belong to another service of this draft"), _("remove them there first")),
    ),
    (
        r"a number stands twice in this line: .*",
        lambda: Words(_("a number stands twice in this line"), _("name each number once")),
    ),
    (
        r"(Value error, )?the text has control characters: .*",
        lambda: Words(_("the text has control characters"), _("remove all but line breaks and tabs")),
    ),
    # Of rules of grades.
    (
        r"two rules are called (?P<name>.*)",
        lambda: Words(_("two rules are called %(name)s"), _("give each a name of its own")),
    ),
    (
        r"a rule has exactly one of letters, .*",
        lambda: Words(_("nothing says what makes a number memorable"), _("see the hint")),
    ),
    (
        r"that stands where no rule decides",
        lambda: Words(_("that stands where no rule decides"), _("give the rule another name")),
    ),
    # Of lists.
    (
        rf"more than {_NUMBER} customers are like that",
        lambda: Words(_("more than %(n)s customers are like that"), _("type more of it")),
    ),
    (
        rf"more than {_NUMBER} services have such a number",
        lambda: Words(_("more than %(n)s services have such a number"), _("type more of it")),
    ),
    # Of CSVs of settings.
    (
        r"there are no settings (?P<names>[^:]*)",
        lambda: Words(_("there are no settings %(names)s"), _("use those that an export of this page names")),
    ),
    (r"it cannot be read", lambda: Words(_("it cannot be read"), _("save it as CSV in UTF-8, with commas"))),
    (
        r"its first line lacks the column 'number', or has one twice",
        lambda: Words(
            _("its first line lacks the column 'number', or has one twice"), _("begin with: number,<settings>")
        ),
    ),
    (
        rf"it has more than {_NUMBER} rows",
        lambda: Words(_("it has more than %(n)s rows"), _("split it")),
    ),
    (
        r"there is no E\.164 number in it",
        lambda: Words(_("there is no E.164 number in it"), _("write + and 7 to 15 digits, such as +441214960000")),
    ),
    (
        rf"it has {_NUMBER} cells, the first line (?P<head>\d+)",
        lambda: Words(_("it has %(n)s cells, the first line %(head)s"), _("check its commas")),
    ),
    (
        r"the service does not have this number, or a row before names it",
        lambda: Words(
            _("the service does not have this number, or a row before names it"),
            _("name each of its numbers once"),
        ),
    ),
    (
        rf"a cell has more than {_NUMBER} characters",
        lambda: Words(_("a cell has more than %(n)s characters"), _("shorten it")),
    ),
)


def said(fault: Mapping[str, str]) -> str:
    """The fault in one sentence, with what to do."""
    message, remedy = fault.get("message", ""), fault.get("remedy", "")
    for pattern, words in _SAID:
        if found := re.fullmatch(f"(?:{pattern})(: .*)?", f"{message}: {remedy}", re.DOTALL):
            message, remedy = (text % found.groupdict() for text in words())
            break
    else:
        if message == "not written as it should be":  # how it should stands with the pattern, in the contracts
            message, remedy = _("this is not written as it should be"), _(remedy)
    if not remedy or remedy in message or "openapi.json" in remedy or remedy == "see the message":
        return message
    return f"{message}: {remedy}"
