"""Values that all messages share: numbers, money, texts, organisations."""

import re
from decimal import Decimal
from math import isfinite
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from patchbay_contracts.message import PLAIN, RESELLER, Frozen
from patchbay_contracts.patterns import pattern

_E164 = re.compile(r"\+?[1-9][0-9]{6,14}")
_BETWEEN = re.compile(r"[\s()/.-]")


def undressed(written: str) -> str:
    """A number, or how one begins, without what people write between its digits; 00 before a calling code is a plus.
    What is left is not judged: a beginning is no number."""
    abroad = written.lstrip(" (").startswith(("+", "00"))
    text = _BETWEEN.sub("", written.replace("(0)", "") if abroad else written) or written.strip()
    return f"+{text[2:]}" if text.startswith("00") and text[2:3].strip("0") else text


def parse_e164(number: object) -> int:
    """`+441214960000`, `441214960000` or the integer, as the integer. Raises ValueError with the remedy."""
    text = number if isinstance(number, str) else str(number)
    if isinstance(number, bool) or not _E164.fullmatch(text):
        raise ValueError("not an E.164 number: write + and 7 to 15 digits, such as +441214960000")
    return int(text)


E164 = Annotated[
    int,
    BeforeValidator(parse_e164),
    PlainSerializer(lambda number: f"+{number}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$", "examples": ["+441214960000"]}),
]
"""A number (ITU-T E.164, 7 to 15 digits): an integer in the code, `+` and digits on the wire."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PLAIN)]
Slug = Annotated[
    str,
    pattern(
        r"^[a-z0-9][a-z0-9._-]{0,59}$", "use up to 60 lower-case letters, digits, . _ and -, a letter or digit first"
    ),
]
Reseller = Annotated[str, pattern(RESELLER, "use up to 40 lower-case letters, digits and -, a letter or digit first")]
Email = Annotated[
    str,
    pattern(
        r"^[^@\s<>,;\x00-\x1f\x7f]+@[^@\s<>,;\x00-\x1f\x7f]+\.[^@\s<>,;.\x00-\x1f\x7f]+$",
        "write an e-mail address such as office@example.com",
        max_length=254,
    ),
]
CallingCode = Annotated[str, pattern(r"^[1-9][0-9]{0,2}$", "write a calling code such as 44")]
InternationalPrefix = Annotated[
    str, pattern(r"^\+?[1-9][0-9]{0,14}$", "write how numbers begin, the calling code first, such as +44121")
]
"""A number, or how it begins, with the calling code: `+44121737`."""
Code = Annotated[
    str, pattern(r"^[a-z]+\.[a-z0-9_]+$", "give the code as the report has it, such as numbers.taken", max_length=60)
]
"""What a validity report calls a finding."""
Currency = Annotated[str, pattern(r"^[A-Z]{3}$", "write the three capital letters of ISO 4217, such as GBP")]
Grade = Literal["platinum", "gold", "silver", "bronze", "standard"]
Pool = Literal["public", "reseller", "customer"]
Prefix = Annotated[
    str,
    pattern(r"^(\+?[0-9]{1,15})?$", "write digits alone, such as 0121 or +44121"),
    BeforeValidator(lambda written: undressed(written) if isinstance(written, str) else written),
]
"""How numbers begin, as somebody writes it: it is kept as its digits, with a plus before a calling code."""
OrganisationKind = Literal["customer", "reseller", "supplier", "contact"]


def keepable(value: JsonValue) -> JsonValue:
    """The value, if every service can keep it as it is. Raises ValueError with the remedy."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text holds the character U+0000: remove it")
    elif isinstance(value, dict):
        for name, inner in value.items():
            keepable(name)
            keepable(inner)
    elif isinstance(value, list):
        for inner in value:
            keepable(inner)
    elif isinstance(value, float):
        if not isfinite(value):
            raise ValueError("a number is infinite or none at all: write a finite one")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("a number has more than 64 bits: write it as a text")
    return value


Settings = Annotated[dict[str, JsonValue], AfterValidator(keepable)]
"""What a service type's JSON Schema describes; checked by provisioning against that schema."""


class Money(Frozen):
    """An amount in a currency (ISO 4217). A decimal, on the wire a string; never a float."""

    amount: Decimal = Field(max_digits=18, decimal_places=4)
    currency: Currency


class Organisation(Frozen):
    """Somebody who can be notified of an order's end."""

    kind: OrganisationKind
    name: Text
    email: Email


class HeldNumber(Frozen):
    """A number with its grade and the name of the rule that decided the grade."""

    e164: E164
    grade: Grade
    rule: Text
