"""Which field somebody meant who wrote the name of none."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

Kind = type[BaseModel]


def meant(kind: Kind, loc: Sequence[str | int]) -> str | None:
    """The name, beside that at `loc` in a document of the kind, that is most like it. None if none is like it."""
    *path, name = (part for part in loc if isinstance(part, str))
    return _meant(kind, tuple(path), name[:60])


@lru_cache(1_000)
def _meant(kind: Kind, path: Sequence[str], name: str) -> str | None:
    kinds = {kind}
    for part in path:  # what pydantic names besides fields, such as the tag of a union, leads nowhere
        inner = {one for there in kinds for field, of in _fields(there) if field == part for one in _kinds(of)}
        kinds = inner or kinds
    known = [field for there in kinds for field, _ in _fields(there)]
    return next(iter(get_close_matches(name, known, 1, cutoff=0.7)), None)


def _fields(kind: Kind) -> Iterator[tuple[str, Any]]:
    for name, field in kind.model_fields.items():
        yield field.alias or name, field.annotation


def _kinds(annotation: Any) -> Iterator[Kind]:
    """All models in it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)
