"""Which numbers dry runs look for, and what there is: what orders would look for, by the rules of the saga."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from gateway_service.upstream import Upstream
from patchbay_contracts.availability import (
    Availability,
    AvailabilityQuery,
    LineToNarrow,
    Named,
    NamedLine,
    NamedLines,
    NamedQuery,
    Narrowed,
    NarrowedLines,
    NarrowQuery,
    WantedLine,
)
from patchbay_contracts.order import OrderDocument

BREATH = 200
"""After so many orders others have their turn."""
MOST_NAMED = 500
"""Lines in one question about the numbers that they name."""


def day_of(start: datetime | date | None) -> date | None:
    """On which an order begins; None: today."""
    return start.astimezone(UTC).date() if isinstance(start, datetime) else start


async def available(
    upstream: Upstream, reseller: str, documents: Sequence[OrderDocument], held_by: Sequence[UUID]
) -> tuple[Sequence[WantedLine], Availability]:
    """What each line of these orders would look for, and what it would get, the first order first; `held_by`: by whom
    numbers of each are held. Raises Problem 503 if an owner cannot be asked."""
    today, asked = datetime.now(UTC).date(), list[LineToNarrow | None]()
    for at, document in enumerate(documents):
        day = day_of(document.start) or today
        asked += [
            LineToNarrow(service_type=line.service_type, day=day, grouping=line.grouping, numbers=line.numbers)
            if line.numbers.count or line.numbers.is_replaceable
            else None
            for line in document.lines
        ]
        if at % BREATH == 0:
            await asyncio.sleep(0)
    named = await _named(upstream, reseller, documents, held_by)
    narrowed, places, wanted = await _narrowed(upstream, asked), iter(asked), list[WantedLine]()
    for at, document in enumerate(documents):
        customer = getattr(document.customer, "id", None)
        for line in document.lines:
            place = next(places)
            of = Narrowed(numbers=line.numbers) if place is None else narrowed[place]
            wants = next(named) if line.numbers.is_replaceable else ()
            wanted.append(
                WantedLine(customer_id=customer, numbers=of.numbers, rules=of.rules, least=of.least, named=wants)
            )
        if at % BREATH == 0:
            await asyncio.sleep(0)
    query = AvailabilityQuery.model_construct(reseller=reseller, lines=tuple(wanted))
    return wanted, Availability.model_validate_json(await upstream.availability(query))


async def _named(
    upstream: Upstream, reseller: str, documents: Sequence[OrderDocument], held_by: Sequence[UUID]
) -> Iterator[tuple[Named, ...]]:
    """How the numbers stand that lines name and would have replaced, line by line."""
    lines = [
        NamedLine(held_by=by, customer_id=getattr(document.customer, "id", None), numbers=line.numbers.exact)
        for document, by in zip(documents, held_by, strict=True)
        for line in document.lines
        if line.numbers.is_replaceable
    ]
    found = list[tuple[Named, ...]]()
    for begin in range(0, len(lines), MOST_NAMED):
        query = NamedQuery(reseller=reseller, lines=tuple(lines[begin : begin + MOST_NAMED]))
        answer = await upstream.ask("numbers", "/availability/named", query)
        found += NamedLines.model_validate_json(answer).lines
    return iter(found)


async def _narrowed(upstream: Upstream, lines: Sequence[LineToNarrow | None]) -> dict[LineToNarrow, Narrowed]:
    """What the saga would make of these; what is alike is asked once."""
    alike = list(dict.fromkeys(line for line in lines if line is not None))
    if not alike:
        return {}
    query = NarrowQuery.model_construct(lines=tuple(alike))
    answer = await upstream.ask("provisioning", "/validity/narrowed", query)
    return dict(zip(alike, NarrowedLines.model_validate_json(answer).lines, strict=True))
