"""What numbers cost by a price list that the caller names, and rows with their prices."""

import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import orjson

from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.numbers import SearchQuery, Unpriced
from patchbay_contracts.prices import Price, PriceQuery, Prices, ServicePrices
from patchbay_contracts.words import Grade, Money

FRESH_FOR = 5.0
"""Seconds for which prices are remembered: a change of a price list shows within this time."""
MOST = 10_000
ADVICE = "Leave price_list out, or try again soon."
NOTHING = Decimal(0)


class Costs(NamedTuple):
    """`setup` and `monthly` of a number by its grade, as a row shows them; and the grades that have none, as they cost
    more for one service type than for another."""

    price_list: str
    by_grade: Mapping[Grade, Mapping[str, Any]]
    ambiguous: frozenset[Grade] = frozenset()


class Pricing:
    """Asks billing, and remembers for a moment."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: dict[tuple[PriceQuery, bool], tuple[float, Costs]] = {}

    async def costs(
        self, reseller: str, query: SearchQuery | None, at: str = "", *, alone: bool = False
    ) -> Costs | None:
        """What the numbers of a search cost, `alone` or with a service of the type that it names; None if no price list
        is named. Raises Problem 422, for a search that stands `at` that place of what the caller sent."""
        if query is None or query.price_list is None:
            return None
        try:
            return await self._costs(reseller, query, alone)
        except Problem as problem:
            for fault in problem.body.get("errors", ()):
                if "pointer" in fault:
                    fault["pointer"] = at + fault["pointer"]
            raise

    async def _costs(self, reseller: str, query: SearchQuery, alone: bool) -> Costs:
        asked = PriceQuery(reseller=reseller, price_list=query.price_list, service_type=query.service_type)
        now = time.monotonic()
        looked, costs = self._known.get((asked, alone), (-FRESH_FOR, None))
        if costs is None or now - looked >= FRESH_FOR:
            answer = await self._upstream.ask("billing", "/prices", asked, ADVICE)
            costs = _costs(Prices.model_validate_json(answer), None if alone else query.service_type)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[asked, alone] = (now, costs)
        return costs


def _costs(prices: Prices, service_type: str | None) -> Costs:
    """For a service type, what a service of it with one number costs; otherwise the number alone."""
    if service_type is not None:
        of_it = {grade: _sum(of.service, price) for of in prices.services for grade, price in of.grades.items()}
        return Costs(prices.price_list, of_it)
    alone: dict[Grade, Price] = {}
    unlike = (grade for grade, price in _by_grade(prices.services) if alone.setdefault(grade, price) != price)
    ambiguous = frozenset(unlike)
    clear = {grade: _sum(price) for grade, price in alone.items() if grade not in ambiguous}
    return Costs(prices.price_list, clear, ambiguous)


def _by_grade(services: Iterable[ServicePrices]) -> Iterable[tuple[Grade, Price]]:
    return (pair for service in services for pair in service.grades.items())


def _sum(*prices: Price) -> dict[str, Any]:
    currency = prices[0].setup.currency
    setup = sum((price.setup.amount for price in prices), NOTHING)
    monthly = sum((price.monthly.amount for price in prices), NOTHING)
    both = {"setup": Money(amount=setup, currency=currency), "monthly": Money(amount=monthly, currency=currency)}
    return {name: money.model_dump(mode="json") for name, money in both.items()}


def priced_rows(found: bytes, costs: Costs | None) -> bytes:
    """What a search found, with prices. A grade that the price list does not know has none."""
    if costs is None:
        return found
    answer = orjson.loads(found)
    return _priced(answer, answer["numbers"], costs)


def priced_offers(holds: bytes, costs: Costs | None) -> bytes:
    """What was held, with prices of what is offered for that which was lost."""
    if costs is None:
        return holds
    answer = orjson.loads(holds)
    return _priced(answer, [lost["offer"] for lost in answer["lost"] if lost["offer"]], costs)


def _priced(answer: dict[str, Any], rows: Sequence[dict[str, Any]], costs: Costs) -> bytes:
    """The answer with prices in its rows, and a note on those that have none because no service type is named."""
    for row in rows:
        row.update(costs.by_grade.get(row["grade"], {}))
    if unclear := costs.ambiguous.intersection(row["grade"] for row in rows):
        grades = tuple(grade for grade in get_args(Grade) if grade in unclear)
        message = f"by {costs.price_list!r} {', '.join(grades)} numbers cost more for one service type than for another"
        note = Unpriced(grades=grades, message=message, remedy="name a service type")
        answer["prices"] = note.model_dump(mode="json")
    return orjson.dumps(answer)
