"""Rules of what a service is charged for, and from when until when, without IO: its rows of the ledger as periods."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billing_service import quoting
from patchbay_contracts.accounts import ChargedPeriod, ServiceCharges
from patchbay_contracts.words import Money


@dataclass
class _Period:
    """Of one thing: the service itself (no number), or one of its numbers."""

    row: Any
    number: int | None
    until: datetime | None = None

    @property
    def like(self) -> tuple[Any, ...]:
        """What it has in common with those that are shown as one with it."""
        row = self.row
        return row.order_id, row.position, self.until


def of_service(rows: Sequence[Any], now: datetime) -> ServiceCharges:
    """What rows of the ledger come to. What an amendment ends, it charges with the opposite quantity (docs/adr/0027):
    that is where a period ends. An amendment that is still pending ends nothing yet."""
    begun = defaultdict[tuple[Any, ...], list[_Period]](list)
    for row in rows:
        if row.quantity > 0:
            for number in _things(row):
                begun[_key(row, number)].append(_Period(row, number))
    for row in sorted((row for row in rows if row.quantity < 0 and row.starts_at), key=lambda row: row.starts_at):
        for number in _things(row):
            before = [one for one in begun[_key(row, number)] if one.until is None and _since(one) <= row.starts_at]
            if before and row.state == "active":
                max(before, key=lambda one: (_priced_by(one.row) == _priced_by(row), _since(one))).until = row.starts_at
    all_ = [one for many in begun.values() for one in many if one.until is None or one.until > _since(one)]
    return ServiceCharges(charges=tuple(_shown(all_)), monthly=tuple(_monthly(all_, now)))


def _things(row: Any) -> Sequence[int | None]:
    return row.numbers if row.grade else [None]


def _key(row: Any, number: int | None) -> tuple[Any, ...]:
    return row.grade, number, row.monthly, row.currency


def _priced_by(row: Any) -> tuple[Any, ...]:
    """Two lists may have one price: of what is alike, that ends which was priced by the same."""
    return row.price_list, row.version


def _since(one: _Period) -> datetime:
    """When it begins; what is pending ends before it begins only if it is taken back."""
    return one.row.starts_at or datetime.min.replace(tzinfo=UTC)


def _shown(all_: Iterable[_Period]) -> Iterator[ChargedPeriod]:
    """Numbers that have all else in common are one, the latest first; before them what is to come."""
    alike = defaultdict[tuple[Any, ...], list[_Period]](list)
    for one in all_:
        alike[one.like].append(one)
    for many in sorted(alike.values(), key=_order, reverse=True):
        row = many[0].row
        yield ChargedPeriod(
            order_id=row.order_id,
            service_type=row.service_type,
            grade=row.grade or None,
            numbers=tuple(sorted(one.number for one in many if one.number is not None)),
            each=quoting.of(row.setup, row.monthly, row.currency),
            total=quoting.of(row.setup, row.monthly, row.currency, len(many)),
            since=row.starts_at if row.state == "active" else None,
            until=many[0].until,
            price_list=row.price_list,
            version=row.version,
        )


def _order(many: list[_Period]) -> tuple[Any, ...]:
    row = many[0].row
    return row.state == "pending", _since(many[0]), row.order_id, -row.position


def _monthly(all_: Iterable[_Period], now: datetime) -> Iterator[Money]:
    sums = defaultdict[str, Decimal](Decimal)
    for one in all_:
        if one.row.state == "active" and _since(one) <= now and (one.until is None or now < one.until):
            sums[one.row.currency] += one.row.monthly
    return (Money(amount=sums[currency], currency=currency) for currency in sorted(sums))
