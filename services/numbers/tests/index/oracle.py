"""An inventory in plain Python: what every search must answer, found by looking at each number."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from numbers_service.grading import DEFAULT, Override
from numbers_service.index import BlockChange, BlockState, Index, PoolOf, Wanted
from patchbay_contracts.words import Grade

PUBLIC = PoolOf("public", "")
ACME = PoolOf("reseller", "acme")
JANE = PoolOf("customer", "00000000-0000-7000-8000-000000000001")
POOLS = (PUBLIC, ACME, JANE)
BLOCKS = (
    (441217370900, 441217370999, "44", "0", "Birmingham"),
    (441217371000, 441217371999, "44", "0", "Birmingham"),
    (441217372000, 441217372099, "44", "0", "Birmingham"),
    (441217372150, 441217372777, "44", "0", "Birmingham"),
    (442079460000, 442079460999, "44", "0", "London"),
    (33123450000, 33123450999, "33", "0", "Paris"),
    (3545551000, 3545551999, "354", "", "Iceland"),
    (12125550000, 12125550999, "1", "1", "New York"),
    (2904000, 2904999, "290", "", "Saint Helena"),
    (493012345678000, 493012345678099, "49", "0", "Berlin"),
)


@dataclass
class Oracle:
    """Blocks, who has which free number, and overrides; and the index that is told the same."""

    index: Index
    free: dict[int, PoolOf] = field(default_factory=dict)
    overrides: dict[int, Override] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)

    def grade(self, number: int) -> tuple[Grade, str]:
        """The grade and the name of its rule."""
        if number in self.overrides:
            return self.overrides[number].grade, f"override: {self.overrides[number].reason}"
        return DEFAULT.grade(number)

    def matching(self, wanted: Wanted, read_as: list[str]) -> dict[PoolOf, list[int]]:
        """All that match, ascending, by pool."""
        found: dict[PoolOf, list[int]] = {pool: [] for pool in wanted.pools}
        pattern = _pattern(wanted.pattern)
        for number, pool in sorted(self.free.items()):
            if pool in found and self._matches(number, wanted, read_as, pattern):
                found[pool].append(number)
        return found

    def _matches(self, number: int, wanted: Wanted, read_as: list[str], pattern: re.Pattern[str] | None) -> bool:
        country = next(block[2] for block in BLOCKS if block[0] <= number <= block[1])
        national = str(number)[len(country) :]
        if wanted.in_order:
            segments = re.search(".*".join(wanted.segments), national) is not None
        else:
            segments = all(segment in national for segment in wanted.segments)
        return (
            (not wanted.prefix or any(str(number).startswith(prefix.removeprefix("+")) for prefix in read_as))
            and (not wanted.grades or self.grade(number)[0] in wanted.grades)
            and segments
            and national.endswith(wanted.ends_with)
            and (pattern is None or pattern.fullmatch(f"+{number} {country} {national}") is not None)
        )

    def checksum(self, first: int, last: int) -> tuple[int, int]:
        """What `Index.checksum` promises, computed plainly."""
        crc = 0
        for pool in sorted(POOLS, key=str):
            bits = [self.free.get(number) == pool for number in range(first, last + 1)]
            if any(bits):
                crc = crc32(f"{pool}\0".encode() + np.packbits(bits, bitorder="little").tobytes(), crc)
        return sum(first <= number <= last for number in self.free), crc

    def change(self, chance: random.Random) -> None:
        """Numbers of one block are taken, freed, moved and graded anew."""
        first, last, *_ = chance.choice(BLOCKS)
        taken = [_some(chance, first, last) for _ in range(chance.randrange(3))]
        freed = {pool: [_some(chance, first, last)] for pool in POOLS if chance.random() < 0.4}
        regraded = {
            chance.randint(first, last): chance.choice([None, Override("gold", "nice"), Override("bronze", "x")])
        }
        self.versions[first] += 1
        self.index.change(BlockChange(first, self.versions[first], taken, freed, regraded))
        for a, b in taken:
            for number in range(a, b + 1):
                self.free.pop(number, None)
        for pool, ranges in freed.items():
            for a, b in ranges:
                self.free |= dict.fromkeys(range(a, b + 1), pool)
        for number, override in regraded.items():
            self.overrides.pop(number, None)
            if override:
                self.overrides[number] = override


def _some(chance: random.Random, first: int, last: int) -> tuple[int, int]:
    start = chance.randint(first, last)
    return start, min(last, start + chance.choice([0, 0, 0, 1, 5, 40]))


def _pattern(pattern: str) -> re.Pattern[str] | None:
    """Over `+<number> <country> <national>`; a pattern with a trunk digit is for the countries that have it."""
    if not pattern:
        return None
    text = pattern.replace(" ", "")
    codes = r"\d+"
    if text[0] in "01" and any(True for _ in _countries_with(text[0], _head(text[1:]))):
        codes = "|".join(_countries_with(text[0], _head(text[1:])))
        text = text[1:] or "*"
    glob = text.removeprefix("+").replace("*", r"\d*").replace("?", r"\d")
    return re.compile(rf"\+{glob} .*" if text.startswith("+") else rf"\S* ({codes}) {glob}")


def _head(text: str) -> str:
    return re.match(r"\d*", text).group()  # type: ignore[union-attr]


def _countries_with(trunk: str, head: str) -> Iterator[str]:
    for country, one in sorted({(block[2], block[3]) for block in BLOCKS}):
        numbers = (n for first, last, code, *_ in BLOCKS if code == country for n in range(first, last + 1))
        if one == trunk and any(str(n).startswith(country + head) for n in numbers):
            yield country


def world(seed: int, changes: int = 20) -> Oracle:
    """An inventory that the seed decides: all densities, long runs, lent ranges, overrides; changed some times."""
    chance = random.Random(seed)
    oracle = Oracle(Index(DEFAULT))
    states = []
    for first, last, country, trunk, area in BLOCKS:
        home, density = chance.choice(POOLS[:2]), chance.choice([0.05, 0.5, 0.95, 1.0])
        mine = {number: home for number in range(first, last + 1) if chance.random() < density}
        for _ in range(3):
            a, b = _some(chance, first, last)
            mine |= dict.fromkeys(range(a, b + 1), chance.choice(POOLS))
        graded = {chance.randint(first, last): Override("platinum", "lucky") for _ in range(2)}
        oracle.free |= mine
        oracle.overrides |= graded
        oracle.versions[first] = 1
        states.append(BlockState(first, last, country, trunk, area, 1, _free(chance, first, last, mine), graded))
    oracle.index.put_many(states)
    for _ in range(changes):
        oracle.change(chance)
    return oracle


def _free(
    chance: random.Random, first: int, last: int, mine: dict[int, PoolOf]
) -> dict[PoolOf, bytes | list[tuple[int, int]]]:
    """As ranges or as bits: both are the same."""
    free: dict[PoolOf, bytes | list[tuple[int, int]]] = {}
    for pool in POOLS:
        numbers = [number for number in range(first, last + 1) if mine.get(number) == pool]
        if numbers and chance.random() < 0.5:
            free[pool] = [(number, number) for number in numbers]
        elif numbers:
            bits = [mine.get(number) == pool for number in range(first, last + 1)]
            free[pool] = np.packbits(bits, bitorder="little").tobytes()
    return free
