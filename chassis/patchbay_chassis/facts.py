"""What a saga remembers: facts and moments. Both are only added to, and stored as lines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from patchbay_contracts.message import Message

M = TypeVar("M", bound=Message)
NONE: Mapping[str, Any] = {}

MOST_KNOWN = 50_000
"""Messages that are kept in memory beside their texts: a saga looks at the same facts at each of its moves."""

_known: dict[tuple[str, str], Message] = {}


def _remember(type_: str, text: str, message: Message) -> None:
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[type_, text] = message


class Facts:
    """What is known so far: the message that began the saga and the answers, by type.

    What a store gave back is kept as it was written, and read only when somebody asks for it.
    """

    __slots__ = ("_new", "_stored")

    def __init__(self, stored: Mapping[str, str] = NONE, new: Mapping[str, Message] = NONE) -> None:
        self._stored = stored
        self._new = new

    def the(self, type_: type[M]) -> M:
        """The message of that type. KeyError if it never came."""
        found = self._new.get(type_.type)
        if found is None:
            text = self._stored[type_.type]
            found = _known.get((type_.type, text))
            if found is None:
                found = type_.model_validate_json(text, extra="ignore")
                _remember(type_.type, text, found)
        assert isinstance(found, type_)
        return found

    def maybe(self, type_: type[M]) -> M | None:
        """The message of that type, or None."""
        return self.the(type_) if type_.type in self._new or type_.type in self._stored else None

    def plus(self, message: Message) -> "Facts":
        """These and one more."""
        return Facts(self._stored, {**self._new, message.type: message})

    def added(self, *, for_good: bool = False) -> str:
        """What is not stored yet, as it should be: a line for each, of its type and its message. `for_good`: nobody
        will ask for these facts again."""
        if for_good:
            for fact in self._stored.items():
                _known.pop(fact, None)
        lines = []
        for type_, message in self._new.items():
            text = message.__pydantic_serializer__.to_json(message).decode()
            if not for_good:
                _remember(type_, text, message)
            lines.append(f"{type_} {text}\n")
        return "".join(lines)


class Log:
    """The moments of a saga, one line each: when, the type of the message, and a note if there is one."""

    __slots__ = ("_stored", "added")

    def __init__(self, stored: str = "", added: str = "") -> None:
        self._stored = stored
        self.added = added
        """What is not stored yet."""

    def plus(self, at: datetime, message: str, note: str) -> "Log":
        """These and one more."""
        line = f"{at.isoformat()} {message} {' '.join(note.split())}" if note else f"{at.isoformat()} {message}"
        return Log(self._stored, f"{self.added}{line}\n")

    def moments(self) -> tuple[str, ...]:
        """All of them in their order."""
        return tuple((self._stored + self.added).split("\n")[:-1])
