"""What is shown of a number besides its digits: where it is, whose it may be, its grade and why."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from numbers_service import model, rules
from numbers_service.grading import Override
from numbers_service.index import PoolOf
from numbers_service.index.describing import national_format
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import FoundNumber, HeldNow
from patchbay_contracts.words import Grade

_DESCRIBED = """
    SELECT w.e164, p.pool, p.owner, b.first, b.last, b.country, b.trunk, b.area,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = w.e164) AS override
    FROM unnest($1::bigint[]) AS w(e164) CROSS JOIN LATERAL place(w.e164) p JOIN block b ON b.first = p.block"""


class Described(NamedTuple):
    """A number with its place, its block and the grade stated for it, if there is one."""

    e164: int
    place: PoolOf
    first: int
    last: int
    country: str
    trunk: str
    area: str
    override: Override | None

    @property
    def graded(self) -> tuple[Grade, str]:
        """Its grade and what decided it."""
        return model.graded(self.e164, self.override)

    @property
    def block_prefix(self) -> str:
        """The digits that all numbers of its block begin with."""
        alike = takewhile(lambda digits: digits[0] == digits[1], zip(str(self.first), str(self.last), strict=True))
        return "+" + "".join(digit for digit, _ in alike)

    def found(self) -> FoundNumber:
        """As a search shows it."""
        grade, rule = self.graded
        national = national_format(self.e164, self.country, self.trunk)
        return FoundNumber(
            e164=self.e164, national=national, area=self.area, grade=grade, rule=rule, pool=self.place.kind
        )

    def held(self, until: datetime, instead_of: int | None = None) -> HeldNow:
        """As a hold shows it."""
        grade, rule = self.graded
        return HeldNow(
            e164=self.e164,
            national=national_format(self.e164, self.country, self.trunk),
            area=self.area,
            grade=grade,
            rule=rule,
            pool=self.place.kind,
            held_until=until,
            instead_of=instead_of,
        )


async def of(db: Connection, numbers: Iterable[int]) -> dict[int, Described]:
    """These numbers; one in no block is missing."""
    await rules.heed(db)
    return {
        row.e164: Described(
            row.e164,
            PoolOf(row.pool, row.owner),
            row.first,
            row.last,
            row.country,
            row.trunk,
            row.area,
            Override(*row.override) if row.override else None,
        )
        for row in await db.fetch(_DESCRIBED, sorted(numbers))
    }
