"""How the index's numbers are graded: the rules' tables and the overrides, as the kernel reads them."""

from array import array
from bisect import bisect_left
from ctypes import addressof

import numpy as np

from numbers_service.grading import GRADES, Grading, Override
from numbers_service.index.kernel import SPAN, Grades
from patchbay_contracts.words import Grade


class Graded:
    """Rules, and overrides by number ascending; `names` holds a grade and the name of its rule for each rule id."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading
        self.c = Grades()
        self.address = addressof(self.c)
        self.numbers, self.rules = array("q"), array("H")
        self.names: list[tuple[Grade, str]] = []
        self._ids: dict[Override, int] = {}
        self.regrade(grading)

    def regrade(self, grading: Grading) -> None:
        """Other rules; the overrides stay."""
        overrides = [self.at(at) for at in range(len(self.numbers))]
        self.grading, self.names, self._ids = grading, list(grading.names), {}
        self.table = grading.table
        by_rule = np.array([GRADES.index(grade) for grade, _ in self.names], np.uint8)
        of_ending = by_rule[self.table].reshape(SPAN, SPAN)
        self.mask = np.zeros((len(GRADES), SPAN, 16), np.uint64)
        for grade in range(len(GRADES)):
            packed = np.packbits(of_ending == grade, axis=1, bitorder="little")
            self.mask[grade].view(np.uint8)[:, : packed.shape[1]] = packed
        self.rules = array("H", [self._id(override) for _, override in overrides])
        self._share()

    def restore(
        self, grading: Grading, reasons: list[tuple[Grade, str]], numbers: "array[int]", rules: "array[int]"
    ) -> None:
        """All of it, as it once was."""
        self.numbers, self.rules = array("q"), array("H")
        self.regrade(grading)
        for grade, name in reasons:
            self._id(Override.of(grade, name))
        self.numbers, self.rules = numbers, rules
        self._share()

    def _share(self) -> None:
        self.grade_of = np.array([GRADES.index(grade) for grade, _ in self.names], np.uint8)
        self.c.mask, self.c.rule = self.mask.ctypes.data, self.table.ctypes.data
        self.c.grade_of = self.grade_of.ctypes.data
        self.c.number, self.c.overrides = self.numbers.buffer_info()
        self.c.over_rule = self.rules.buffer_info()[0]

    def _id(self, override: Override) -> int:
        if override not in self._ids:
            if len(self.names) > 60_000:
                raise ValueError(f"override {override.reason!r}: 60,000 reasons are in use: use one of them")
            self._ids[override] = len(self.names)
            self.names.append((override.grade, override.rule))
        return self._ids[override]

    def at(self, at: int) -> tuple[int, Override]:
        """An override."""
        grade, name = self.names[self.rules[at]]
        return self.numbers[at], Override.of(grade, name)

    def within(self, first: int, last: int) -> dict[int, Override]:
        """The overrides of a block."""
        return dict(map(self.at, range(bisect_left(self.numbers, first), bisect_left(self.numbers, last + 1))))

    def change(self, changes: dict[int, Override | None]) -> None:
        """Set or lift overrides. The chunks' sums are due afterwards."""
        if len(changes) * 8 > len(self.numbers):
            self._merge(changes)
            return
        for number, override in changes.items():
            at = bisect_left(self.numbers, number)
            there = at < len(self.numbers) and self.numbers[at] == number
            if there and override:
                self.rules[at] = self._id(override)
            elif there:
                del self.numbers[at], self.rules[at]
            elif override:
                self.numbers.insert(at, number)
                self.rules.insert(at, self._id(override))
        self._share()

    def _merge(self, changes: dict[int, Override | None]) -> None:
        """Many at once, in one pass."""
        rules = dict(zip(self.numbers, self.rules, strict=True))
        for number, override in changes.items():
            if override:
                rules[number] = self._id(override)
            else:
                rules.pop(number, None)
        ordered = sorted(rules)
        self.numbers, self.rules = array("q", ordered), array("H", [rules[number] for number in ordered])
        self._share()
