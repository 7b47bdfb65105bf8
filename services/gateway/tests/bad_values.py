"""What people and programs type that they should not, by its kind. A text is one value of a field, bytes are sent as
they are (percent-encoded by whoever wrote them), a list is the field again and again, None leaves it out."""

from typing import NamedTuple

from .page_forms import OFFERING, Control


class File(NamedTuple):
    """A file that somebody chose."""

    name: str
    content: bytes


Typed = str | bytes | list[str] | File | None

SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'; DROP TABLE draft; --"
ADDRESS = 'javascript:alert(1)//" onmouseover="alert(1)'
HEADER = "Hello\r\nBcc: everybody@example.com"
TEMPLATE = "{{1234*4321}}%(n)s{% for x in y %}${x}{0}"
FILLED_IN = str(1234 * 4321)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(1+1)", "\t=1+1")
NOTHING = {"empty": "", "blanks": " \t  ", "missing": None}
TEXTS: dict[str, Typed] = {
    **NOTHING,
    "too long": "x" * 10_000,
    "script and SQL": SCRIPT,
    "a header": HEADER,
    "control characters": "a\0b\x1b[31mc\x7f",
    "right to left": "\u202eabc\u2066\u200b 😀",
    "a template": TEMPLATE,
    "twice": ["as agreed", SCRIPT],
}
NUMBERS: dict[str, Typed] = {
    "negative": "-1",
    "huge": "9" * 40,
    "beyond floats": "1e400",
    "no number": "NaN",
    "digits that are none": "²١",
}
DAYS: dict[str, Typed] = {"no day": "2026-02-30", "a day too far": "9999-12-31"}
BYTES: dict[str, Typed] = {
    "a lone surrogate": b"%ED%A0%80",
    "no UTF-8": b"a%FF%FEb",
    "no percent encoding": b"%zz%",
}
OTHERS: dict[str, Typed] = {
    "an address that is script": ADDRESS,
    **dict(zip(map("formula {}".format, FORMULAS), FORMULAS, strict=False)),
}
HIDDEN: dict[str, Typed] = {
    "missing": None,
    "too long": "9" * 10_000,
    "script and SQL": SCRIPT,
    "a header": HEADER,
    "control characters": "1\0",
    "negative": "-1",
    "digits that are none": "²",
    "no UTF-8": b"%FF%ED%A0%80",
    "twice": ["1", SCRIPT],
}
CHOICES: dict[str, Typed] = {
    **NOTHING,
    "not offered": "nonsense",
    "script and SQL": SCRIPT,
    "a header": HEADER,
    "huge": "9" * 40,
    "too long": "x" * 10_000,
    "control characters": "a\0b",
    "no UTF-8": b"%FF%ED%A0%80",
}
FILES: dict[str, Typed] = {
    "missing": None,
    "a text and no file": SCRIPT,
    "an empty file": File("empty.csv", b""),
    "no UTF-8": File("latin.csv", b"number,greeting\r\n+441217377007,caf\xe9\r\n"),
    "no CSV": File('"><script>alert(1)</script>.csv', b'"' + b"\0\x1b" * 50 + SCRIPT.encode()),
    "a picture": File("../../etc/passwd\r\nX: y", b"\x89PNG\r\n\x1a\n\0\0"),
    "too large": File("large.csv", b"x" * 3_000_000),
}


def of(control: Control, turn: int) -> list[tuple[str, Typed]]:
    """Values that a control should not be given, with their kinds. Of kinds that are much alike a field has those that
    are for it, and otherwise one, by `turn`."""
    if control.kind == "file":
        return [*FILES.items()]
    if control.kind == "hidden":
        return [*HIDDEN.items()]
    if control.kind in OFFERING:
        return [*CHOICES.items(), ("twice", [*control.offered[-1:], "nonsense"])]
    numbers, days = [*NUMBERS.items()], [*DAYS.items()]
    return [
        *TEXTS.items(),
        *(numbers if control.inputmode in {"numeric", "decimal"} else _one(numbers, turn)),
        *(days if control.kind == "date" else _one(days, turn)),
        *_one([*BYTES.items()], turn),
        *_one([*OTHERS.items()], turn),
    ]


def _one(kinds: list[tuple[str, Typed]], turn: int) -> list[tuple[str, Typed]]:
    return [kinds[turn % len(kinds)]]
