"""The compiled kernel: which library fits this machine, its functions' types, and the shapes that it shares."""

import ctypes
import os
import platform
from array import array
from collections.abc import Callable, Sequence
from ctypes import POINTER, Structure, c_double, c_int32, c_int64, c_uint8, c_void_p
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SPAN = 1000
GRADES = 5
GROUP = 64
ANY_GRADE = 31

DRAWN = np.dtype({"names": ["place", "number", "rule", "pool"], "formats": ["f8", "i8", "u2", "u2"], "itemsize": 24,
                  "offsets": [0, 8, 16, 18]})  # fmt: skip
"""A number that was drawn, and its place in the order that the seed decides."""

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


class Grades(Structure):
    """How numbers are graded: masks by grade, rules by ending, grades by rule, and the overrides, ascending."""

    _fields_ = (
        ("mask", c_void_p), ("rule", c_void_p), ("grade_of", c_void_p),
        ("overrides", c_int64), ("number", c_void_p), ("over_rule", c_void_p),
    )  # fmt: skip


class Rows(Structure):
    """A shelf's arrays."""

    _fields_ = (
        ("rows", c_int64), ("key", c_void_p), ("skip", c_void_p), ("bits", c_void_p), ("sums", c_void_p),
        ("groups", c_void_p),
    )  # fmt: skip


class Digits(Structure):
    """What a number's digits must hold: segments, an ending, a pattern's tokens (10 is ?, 11 is *)."""

    _fields_ = (
        ("segments", c_int32), ("in_order", c_int32), ("ends", c_int32), ("tokens", c_int32), ("national", c_int32),
        ("length", c_uint8 * 8), ("digit", (c_uint8 * 8) * 8), ("end", c_uint8 * 8), ("token", c_uint8 * 32),
    )  # fmt: skip


class Filter(Structure):
    """Which numbers are wanted: grades as bits, ranges of numbers, digits."""

    _fields_ = (("grades", c_int32), ("ranges", c_int32), ("range", c_void_p), ("digits", POINTER(Digits)))


def _runs_here(library: Path) -> bool:
    """Whether this processor has what the library was compiled for."""
    if not library.stem.endswith("x86_64_v4"):
        return True
    cpus = Path("/proc/cpuinfo")
    flags = set(cpus.read_text().split("flags", 1)[-1].split("\n", 1)[0].split()) if cpus.exists() else set()
    return {"avx2", "bmi2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags


def _load() -> ctypes.CDLL:
    libraries = [path for path in sorted(Path(__file__).parent.glob("kernel-*.so")) if _runs_here(path)]
    wanted = os.environ.get("PATCHBAY_INDEX_KERNEL", "")
    fitting = [path for path in libraries if wanted in path.name]
    if not fitting:
        raise ImportError(
            f"the search index's kernel is not compiled for {platform.machine()}: install patchbay-numbers again"
            " (hatch_build.py compiles it)"
        )
    return ctypes.CDLL(str(fitting[-1]))


_LIBRARY = _load()


def _function(name: str, *types: Any, result: Any = None) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(_LIBRARY, f"kernel_{name}")
    function.argtypes, function.restype = types, result  # type: ignore[attr-defined]
    return function


_FILTERED = (c_void_p, c_void_p, c_void_p)
_AT = (c_void_p, c_void_p)

scan = _function("scan", *_FILTERED, *[c_int64] * 2, *[c_void_p] * 4, result=c_int64)
run = _function("run", *_FILTERED, c_int64, c_int64, c_void_p, result=c_int64)
sample = _function("sample", *_FILTERED, c_int64, *[c_double] * 2, *[c_int64] * 3, c_void_p, result=c_int64)
sum_up = _function("sum", *_AT)
groups = _function("groups", c_void_p, c_int64)
regrade = _function("regrade", *_AT, c_int64, c_int64)
_set = _function("set", *_AT, c_int64, c_void_p, c_int64, result=c_int64)
load = _function("load", *_AT, c_int64, c_int64, c_void_p)
save = _function("save", c_void_p, c_int64, c_int64, c_void_p, result=c_int64)


def set_free(grades: int, shelf: int, ranges: Sequence[tuple[int, int]], is_free: bool) -> int:
    """Ranges of numbers become free or not, where the shelf has their chunks; in how many, counted for each range."""
    flat = array("q", chain.from_iterable(ranges))
    return int(_set(grades, shelf, len(ranges), flat.buffer_info()[0], is_free))
