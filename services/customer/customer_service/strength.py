"""How easily a PIN is guessed."""

import re
from collections.abc import Iterable

COMMON = frozenset(
    ["1212", "1004", "2000", "6969", "1122", "1313", "2580", "0852", "1010", "2468", "1357", "1379", "password"]
)
STEPS = "0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"


def weakness(pin: str, known: Iterable[str]) -> str | None:
    """Why somebody who knows these things of the customer may guess the PIN; None if nothing speaks against it."""
    small = pin.lower()
    if len(set(small)) == 1:
        return "it repeats one character"
    if any(small in row or small in row[::-1] for row in STEPS):
        return "its characters follow one another"
    if small in COMMON or small in {common * 2 for common in COMMON}:
        return "it is one of the most used"
    if len(small) % 2 == 0 and small == small[: len(small) // 2] * 2 and len(small) > 4:
        return "it repeats itself"
    plain = re.sub(r"[^a-z0-9]", "", small)
    if len(plain) >= 3 and any(plain in re.sub(r"[^a-z0-9]", "", text.lower()) for text in known):
        return "it is part of what others may know of the customer"
    return None
