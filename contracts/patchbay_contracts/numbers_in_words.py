"""What a line asks of its numbers, as messages say it. The words are taken apart again by `finding_texts`."""

from typing import get_args

from patchbay_contracts.order import Numbers
from patchbay_contracts.words import Grade


def which(numbers: Numbers) -> str:
    """Which numbers were looked for, as the end of a sentence; nothing where any will do."""
    with_prefix = f" with prefix {numbers.prefix}" if numbers.prefix else ""
    qualities = " and ".join(_qualities(numbers))
    others = " or instead of them" if numbers.policy == "substitute" else ""
    return with_prefix + (f" that are {qualities}" if qualities else "") + others


def _qualities(numbers: Numbers) -> list[str]:
    """In the words that `finding_catalogue_services` has for them."""
    grades: tuple[Grade, ...] = get_args(Grade)
    named = grades[: grades.index(numbers.grade_at_least) + 1] if numbers.grade_at_least else numbers.grades
    found = {
        "of grade ": ", ".join(named),
        "like ": numbers.pattern,
        "with the digits ": ", ".join(numbers.segments),
        "with the ending ": numbers.ends_with or "",
        "aligned to ": str(numbers.aligned) if numbers.aligned != 1 else "",
    }
    return [f"{words}{given}" for words, given in found.items() if given]
