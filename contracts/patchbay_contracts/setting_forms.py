"""Settings that have a form of their own: where calls go (`format: destination`) and when (`format: time-plan`)."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import Frozen
from patchbay_contracts.patterns import pattern
from patchbay_contracts.words import Email, parse_e164

DestinationKind = Literal["number", "sip", "email", "voicemail"]
MOST_DESTINATION = 254
EMERGENCY = frozenset(("999", "112", "911", "000", "101", "105", "111", "18000"))
"""Numbers for help, as they are dialled: a service that sends its calls there would take them from those in need."""

_SIP = re.compile(
    r"sips?:[A-Za-z0-9._~!$&'()*+,;=%-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?(?::[0-9]{1,5})?"
)
_DIALLED = re.compile(r"(?:\+|00)?(?:44)?0?([0-9]{3,5})")
_SPACES = re.compile(r"[ ().-]")
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class Destination(Frozen):
    """Where a call or a fax goes. As a setting it is a text: `+441214960000`, `sip:desk@pbx.example`,
    `office@example.com` or `voicemail`. `value` is that text as every service writes it."""

    kind: DestinationKind
    value: str


def parse_destination(text: str) -> Destination:
    """What the text means. Raises ValueError with the remedy; what was written is not repeated."""
    text = text.strip()
    if len(text) > MOST_DESTINATION:
        raise ValueError(f"longer than {MOST_DESTINATION} characters: shorten it")
    if text.lower() == "voicemail":
        return Destination(kind="voicemail", value="voicemail")
    if text.lower().startswith(("sip:", "sips:")):
        scheme, _, rest = text.partition(":")
        if not _SIP.fullmatch(f"{scheme.lower()}:{rest}"):
            raise ValueError("not a SIP address: write it as in sip:desk@pbx.example")
        return Destination(kind="sip", value=f"{scheme.lower()}:{rest}")
    if "@" in text:
        try:
            return Destination(kind="email", value=_EMAIL.validate_python(text))
        except ValidationError:
            raise ValueError("not an e-mail address: write it as in office@example.com") from None
    digits = _SPACES.sub("", text)
    if (dialled := _DIALLED.fullmatch(digits)) and dialled[1] in EMERGENCY:
        raise ValueError("an emergency number: calls must not be sent there; choose another destination")
    try:
        return Destination(kind="number", value=f"+{parse_e164(digits)}")
    except ValueError:
        raise ValueError(
            "neither a number, a SIP address, an e-mail address nor voicemail: write it as in +441214960000"
        ) from None


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Clock = Annotated[str, pattern(r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "write a time from 00:00 to 24:00")]
"""`HH:MM`; the end of a day is `24:00`. They sort as texts."""


_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Hours(Frozen):
    """A time of a day, `to` not included: `{"from": "09:00", "to": "17:30"}`."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

    from_: Clock = Field(alias="from")
    to: Clock

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.from_ >= self.to:
            raise FieldFault("it ends before it begins: give an end after the beginning, 24:00 at the latest", "to")
        return self


def _apart(hours: tuple[Hours, ...]) -> tuple[Hours, ...]:
    ordered = sorted(hours, key=lambda one: one.from_)
    if any(later.from_ < earlier.to for earlier, later in pairwise(ordered)):
        raise ValueError("two times overlap: join them, or begin the second when the first has ended")
    return hours


OpenHours = Annotated[tuple[Hours, ...], Field(max_length=8), AfterValidator(_apart)]
"""The times of one day; none: closed."""


class ExceptionalDay(Frozen):
    """A date, such as a holiday, on which other times hold; no times: closed all day."""

    model_config = ConfigDict(extra="forbid")

    date: date
    hours: OpenHours = ()


class TimePlan(Frozen):
    """Opening hours: by weekday, and by date where that differs. A weekday that is not named is closed. As a setting:

    `{"weekdays": {"monday": [{"from": "09:00", "to": "17:30"}]}, "exceptions": [{"date": "2026-12-25", "hours": []}]}`
    """

    model_config = ConfigDict(extra="forbid")

    weekdays: dict[Weekday, OpenHours]
    exceptions: Annotated[tuple[ExceptionalDay, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _dates_once(self) -> Self:
        dates = [day.date for day in self.exceptions]
        if len(set(dates)) < len(dates):
            message = "a date stands twice among the exceptions: name each date once"
            raise FieldFault(message, "exceptions", repeated(dates), "date")
        return self


def plan_text(value: JsonValue, called: Mapping[str, str] = {}) -> str | None:
    """A time plan on one line, as people read it: `Monday 09:00-12:30, 13:30-17:30; 2026-12-25 closed`. None for
    what is none. `called`: what the weekdays and `closed` are called, in another language."""
    try:
        plan = TimePlan.model_validate(value)
    except ValidationError:
        return None
    closed = called.get("closed", "closed")
    weekdays = [(called.get(day, day.capitalize()), plan.weekdays[day]) for day in _WEEKDAYS if day in plan.weekdays]
    days = [*weekdays, *((day.date.isoformat(), day.hours) for day in plan.exceptions)]
    texts = (f"{day} {', '.join(f'{one.from_}-{one.to}' for one in hours) or closed}" for day, hours in days)
    return "; ".join(texts) or closed
