"""How numbers stand that lines name and would have replaced: what dry runs are told, by the rules of the saga."""

from collections.abc import Iterator, Mapping

from numbers_service import described, validity
from numbers_service.described import Described
from numbers_service.model import Taker, is_known
from numbers_service.validity import Chosen
from patchbay_chassis.database import Connection
from patchbay_contracts.availability import Named, NamedLine, NamedLines, NamedQuery


async def of(db: Connection, asked: NamedQuery) -> NamedLines:
    """Each line's."""
    chosen = await validity.chosen_of(
        db, {(number, asked.reseller, line.held_by) for line in asked.lines for number in line.numbers}
    )
    known = await described.of(db, {number for of in chosen.values() for number in of})
    lines = (_named(asked.reseller, line, chosen.get(line.held_by, {}), known) for line in asked.lines)
    return NamedLines(lines=tuple(map(tuple, lines)))


def _named(
    reseller: str, line: NamedLine, chosen: Mapping[int, Chosen], known: Mapping[int, Described]
) -> Iterator[Named]:
    taker = Taker(line.held_by, reseller, line.customer_id)
    for number in line.numbers:
        one, alike = chosen.get(number), known.get(number)
        if one is not None and alike is not None and is_known(taker, alike.place):
            yield Named(
                e164=number,
                gone=one.held_until is None and not one.is_to_be_had,
                pool=alike.place.kind,
                prefix=alike.block_prefix,
                grade=alike.graded[0],
            )
