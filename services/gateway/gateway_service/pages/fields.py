"""Fields of a form on their way to an owner: what is wrong with each, and what the owner refused, by the field's id."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway_service.pages.fault_words import said
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Acting
from gateway_service.pages.site import Form
from gateway_service.pages.wording import problem as words_of
from patchbay_chassis.problems import Problem
from patchbay_contracts.words import Text

LAST = date(2199, 12, 31)
_REFUSALS = {403, 404, 409, 413, 422}


class Fields:
    """A form that is read; `errors` are messages by the field's id."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.errors = dict[str, str]()

    def of(self, kind: Any, name: str, message: str, id_: str = "") -> Any:
        """The field as what it should be; as it was typed, if it is not."""
        typed = self.form.text(name)
        if not fits(kind, typed):
            self.errors[id_ or name] = message
        return typed

    def line(self, name: str, what: str) -> str:
        """A text on one line that has to be there. `what`: how it is asked for."""
        typed: str = self.of(Text, name, what)
        return typed

    def why(self) -> str:
        """The reason of a change."""
        return self.line("why", _("Enter a reason of up to 200 characters, on one line"))

    def day(self, name: str, *, needed: bool = True) -> date | None:
        """A day; None for none."""
        typed = self.form.text(name)
        if not typed and not needed:
            return None
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            day = date.max
        if day > LAST:
            self.errors[name] = _("Enter a day such as 2026-06-01")
            return None
        return day

    def count(self, name: str, most: int, *, least: int = 0, needed: bool = True) -> int | None:
        """A whole number within bounds; None for none."""
        typed = self.form.text(name)
        if not typed and not needed:
            return None
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 10 and least <= int(typed) <= most):
            self.errors[name] = _("Enter a whole number from %(least)s to %(most)s") % {"least": least, "most": most}
            return None
        return int(typed)

    def confirmed(self, message: str) -> None:
        """Whether the box `confirm` is ticked."""
        if not self.form.ticked("confirm"):
            self.errors["confirm"] = message


def unknown(form: Form, offered: Mapping[str, Collection[str]]) -> dict[str, str]:
    """What was chosen and is none of what these fields offer, by the field's name."""
    said = _("Choose from the list")
    return {name: said for name, known in offered.items() if any(one and one not in known for one in form.all(name))}


def fits(kind: Any, value: Any) -> bool:
    """Whether it is of that kind."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def seen(form: Form, name: str = "revision") -> int:
    """Which revision somebody saw when he began; 0 for none."""
    typed = form.text(name)
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def today() -> date:
    """The day by which owners go."""
    return datetime.now(UTC).date()


def is_house(who: Acting) -> bool:
    """Whether somebody may change what belongs to everybody: who acts for all resellers."""
    return who.resellers is None


def refused(problem: Problem, places: Mapping[str, str]) -> dict[str, str]:
    """What an owner refused, by field: `places` are ids by the beginning of the owner's pointer. What belongs to no
    field stands under "". Raises the problem, if it is none that the form can tell."""
    if problem.status not in _REFUSALS:
        raise problem
    errors = dict[str, str]()
    for fault in problem.body.get("errors", ()):
        at = str(fault.get("pointer", ""))
        place = max((one for one in places if at == one or at.startswith(f"{one}/")), key=len, default="")
        rest = at.removeprefix(place) if place else ""
        message = sentence(said(fault), rest)
        id_ = places.get(place, "")
        errors[id_] = f"{errors[id_]} · {message}" if id_ in errors else message
    if not errors:
        errors[""] = ". ".join(part.rstrip(".") for part in words_of(problem.body) if part)
    return errors


def sentence(words: str, at: str = "") -> str:
    """A fault as a page says it, with its place where that is within a field."""
    return f"{at}: {words}" if at else words[:1].upper() + words[1:]
