"""Patterns of texts, each with the words for who wrote something else."""

from pydantic import StringConstraints

REMEDIES: dict[str, str] = {}
"""By pattern, what to do about a text that does not match it."""


def pattern(of: str, remedy: str, *, max_length: int | None = None) -> StringConstraints:
    """A text that matches. `remedy`: what to do instead. Raises ValueError if the same pattern has another remedy."""
    if REMEDIES.setdefault(of, remedy) != remedy:
        raise ValueError(f"{of} has two remedies: {REMEDIES[of]!r} and {remedy!r}")
    return StringConstraints(pattern=of, max_length=max_length)
