"""The root of every message: frozen, tolerant of fields it does not know, named by type and topic."""

from abc import abstractmethod
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

RESELLER = r"^[a-z0-9][a-z0-9-]{0,39}$"
PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: databases cannot keep a NUL, and a line break in a name would be one in a mail's header."""

BY_TYPE: dict[str, type["Message"]] = {}


class Frozen(BaseModel):
    """A value inside a message: immutable; a reader ignores what it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(Frozen):
    """One thing said: a command, an answer or an event.

    `type` is the CloudEvents type (`numbers.HoldNumbers.v1`), `topic` where it is sent. Messages about the same thing
    share the key, so Kafka keeps their order and an undo cannot overtake what it undoes.
    """

    type: ClassVar[str]
    topic: ClassVar[str]

    reseller: str = Field(pattern=RESELLER)

    @property
    @abstractmethod
    def about(self) -> UUID:
        """What it is about: messages about the same keep their order."""

    @property
    def key(self) -> str:
        """What Kafka partitions by."""
        return str(self.about)

    def __init_subclass__(cls, *, topic: str = "", type: str = "") -> None:  # noqa: A002
        super().__init_subclass__()
        if not topic:
            return
        if type in BY_TYPE:
            raise TypeError(f"{type} is declared twice: {cls!r} and {BY_TYPE[type]!r}")
        cls.topic, cls.type = topic, type
        BY_TYPE[type] = cls


class OrderMessage(Message):
    """What is said about an order."""

    order_id: UUID

    @property
    def about(self) -> UUID:
        """The order."""
        return self.order_id
