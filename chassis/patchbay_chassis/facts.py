"""What a saga remembers: facts and moments. Both are only added to, and stored as lines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from patchbay_contracts.message import Message

M = TypeVar("M", bound=Message)
NONE: Mapping[str, Any] = {}


class Facts:
    """What is known so far: the message that began the saga and the answers, by type.

    What a store gave back is kept as it was written, and read only when somebody asks for it.
    """

    __slots__ = ("_messages", "_new", "_texts")

    def __init__(
        self, stored: Mapping[str, str] = NONE, messages: Mapping[str, Any] = NONE, new: tuple[str, ...] = ()
    ) -> None:
        self._texts = stored
        self._messages = dict(messages)
        self._new = new

    def the(self, type_: type[M]) -> M:
        """The message of that type. KeyError if it never came."""
        found: M | None = self._messages.get(type_.type)
        if found is None:
            found = type_.model_validate_json(self._texts[type_.type], extra="ignore")
            self._messages[type_.type] = found
        return found

    def maybe(self, type_: type[M]) -> M | None:
        """The message of that type, or None."""
        return self.the(type_) if self.has(type_) else None

    def has(self, type_: type[Message]) -> bool:
        """Whether a message of that type came."""
        return type_.type in self._messages or type_.type in self._texts

    def plus(self, message: Message) -> "Facts":
        """These and one more."""
        return Facts(self._texts, {**self._messages, message.type: message}, (*self._new, message.type))

    def added(self) -> str:
        """What is not stored yet, as it should be: a line for each, of its type and its message."""
        new = [self._messages[type_] for type_ in self._new]
        return "".join(f"{m.type} {m.__pydantic_serializer__.to_json(m).decode()}\n" for m in new)

    def kept(self) -> "Facts":
        """The same when all of it is stored."""
        return Facts(self._texts, self._messages)


class Log:
    """The moments of a saga, one line each: when, the type of the message, and a note if there is one."""

    __slots__ = ("_stored", "added", "held_back")

    def __init__(self, stored: str = "", added: str = "", held_back: str = "") -> None:
        self._stored = stored
        self.added = added
        """What is not stored yet."""
        self.held_back = held_back
        """A moment that is one of them only once another follows it."""

    def plus(self, at: datetime, message: str, note: str) -> "Log":
        """These and one more."""
        line = f"{at.isoformat()} {message} {' '.join(note.split())}" if note else f"{at.isoformat()} {message}"
        return Log(self._stored, f"{self.added}{self.held_back}{line}\n")

    def perhaps(self, at: datetime, message: str, note: str) -> "Log":
        """These, and one more if another follows it."""
        return Log(self._stored, self.added, Log().plus(at, message, note).added)

    def as_if_not(self) -> "Log":
        """These without what was held back."""
        return Log(self._stored, self.added)

    def kept(self) -> "Log":
        """The same when all of it is stored."""
        return Log(self._stored + self.added, "", self.held_back)

    def moments(self) -> tuple[str, ...]:
        """All of them in their order."""
        return tuple((self._stored + self.added).split("\n")[:-1])
