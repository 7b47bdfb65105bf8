"""How customers stand, without IO: blocked accounts, and whether their credit allows to charge them for more."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from billing_service.model import ZERO, NoPrice

Course = Mapping[datetime | None, Decimal]
"""By how much monthly charges rise or fall, by the time from which on; None: from now on."""
_NOW = datetime.min.replace(tzinfo=UTC)
BLOCKED = NoPrice("account_blocked", "id", "the customer's account is blocked", "settle it first")


@dataclass(frozen=True)
class Credit:
    """What a customer's charges may come to a month at any time, and what they come to."""

    limit: Decimal
    currency: str
    used: Course = field(default_factory=dict)

    @property
    def most_used(self) -> Decimal:
        """What they come to at most, now or later."""
        return max((total for _, _, total in self._times({})), default=ZERO)

    def beyond(self, more: Course) -> NoPrice | None:
        """Why so much more a month is too much; None if it is not. At a time at which it is no more, it never is."""
        for at, added, total in self._times(more):
            if added > 0 and total > self.limit:
                since = "" if at is None else f" from {at:%Y-%m-%d} on"
                message = f"{total:.2f} {self.currency} a month in all{since}, {self.limit:.2f} is the customer's limit"
                return NoPrice("credit_exceeded", "price_list", message, "order less, or have the limit raised")
        return None

    def after(self, more: Course) -> "Credit":
        """With so much more used. What falls may still be taken back, and is free only when it has fallen."""
        rises = {at: max(amount, ZERO) for at, amount in more.items()}
        return replace(self, used={at: self.used.get(at, ZERO) + rises.get(at, ZERO) for at in {*self.used, *rises}})

    def _times(self, more: Course) -> list[tuple[datetime | None, Decimal, Decimal]]:
        """Each time at which something changes, with how much more there is by then, and how much in all."""
        times, added, total = list[tuple[datetime | None, Decimal, Decimal]](), ZERO, ZERO
        for at in sorted({*self.used, *more}, key=lambda at: at or _NOW):
            added += more.get(at, ZERO)
            total += self.used.get(at, ZERO) + more.get(at, ZERO)
            times.append((at, added, total))
        return times


@dataclass(frozen=True)
class Standing:
    """How customers and orders stand: blocked accounts, credit where it is limited, orders taken back before."""

    blocked: frozenset[UUID] = frozenset()
    withdrawn: frozenset[UUID] = frozenset()
    credit: Mapping[UUID, Credit] = field(default_factory=dict)
