"""What a file declares, and what differs from what there is. No calls."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

TOPICS = ("service_types", "price_lists")
"""What a file may have; a command reads its own."""
Content = Mapping[str, Any]


def read(file: Path, topic: str) -> dict[str, Content]:
    """What the file (JSON, or TOML by its name) says of that topic, by id. Raises BadParameter with the place."""
    try:
        text = file.read_text("utf-8")
        found = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise _bad(file, f"line {error.lineno}, column {error.colno}", f"this is no JSON: {error.msg}") from None
    except ValueError as error:
        raise _bad(file, "", str(error)) from None
    if not isinstance(found, dict) or not found or set(found) - set(TOPICS):
        raise _bad(file, "", f"write an object with {' or '.join(TOPICS)}, such as `patchbay … export` does")
    if not isinstance(found.get(topic), dict):
        raise _bad(file, pointer(topic), "there is none: write what is declared by its id")
    for place, value in _leaves(found, ()):
        if value is not None and not isinstance(value, str | bool | int | float):
            raise _bad(file, pointer(*place), "this is a date or the like: write it as text, in quotes")
    for id_, content in found[topic].items():
        if not isinstance(content, dict):
            raise _bad(file, pointer(topic, id_), "write an object with all that it says")
    return dict(found[topic])


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice!r} stands twice in one object: leave one out")
    return dict(pairs)


def _leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield place, value
        return
    for name, one in inner:
        yield from _leaves(one, (*place, str(name)))


def _bad(file: Path, place: str, message: str) -> typer.BadParameter:
    return typer.BadParameter(f"{file}: {place}: {message}" if place else f"{file}: {message}", param_hint="FILE")


def pointer(*path: str) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def differences(before: Any, after: Any, *path: str) -> Iterator[dict[str, Any]]:
    """What differs, each with its place: `what` is added, removed or changed. Lists are compared whole."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            if name not in before:
                yield {"pointer": pointer(*path, name), "what": "added", "after": after[name]}
            elif name not in after:
                yield {"pointer": pointer(*path, name), "what": "removed", "before": before[name]}
            else:
                yield from differences(before[name], after[name], *path, name)
    elif json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
        yield {"pointer": pointer(*path), "what": "changed", "before": before, "after": after}
