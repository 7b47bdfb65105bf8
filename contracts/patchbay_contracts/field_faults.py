"""What is wrong with one field, and is seen only beside others."""

from collections.abc import Hashable, Iterable


class FieldFault(ValueError):
    """`at` is the way to the field, from the model whose validator raises it."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.at = at


def repeated(values: Iterable[Hashable]) -> int:
    """The place of the first value that stood before. Raises StopIteration if each stands once."""
    seen = set[Hashable]()
    return next(at for at, value in enumerate(values) if value in seen or seen.add(value))  # type: ignore[func-returns-value]
