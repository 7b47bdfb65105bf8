"""Operators: who may see and do what, and what a password has to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

Role = Literal["operator", "inventory", "billing", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
ALL = "*"
"""In a list of resellers: every one."""
SHORTEST, LONGEST = 12, 200


class Acting(Protocol):
    """Whoever looks after what belongs to some resellers (None: to all): somebody who is signed in, or a key."""

    @property
    def resellers(self) -> tuple[str, ...] | None:
        """Those that he may act for."""

    @property
    def by(self) -> str:
        """Who did it, as it is written into audit trails."""

    def sees(self, reseller: str) -> bool:
        """Whether he may read and change what belongs to that reseller."""


@dataclass(frozen=True)
class Operator:
    """Somebody who is signed in. `resellers` are those that he may act for; None: all of them."""

    id: UUID
    email: str
    name: str
    roles: frozenset[str]
    resellers: tuple[str, ...] | None

    @property
    def by(self) -> str:
        """Who did it, as it is written into audit trails."""
        return f"operator:{self.email}"

    def may(self, role: Role) -> bool:
        """Whether he has the role."""
        return role in self.roles

    @property
    def keeps_numbers(self) -> bool:
        """Whether he may look after the inventory of numbers, which belongs to no reseller."""
        return self.resellers is None and bool(self.roles & {"inventory", "administrator"})

    def sees(self, reseller: str) -> bool:
        """Whether he may read and change what belongs to that reseller."""
        return self.resellers is None or reseller in self.resellers


@dataclass(frozen=True)
class Session:
    """A signed-in browser. `csrf` is what its forms have to know."""

    id: bytes
    operator: Operator
    csrf: bytes
    seen_at: datetime


def operator_of(row: Any) -> Operator:
    """The operator that a row of his table tells of."""
    resellers = None if ALL in row.resellers else tuple(row.resellers)
    return Operator(row.operator_id, row.email, row.name, frozenset(row.roles), resellers)


def normal(email: str) -> str:
    """An e-mail address as it is kept, whatever its capitals."""
    return email.strip().lower()


def weakness(password: str, *known: str) -> str:
    """Why the password will not do: short, long, guessable; or nothing. `known`: what all know of its owner."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.casefold()
    words = {part for word in known for part in word.casefold().replace("@", " ").split() if len(part) > 3}
    if len(set(plain)) < 5 or any(word in plain for word in words):
        return "guessable"
    return ""


def listed(text: str) -> Sequence[str]:
    """Resellers as they are typed: with commas, blanks or line breaks between them."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))
