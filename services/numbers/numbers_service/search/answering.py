"""A search as the contract asks it, as the index understands it, and its answer as the contract writes it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, get_args

import orjson

from numbers_service.filters import named_grades
from numbers_service.grading import GRADES
from numbers_service.index import Found, Index, Nearest, PoolOf, Wanted, Why
from numbers_service.index.kernel import SPAN
from numbers_service.model import owner_of
from numbers_service.search import translating
from numbers_service.search.replica import Freshness
from patchbay_contracts.numbers import Asked, SearchQuery
from patchbay_contracts.words import Pool


def _open_to(asked: Asked[SearchQuery], kinds: Iterable[Pool]) -> list[PoolOf]:
    """Of these kinds the pools that the reseller may draw from."""
    owners = ((kind, owner_of(kind, asked.reseller, asked.query.customer_id)) for kind in kinds)
    return [PoolOf(kind, owner) for kind, owner in owners if owner is not None]


def wanted(asked: Asked[SearchQuery]) -> Wanted:
    """The search for the index."""
    query = asked.query
    return translating.wanted(
        query,
        count=query.count,
        pools=_open_to(asked, query.pools),
        cursor=query.after or "",
        exact_counts=query.exact_counts,
        also_pools=_open_to(asked, get_args(Pool)),
    )


def answer(index: Index, query: SearchQuery, found: Found, fresh: Freshness) -> bytes:
    """The contract's `Found` in JSON. Rows may be ten thousand, so each is put together from pieces that many share."""
    rest = {
        "as_of": as_of(fresh),
        "total": found.total,
        "at_least": not found.exact,
        "grades": found.counts,
        "pools": {pool.kind: many for pool, many in found.pool_counts.items()},
        "read_as": found.read_as,
        "next": found.cursor or None,
        "nothing": _nothing(query, found.why, found.nearest) if found.why else None,
    }
    return b'{"numbers":[' + ",".join(_rows(index, found)).encode() + b"]," + orjson.dumps(rest)[1:]


def as_of(fresh: Freshness) -> dict[str, Any]:
    """The contract's `AsOf`."""
    return {
        "changes": fresh.changes,
        "at": datetime.fromtimestamp(fresh.at, UTC),
        "age_ms": round(fresh.age * 1000),
    }


def _rows(index: Index, found: Found) -> Iterator[str]:
    names = [f'"grade":"{grade}","rule":{_text(name)},"pool":"' for grade, name in found.names]
    kinds = [f'{pool.kind}"}}' for pool in found.pools]
    every = zip(found.numbers.tolist(), found.rules, found.pool_of, strict=True)
    for chunk, rows in groupby(every, lambda row: row[0] // SPAN):
        there = list(rows)
        shared = _shared(index, chunk) if len(there) > 2 else None
        for number, rule, pool in there:
            if shared is None:
                national, area = _described(index, number)
                place = f'"{national}","area":{_text(area)}'
            else:
                place = f"{shared[0]}{number % SPAN:03}{shared[1]}"
            yield f'{{"e164":"+{number}","national":{place},{names[rule]}{kinds[pool]}'


def _shared(index: Index, chunk: int) -> tuple[str, str] | None:
    """What the numbers of a chunk have before and behind their last three digits; None if some differ in more."""
    first, last = chunk * SPAN, chunk * SPAN + SPAN - 1
    if index.directory.find(first) != index.directory.find(last):
        return None
    national, area = _described(index, first)
    return (f'"{national[:-3]}', f'","area":{_text(area)}') if national.endswith("000") else None


def _described(index: Index, number: int) -> tuple[str, str]:
    return index.describe(number) or (f"+{number}", "")


@lru_cache
def _text(text: str) -> str:
    return orjson.dumps(text).decode()


def _nothing(query: SearchQuery, why: Why, nearest: Nearest | None) -> dict[str, Any]:
    return {
        "code": why.code,
        "field": why.field,
        "message": why.text,
        "nearest": nearest
        and {
            "query": _changed(query, nearest).model_dump(mode="json"),
            "change": f"{nearest.field}: {nearest.value}" if nearest.value else f"without {nearest.field}",
            "total": nearest.total,
        },
    }


def _changed(query: SearchQuery, nearest: Nearest) -> SearchQuery:
    """The query that finds what the nearest filter finds."""
    it = nearest.wanted
    changes: dict[str, Any] = {
        "prefix": it.prefix,
        "method": it.method,
        "segments": tuple(it.segments),
        "in_order": it.in_order and len(it.segments) > 1,
        "ends_with": it.ends_with or None,
        "pattern": it.pattern,
        "aligned": it.aligned if it.method == "run" else 1,
        "pools": tuple(pool.kind for pool in it.pools),
        "after": None,
    }
    if it.method == "run":
        changes["count"] = it.count
    if set(it.grades) != set(named_grades(query)):
        changes |= {"grades": tuple(grade for grade in GRADES if grade in it.grades), "grade_at_least": None}
    return query.model_copy(update=changes)
