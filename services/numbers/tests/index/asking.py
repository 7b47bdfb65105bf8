"""Searches of all kinds, for property-based tests."""

from typing import Any

from hypothesis import strategies as st

from numbers_service.grading import GRADES
from numbers_service.index import Wanted
from services.numbers.tests.index.oracle import POOLS

PREFIXES = st.sampled_from(
    ["", "", "", "+44", "0121737", "+441217371", "121737", "+4412173719", "441217372", "+441217371234", "0", "+33", "1",
     "+354555", "212", "+1212", "020", "01234", "+2904", "+49", "555", "+99", "0131", "301234567801"]
)  # fmt: skip
SEGMENTS = st.lists(st.text("0123457", min_size=1, max_size=3), min_size=0, max_size=3)
PATTERNS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["0121 737 *77*", "*7", "+44*1?1*", "0*5*", "2079*", "+?*00", "??????", "555?1??", "1 212 *", "?121*"]
    ),
    st.lists(st.sampled_from("0123457?**"), min_size=1, max_size=9).map("".join).map(lambda text: text + "*"),
)
METHODS = ("next", "random", "segments", "run")


@st.composite
def wanted(draw: st.DrawFn, methods: tuple[str, ...] = METHODS) -> Wanted:
    """Any filter with any method."""
    method = draw(st.sampled_from(methods))
    segments = draw(SEGMENTS) if method == "segments" or draw(st.booleans()) else []
    chosen: dict[str, Any] = {
        "count": draw(st.sampled_from([1, 2, 3, 7, 20, 100, 1000] if method == "run" else [1, 7, 100, 10_000])),
        "pools": draw(st.lists(st.sampled_from(POOLS), min_size=1, max_size=3, unique=True)),
        "prefix": draw(PREFIXES),
        "grades": frozenset(draw(st.lists(st.sampled_from(GRADES), max_size=2)))
        if draw(st.booleans())
        else frozenset(),
        "method": method,
        "segments": segments,
        "in_order": draw(st.booleans()),
        "ends_with": draw(st.sampled_from(["", "", "", "7", "00", "12", "777", "0000"])),
        "pattern": draw(PATTERNS) if draw(st.booleans()) else "",
        "aligned": draw(st.sampled_from([1, 1, 10, 100])) if method == "run" else 1,
        "exact_counts": draw(st.booleans()),
        "also_pools": POOLS,
        "seed": draw(st.sampled_from([1, 2])),
    }
    if method == "segments" and not (segments or chosen["ends_with"] or chosen["pattern"]):
        chosen["segments"] = ["7"]
    return Wanted(**chosen)
