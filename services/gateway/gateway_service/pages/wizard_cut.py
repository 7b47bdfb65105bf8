"""Texts of the wizard's forms that are longer than a draft keeps: what is kept of them, and what is said."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from gateway_service.draft import Note
from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Form
from patchbay_chassis.problems import Problem

LONG, LONGEST = 2_000, 20_000
"""Characters that are kept of a text, and of a mail's."""
MOST_PIN = 64
"""Of a PIN all or nothing is kept; whether it will do as one is said by the report."""
_LINES = (
    r"name|email|phone|reference|city|postcode|country|address_lines-\d+|contacts-\d+-(name|email)"
    r"|count|prefix|segments|ends_with|pattern|reason-.+|mails-\d+-(name|email|subject)"
)
_LIMITS = ((re.compile(_LINES), LONG), (re.compile(r"mails-\d+-text"), LONGEST))
_CALLED: Mapping[str, Callable[[], str]] = {
    "name": lambda: _("Name"),
    "email": lambda: _("E-mail address"),
    "phone": lambda: _("Telephone"),
    "reference": lambda: _("Own reference"),
    "city": lambda: _("Town or city"),
    "postcode": lambda: _("Postcode"),
    "country": lambda: _("Country"),
    "address_lines": lambda: _("Address"),
    "count": lambda: _("How many"),
    "prefix": lambda: _("Prefix"),
    "segments": lambda: _("Contains"),
    "ends_with": lambda: _("Ends with"),
    "pattern": lambda: _("Looks like"),
    "reason": lambda: _("Why it may be so"),
    "subject": lambda: _("Subject"),
    "text": lambda: _("Message"),
}


class TooLong(NamedTuple):
    """A field with more characters than are kept."""

    name: str
    length: int
    kept: int


def cut(form: Form) -> tuple[Form, Sequence[TooLong]]:
    """The form as far as it can be kept, and what of it cannot."""
    limits = {name: most for name in form.names() for pattern, most in _LIMITS if pattern.fullmatch(name)}
    long = [TooLong(name, length, most) for name, most in limits.items() if (length := len(form.text(name))) > most]
    if (length := len(form.exact("pin"))) > MOST_PIN:
        long.append(TooLong("pin", length, 0))
    if not long:
        return form, ()
    fits = {one.name: form.text(one.name)[: one.kept] for one in long}
    kept: list[tuple[str, str | UploadFile]] = [
        (name, fits.get(name, text)) for name in form.names() for text in form.all(name)
    ]
    return Form(FormData(kept)), long


def refused(long: Sequence[TooLong], version: int) -> Problem:
    """All else is kept by that version of the draft. The message is at each field, and says what is not."""
    said = {f"/{one.name}": _at_field(one) for one in long} | {"": _("all else that you typed is kept")}
    faults = [{"pointer": pointer, "message": message, "remedy": ""} for pointer, message in said.items()]
    return Problem(422, "Not all of it is kept", errors=faults, headers={"ETag": f'"{version}"'})


def notes(long: Sequence[TooLong]) -> Sequence[Note]:
    """The same, for the page that one went to."""
    return [Note("cut", {"field": _called(one.name), "what": _at_field(one)}) for one in long]


def _at_field(one: TooLong) -> str:
    given = {"length": f"{one.length:,}", "kept": f"{one.kept:,}"}
    if one.name == "pin":
        return _("this has %(length)s characters and was not kept: use 4 to 12") % given
    return _("this has %(length)s characters, of which only the first %(kept)s were kept: shorten it") % given


def _called(name: str) -> str:
    if name == "pin":
        return _("PIN")
    parts = [part for part in name.split("-") if part in _CALLED]
    return _CALLED[parts[-1]]() if parts else name
