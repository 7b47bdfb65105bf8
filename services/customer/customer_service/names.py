"""What a customer is found by: the words of its name, its e-mail address and its reference, each beside its reseller.

Every lexeme of the index begins with the reseller, so one reseller's words are never looked at for another.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

SEPARATOR = "\x1f"
"""Stands in no text that an order may have."""
LONGEST = 200
"""PostgreSQL's lexemes have 2,046 bytes at the most."""
BEGINNING = 3
"""Of an address or a reference so many characters are a beginning; fewer are all of it."""
MOST_WORDS = 8
"""So many words of what is looked for count."""
ALIKE = 0.9
SUFFIXES = frozenset(
    [
        "ltd",
        "limited",
        "plc",
        "llp",
        "llc",
        "lp",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "gmbh",
        "ag",
        "sa",
        "bv",
    ]
)
"""What says what kind of company it is, and not which."""

_WORD = re.compile(r"[^\W_]+")


def words(name: str) -> list[str]:
    """A name's words in small letters, without accents and apostrophes; without the kind of company, unless there is
    nothing else."""
    plain = _folded(name).replace("'", "").replace("’", "").replace("&", " and ")
    # Most names need no regular expression, which costs an order more than all the rest.
    pieces = plain.split() if plain.replace(" ", "").isalnum() else _WORD.findall(plain)
    found = [word[:LONGEST] for word in pieces]
    return [word for word in found if word not in SUFFIXES] or found


def lexemes(reseller: str, name: str, email: str, reference: str | None) -> list[str]:
    """All that the customer is found by. Addresses and references stand apart from words: they are as many as
    customers, and who types a letter means no million of them."""
    found = [*words(name), f"@{_folded(email)[:LONGEST]}"]
    if reference:
        found.append(f"#{_folded(reference)[:LONGEST]}")
    return [f"{reseller}/{word}" for word in found]


def asked(resellers: Iterable[str], text: str) -> list[str]:
    """For each reseller the tsquery for what somebody typed: beginnings of words of the name, or the beginning of the
    address or of the reference. None at all: everything matches."""
    whole = _folded(text)[:LONGEST]
    if not whole:
        return []
    how = ":*" if len(whole) >= BEGINNING else ""
    begun = words(text)[:MOST_WORDS]
    queries = []
    for reseller in resellers:
        ways = [_lexeme(reseller, f"@{whole}", how), _lexeme(reseller, f"#{whole}", how)]
        if begun:
            ways.append(f"({' & '.join(_lexeme(reseller, word, ':*') for word in begun)})")
        queries.append(" | ".join(ways))
    return queries


def similar(reseller: str, name: str) -> str | None:
    """The tsquery for names that may be alike: all words but one are the same, and that one begins alike."""
    known = words(name)[:MOST_WORDS]
    if not known:
        return None
    if len(known) == 1:
        return _lexeme(reseller, known[0][: max(3, len(known[0]) - 2)], ":*")
    return " | ".join(
        "("
        + " & ".join(_lexeme(reseller, w[:3], ":*") if at == n else _lexeme(reseller, w) for n, w in enumerate(known))
        + ")"
        for at in range(len(known))
    )


def same(reseller: str, email: str) -> str:
    """The tsquery for an e-mail address."""
    return _lexeme(reseller, f"@{_folded(email)[:LONGEST]}")


def alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names' words are the same in any order, or nearly so."""
    a, b = " ".join(sorted(one)), " ".join(sorted(other))
    if a == b or min(len(a), len(b)) < 5:
        return a == b
    match = SequenceMatcher(None, a, b, autojunk=False)
    return match.real_quick_ratio() >= ALIKE and match.quick_ratio() >= ALIKE and match.ratio() >= ALIKE


def _lexeme(reseller: str, word: str, how: str = "") -> str:
    quoted = f"{reseller}/{word}".replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'{how}"


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
