"""How a prefix or a pattern is read: as E.164, with a trunk digit, or as national digits of what the inventory has."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from numbers_service.index.blocks import Directory
from numbers_service.index.wanted import BadFilter

Ranges = tuple[tuple[int, int], ...]
LONGEST = 15
EVERYTHING: Ranges = ((0, 10**LONGEST - 1),)


def read_prefix(prefix: str, directory: Directory) -> list[str]:
    """The E.164 prefixes (without +) that are meant. Raises BadFilter."""
    text = prefix.replace(" ", "")
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST + 1:
        raise BadFilter("prefix", f"{prefix!r} is no beginning of a number", f"write + and up to {LONGEST} digits")
    if text.startswith("+"):
        return [digits]
    countries = sorted(directory.countries.items())
    national = [country + digits for country, _ in countries]
    with_trunk = [
        country + digits[len(trunk) :] for country, trunks in countries for trunk in trunks
        if trunk and digits.startswith(trunk)
    ]  # fmt: skip
    readings = with_trunk or [digits]
    for several in ({*readings, digits}, national):
        if there := [one for one in sorted(several) if has_numbers(one, directory)]:
            return there
    return readings


def has_numbers(prefix: str, directory: Directory) -> bool:
    """Whether the inventory has numbers that begin so."""
    return any(directory.overlaps(first, last) for first, last in ranges_of([prefix], directory))


def ranges_of(prefixes: Iterable[str], directory: Directory) -> Ranges:
    """The numbers that begin so, in all lengths of the inventory: ranges, ascending, apart."""
    ranges = []
    for prefix in prefixes:
        for length in directory.lengths:
            if len(prefix) <= length and prefix[:1] != "0":
                rest = 10 ** (length - len(prefix))
                head = int(prefix or 0)
                ranges.append((head * rest, head * rest + rest - 1))
    return joined(ranges)


def joined(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """The same numbers in as few ranges as it takes, ascending."""
    if len(ranges) < 2:
        return tuple(ranges)
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def in_both(one: Ranges, other: Ranges) -> Ranges:
    """The numbers that are in both."""
    if one is EVERYTHING:
        return other
    both = [(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other]
    return joined([r for r in both if r[0] <= r[1]])


def behind(ranges: Ranges, number: int) -> Ranges:
    """The numbers that are higher."""
    at = bisect_left(ranges, number, key=lambda r: r[1])
    return tuple((max(first, number + 1), last) for first, last in ranges[at:] if last > number)


def read_pattern(pattern: str, directory: Directory) -> tuple[list[str] | None, str, bool]:
    """What a pattern means: the calling codes it is for (None: any), its tokens, and whether those leave out the
    calling code. Raises BadFilter."""
    text = "".join(pattern.split())
    tokens = text.removeprefix("+")
    while "**" in tokens:
        tokens = tokens.replace("**", "*")
    if not tokens or set(tokens) - set("0123456789*?"):
        raise BadFilter("pattern", f"{pattern!r} is no pattern", "write digits, * for any digits and ? for one")
    countries: list[str] | None = None
    if not text.startswith("+"):
        meant = {
            country: tokens[len(trunk) :]
            for country, trunks in directory.countries.items()
            for trunk in sorted(trunks)
            if trunk and tokens.startswith(trunk)
            and has_numbers(country + head(tokens[len(trunk) :]), directory)
        }  # fmt: skip
        if meant:
            tokens = min(meant.values(), key=len)
            countries = sorted(country for country, rest in meant.items() if rest == tokens)
    if not tokens:
        tokens = "*"
    return countries, _fitting(pattern, tokens, national=not text.startswith("+")), not text.startswith("+")


def _fitting(pattern: str, tokens: str, *, national: bool) -> str:
    digits = len(tokens) - tokens.count("*")
    least, most = (4, LONGEST - 1) if national else (7, LONGEST)
    if digits > most or ("*" not in tokens and digits < least):
        remedy = f"write {least} to {most} digits, or put * where any may stand"
        raise BadFilter("pattern", f"{pattern!r} has {digits} digits and fits no number", remedy)
    if len(tokens) > 31:
        raise BadFilter("pattern", f"{pattern!r} has {len(tokens)} parts", "use fewer *")
    return tokens


def head(tokens: str) -> str:
    """The digits that a pattern begins with."""
    return tokens[: len(tokens) - len(tokens.lstrip("0123456789"))]
