"""How prefixes and patterns are read, and what is refused because no number can match it."""

from typing import Any

import pytest

from numbers_service.grading import DEFAULT
from numbers_service.index import BadFilter, BlockState, Index, Wanted
from patchbay_contracts.finding_texts import nothing_found
from services.numbers.tests.index.oracle import ACME, JANE, POOLS, PUBLIC, world


def read_as(prefix: str) -> list[str]:
    return list(world(1).index.search(Wanted(prefix=prefix, pools=POOLS)).read_as)


@pytest.mark.parametrize(
    ("prefix", "meant"),
    [
        ("+44121737", ["+44121737"]),
        ("0121737", ["+44121737"]),
        ("0121 737", ["+44121737"]),
        ("121737", ["+44121737"]),
        ("44121", ["+44121"]),
        ("0", ["+33", "+44", "+49"]),
        ("555", ["+354555"]),
        ("1212", ["+1212"]),
        ("+441217371000", ["+441217371000"]),
        ("0999", ["+33999", "+44999", "+49999"]),
    ],
)
def test_a_prefix_is_read_as_the_inventory_has_it(prefix: str, meant: list[str]) -> None:
    assert read_as(prefix) == meant


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 10_001}, "count"),
        ({"pools": []}, "pools"),
        ({"pools": [PUBLIC, PUBLIC]}, "pools"),
        ({"prefix": "0121x"}, "prefix"),
        ({"prefix": "+"}, "prefix"),
        ({"prefix": "12345678901234567"}, "prefix"),
        ({"prefix": "٠١٢"}, "prefix"),
        ({"grades": frozenset(["best"])}, "grades"),
        ({"method": "best"}, "method"),
        ({"method": "segments"}, "segments"),
        ({"segments": [""]}, "segments"),
        ({"segments": ["123456789"]}, "segments"),
        ({"segments": ["12a"]}, "segments"),
        ({"segments": ["1"] * 9}, "segments"),
        ({"segments": ["12345678", "12345678"], "in_order": True}, "segments"),
        ({"ends_with": "x"}, "ends_with"),
        ({"ends_with": "123456789"}, "ends_with"),
        ({"pattern": "+"}, "pattern"),
        ({"pattern": "12x*"}, "pattern"),
        ({"pattern": "123"}, "pattern"),
        ({"pattern": "1234567890123456*"}, "pattern"),
        ({"pattern": "1*" * 16}, "pattern"),
        ({"aligned": 10}, "aligned"),
        ({"aligned": 7, "method": "run"}, "aligned"),
        ({"cursor": "?"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
    ],
)
def test_an_impossible_filter_is_refused_with_its_field(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(BadFilter, match=field) as refused:
        world(1).index.search(Wanted(**wanted))
    assert refused.value.field == field
    assert refused.value.remedy


def test_the_cursor_of_another_filter_is_refused() -> None:
    index = world(1).index
    cursor = index.search(Wanted(count=2)).cursor
    assert index.search(Wanted(count=5, cursor=cursor)).numbers.size
    with pytest.raises(BadFilter, match="cursor"):
        index.search(Wanted(count=2, prefix="0121", cursor=cursor))


def only(first: int, last: int) -> Index:
    index = Index(DEFAULT)
    index.put(BlockState(441217371000, 441217371999, "44", "0", "Birmingham", 1, {PUBLIC: [(first, last)]}))
    return index


@pytest.mark.parametrize(
    ("wanted", "field", "value"),
    [
        (Wanted(prefix="0121738"), "prefix", "012173"),
        (Wanted(grades=frozenset(["platinum"]), prefix="0121737"), "grades", "silver"),
        (Wanted(segments=["55", "99"], method="segments"), "segments", "5, 99"),
        (Wanted(segments=["378"], method="segments"), "segments", "37"),
        (Wanted(ends_with="9555"), "ends_with", "555"),
        (Wanted(pattern="0121 737 1999"), "pattern", "0121 737 1???"),
        (Wanted(pattern="0121 737 ?699", count=3), "pattern", "0121 737 ?6??"),
        (Wanted(count=200, method="run"), "count", "100"),
        (Wanted(count=95, method="run", aligned=10), "aligned", "1"),
        (Wanted(pools=[ACME], also_pools=[JANE, PUBLIC]), "pools", "public"),
    ],
)
def test_when_nothing_matches_the_nearest_filter_that_does_is_named(wanted: Wanted, field: str, value: str) -> None:
    index = only(441217371501, 441217371600)
    found = index.search(wanted)
    assert found.why
    assert nothing_found(found.why.code, found.why.text) is not None
    assert found.nearest
    assert (found.nearest.field, found.nearest.value) == (field, value)
    assert index.search(found.nearest.wanted).numbers.size


def test_an_empty_inventory_says_that_nothing_is_free() -> None:
    found = Index(DEFAULT).search(Wanted(prefix="0121"))
    assert found.why
    assert nothing_found(found.why.code, found.why.text) is not None
    assert found.why.field == "pools"
    assert found.nearest is None
