"""What a search must answer, found with numpy by looking at every number of the bench's inventory."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.search_data import BLOCK, POOLS, SLOT, Inventory, Numbers, grades
from numbers_service.grading import GRADES
from numbers_service.index import Index, Wanted

AT_ONCE = 100
"""Slots that are looked at together."""
DIGITS = 10
"""Of a national number of the bench."""
Bools = npt.NDArray[np.bool_]


def check(index: Index, inventory: Inventory, wanted: Wanted) -> None:
    """Compare the index's answer with what is there. Raises AssertionError for what is wrong."""
    matching = _matching(inventory, wanted)
    found = index.search(wanted)
    every = index.search(_exactly(wanted))
    assert every.exact, f"{wanted}: counts are not exact though they were asked for"
    assert every.total == len(matching), f"{wanted}: {every.total} counted, {len(matching)} are there"
    assert found.total == len(matching) if found.exact else found.total <= len(matching), f"{wanted}: total"
    by_grade = np.bincount(grades(matching, inventory.overrides), minlength=len(GRADES)).tolist()
    assert [every.counts[grade] for grade in GRADES] == by_grade, f"{wanted}: counts by grade"
    if wanted.method == "random":
        drawn = found.numbers
        assert len(np.unique(drawn)) == len(drawn) == min(wanted.count, len(matching)), f"{wanted}: how many"
        at = np.searchsorted(matching, drawn).clip(max=max(0, len(matching) - 1))
        assert (matching[at] == drawn).all(), f"{wanted}: some do not match"
    elif wanted.method == "run":
        assert found.numbers.tolist() == _run(matching, wanted), f"{wanted}: the run"
    else:
        assert found.numbers.tolist() == matching[: wanted.count].tolist(), f"{wanted}: the numbers"
    assert len(matching) or wanted.method == "run" or found.nearest, f"{wanted}: nothing is named that finds something"


def _exactly(wanted: Wanted) -> Wanted:
    return Wanted(**{name: getattr(wanted, name) for name in wanted.__dataclass_fields__} | {"exact_counts": True})


def _matching(inventory: Inventory, wanted: Wanted) -> Numbers:
    """All numbers that match, ascending. Prefixes are E.164; there is one pool."""
    slots = np.arange(len(inventory.slots))
    prefix = wanted.prefix.removeprefix("+")
    if prefix:
        rest = 10 ** (DIGITS + 2 - len(prefix))
        first = int(prefix) * rest
        slots = slots[(inventory.slots + SLOT > first) & (inventory.slots < first + rest)]
    found = [_of_slots(inventory, wanted, slots[at : at + AT_ONCE]) for at in range(0, len(slots), AT_ONCE)]
    numbers: Numbers = np.concatenate(found) if found else np.zeros(0, np.int64)
    return numbers[numbers // rest == int(prefix)] if prefix else numbers


def _of_slots(inventory: Inventory, wanted: Wanted, slots: npt.NDArray[np.int64]) -> Numbers:
    free = np.unpackbits(inventory.free[slots], axis=1, bitorder="little").view(bool).reshape(-1, BLOCK)
    mine = inventory.pool[slots].reshape(-1) == POOLS.index(wanted.pools[0])
    numbers = (inventory.slots[slots][:, None] + np.arange(SLOT)).reshape(-1)[(free & mine[:, None]).reshape(-1)]
    if wanted.grades:
        places = [GRADES.index(grade) for grade in wanted.grades]
        numbers = numbers[np.isin(grades(numbers, inventory.overrides), places)]
    national = (numbers % 10**DIGITS).astype(np.uint32)
    fits = np.ones(len(numbers), bool)
    if wanted.in_order:
        fits &= _like(national, f"*{'*'.join(wanted.segments)}*")
    else:
        for segment in wanted.segments:
            fits &= _contains(national, segment)
    if wanted.ends_with:
        fits &= national % np.uint32(10 ** len(wanted.ends_with)) == int(wanted.ends_with)
    if wanted.pattern:
        fits &= _like(national, wanted.pattern.replace(" ", "").removeprefix("0"))
    matching: Numbers = numbers[fits]
    return matching


def _contains(national: npt.NDArray[np.uint32], segment: str) -> Bools:
    found = np.zeros(len(national), bool)
    for behind in range(DIGITS - len(segment) + 1):
        found |= national // np.uint32(10**behind) % np.uint32(10 ** len(segment)) == int(segment)
    return found


def _like(national: npt.NDArray[np.uint32], pattern: str) -> Bools:
    """* for any digits, ? for one: how far each number can have come in the pattern, as bits, digit by digit."""
    parts = pattern.split("*")
    tokens = "".join(parts)
    stars = {sum(map(len, parts[: at + 1])) for at in range(len(parts) - 1)}
    stays = sum(1 << star for star in stars)
    reads = np.array([sum(1 << at for at, t in enumerate(tokens) if t in {"?", str(d)}) for d in range(10)], np.uint16)
    state = np.ones(len(national), np.uint16)
    for behind in reversed(range(DIGITS)):
        digit = national // np.uint32(10**behind) % np.uint32(10)
        state = ((state & reads[digit]) << np.uint16(1)) | (state & np.uint16(stays))
    ends: Bools = state >> np.uint16(len(tokens)) & np.uint16(1) == 1
    return ends


def _run(matching: Numbers, wanted: Wanted) -> Sequence[int]:
    """The first run."""
    want = wanted.count
    starts = matching[: len(matching) - want + 1]
    whole = matching[want - 1 :] - starts == want - 1 if len(matching) >= want else np.zeros(0, bool)
    firsts = starts[whole]
    firsts = firsts[firsts % wanted.aligned == 0]
    return list(range(int(firsts[0]), int(firsts[0]) + want)) if len(firsts) else []
