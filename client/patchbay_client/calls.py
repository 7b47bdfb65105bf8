"""A call as data: what is sent, and what its answer is read as."""

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import uuid4

T = TypeVar("T")
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"


def new_key() -> str:
    """An Idempotency-Key that nobody else has."""
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call. `T` is the shape of its answer, which is JSON as it came. `key`: a write's Idempotency-Key."""

    method: str
    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    body: Any = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class Tagged(Generic[T]):
    """A thing as it was read, and its ETag: a change says by it what it was made from."""

    body: T
    etag: str


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """A call whose answer comes piece by piece, each a `T`. `content` is sent as it is read, if there is any; what was
    sent so cannot be sent again by the client: how such a call is gone on with stands with the function that makes it.
    """

    method: str
    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    content: Iterable[bytes] | AsyncIterable[bytes] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def get(path: str, **query: Any) -> Call[Any]:
    """A question. Parameters that are None or empty are left out."""
    return Call("GET", path, query_of(query))


def post(path: str, body: Any, key: str | None = None, **query: Any) -> Call[Any]:
    """A write, safe to repeat by its key."""
    return Call("POST", path, query_of(query), body, key or new_key())


def change(path: str, body: Any, seen: str, key: str | None = None) -> Call[Any]:
    """A change of what was seen: its ETag, or `*` for whatever it is by now. Safe to repeat by its key."""
    return Call("PATCH", path, {}, body, key or new_key(), {"If-Match": seen})


def with_tag(call: Call[T]) -> Call[Tagged[T]]:
    """The same question, answered with the ETag."""
    return Call(call.method, call.path, call.query, call.body, call.key, call.headers, tagged=True)


def export(path: str, **query: Any) -> Stream[Any]:
    """All that a list has, a row a piece. One that ends is whole; one that is cut raises."""
    return Stream("GET", path, query_of(query | {"format": "ndjson"}), headers={"Accept": NDJSON})


def ask(path: str, body: Any) -> Call[Any]:
    """A question that is too long for an address: it changes nothing, so it needs no key."""
    return Call("POST", path, {}, body)


def query_of(given: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """What is given, as an address has it; each of several under the same name."""
    return {
        name: [_written(one) for one in value] if isinstance(value, list | tuple) else _written(value)
        for name, value in given.items()
        if value is not None and value not in ("", [], ())
    }


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
