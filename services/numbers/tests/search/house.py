"""An authority in memory, for tests: blocks of numbers that change, what it says about them, and its HTTP."""

import zlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import Response

from patchbay_contracts.v1.blocks import BlockChanged, BlockChecked, BlockStated, Freed, GradesDeclared, Range, Regraded

PUBLIC, ACME, BOREALIS = ("public", ""), ("reseller", "acme"), ("reseller", "borealis")
CUSTOMER = ("customer", "acme/00000000-0000-7000-8000-000000000001")
POOLS = (PUBLIC, ACME, BOREALIS, CUSTOMER)
BLOCKS = (
    (441217370000, 441217370999, "44", "0", "Birmingham"),
    (441217371000, 441217371099, "44", "0", "Birmingham"),
    (442079460000, 442079469999, "44", "0", 'London "City"'),
    (3545551000, 3545551999, "354", "", "Reykjavik"),
)


def ranges(numbers: Sequence[int]) -> tuple[Range, ...]:
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple((first, last) for first, last in found)


def freed(places: dict[int, tuple[str, str]]) -> tuple[Freed, ...]:
    pools = sorted(set(places.values()))
    return tuple(Freed(pool=p, owner=o, ranges=ranges([n for n in places if places[n] == (p, o)])) for p, o in pools)


class House:
    """Its blocks. `asked` counts the blocks that were asked for one by one."""

    def __init__(self, seed: int = 1) -> None:
        self.dice = Random(seed)
        self.blocks = {block[0]: block for block in BLOCKS}
        self.versions = dict.fromkeys(self.blocks, 1)
        self.free: dict[int, dict[int, tuple[str, str]]] = {first: {} for first in self.blocks}
        self.overrides: dict[int, dict[int, Regraded]] = {first: {} for first in self.blocks}
        self.declared = GradesDeclared(version=0, rules=())
        self.asked = 0
        self.away = False
        for first, last, *_ in BLOCKS:
            for number in range(first, last + 1):
                if self.dice.random() < 0.6:
                    self.free[first][number] = self.dice.choice(POOLS)

    def stated(self, first: int) -> BlockStated:
        _, last, country, trunk, area = self.blocks[first]
        return BlockStated(
            block=first, version=self.versions[first], last=last, country=country, trunk=trunk, area=area,
            freed=freed(self.free[first]), regraded=tuple(self.overrides[first].values()),
        )  # fmt: skip

    def checked(self, first: int) -> BlockChecked:
        crc, size = 0, self.blocks[first][1] - first + 1
        for pool in sorted(set(self.free[first].values())):
            bits = np.array([self.free[first].get(first + n) == pool for n in range(size)])
            crc = zlib.crc32(
                np.packbits(bits, bitorder="little").tobytes(), zlib.crc32(f"{':'.join(pool)}\0".encode(), crc)
            )
        return BlockChecked(block=first, version=self.versions[first], free=len(self.free[first]), crc=crc)

    def change(self, first: int | None = None) -> BlockChanged:
        """Something happens to some numbers of a block."""
        first = self.dice.choice(list(self.blocks)) if first is None else first
        numbers = self.dice.sample(range(first, self.blocks[first][1] + 1), 12)
        taken = [n for n in numbers[:6] if self.free[first].pop(n, None)]
        moved = {n: self.dice.choice(POOLS) for n in numbers[6:]}
        self.free[first] |= moved
        regraded: tuple[Regraded, ...] = ()
        if self.dice.random() < 0.3:
            one = Regraded(e164=numbers[0], grade="gold", reason="asked for")
            self.overrides[first][one.e164] = one
            regraded = (one,)
        self.versions[first] += 1
        return BlockChanged(
            block=first, version=self.versions[first], taken=ranges(taken), freed=freed(moved), regraded=regraded
        )

    def changes(self, many: int) -> Iterator[BlockChanged]:
        return (self.change() for _ in range(many))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Its HTTP: what replicas ask of the numbers service."""
        request = Request(scope)
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if self.away:
            return Response(status_code=503)
        match request.url.path.strip("/").split("/"):
            case ["blocks"]:
                after, most = int(request.query_params["after"]), int(request.query_params["most"])
                firsts = sorted(first for first in self.blocks if first > after)
                page = [self.stated(first).model_dump(mode="json") for first in firsts[:most]]
                next_ = firsts[most - 1] if len(firsts) > most else None
                return Response(orjson.dumps({"blocks": page, "next": next_}))
            case ["blocks", first] if int(first) in self.blocks:
                self.asked += 1
                return Response(self.stated(int(first)).model_dump_json())
            case ["grades"]:
                return Response(self.declared.model_dump_json())
        return Response(status_code=404)
