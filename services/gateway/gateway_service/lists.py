"""What all lists of the API have in common: pages by cursors, `fields=`, and all of it as CSV or NDJSON."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import Query
from pydantic import AfterValidator, BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import exporting, fields
from gateway_service.bodies import JSON
from gateway_service.exporting import Kind
from patchbay_chassis.problems import Problem, invalid_parameter
from patchbay_contracts.times import WrittenDay, WrittenTime

PAGE, MOST = 50, 200
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
LINKS = "links"
"""A field for whoever goes on from here; no column of an export, unless it is named."""


class Page(NamedTuple):
    """Some rows, and where those behind them begin; None behind the last."""

    rows: Sequence[Mapping[str, Any]]
    next: str | None


Fetch = Callable[[str | None, int], Awaitable[Page]]
"""The page that begins after a cursor, with so many rows at the most."""


class Asked:
    """What every list can be asked for."""

    def __init__(
        self,
        request: Request,
        limit: Annotated[int | None, Query(ge=1, le=MOST, description=f"rows of a page, {PAGE} without it")] = None,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
        fields: fields.Fields = None,
        format: Annotated[  # noqa: A002 - its name in the query
            Kind | None,
            Query(description="`csv` and `ndjson` stream the whole list; so do text/csv and the like in Accept"),
        ] = None,
    ) -> None:
        self.limit, self.after, self.fields = limit, after, fields
        self.kind = exporting.wanted(request, format)
        if self.kind != "json" and limit is not None:
            raise invalid_parameter("limit", "an export has all rows", "leave it out")


async def answer(asked: Asked, name: str, known: Sequence[str], fetch: Fetch) -> Response:
    """The page, or all that there is. `name`: what the rows are called, `known`: their fields."""
    names = fields.chosen(asked.fields, known)
    if asked.kind == "json":
        page = await _page(fetch, asked.after, asked.limit or PAGE)
        shown = {name: [fields.only(row, names) for row in page.rows], "next": page.next}
        return Response(orjson.dumps(shown, default=str), media_type=JSON, headers={"Vary": "Accept"})
    columns = names or [one for one in known if one != LINKS]
    return await exporting.streamed(name, asked.kind, columns, _all(fetch, asked.after))


async def _all(fetch: Fetch, after: str | None) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
    while True:
        page = await _page(fetch, after, MOST)
        yield page.rows
        if page.next is None:
            return
        after = page.next


async def _page(fetch: Fetch, after: str | None, limit: int) -> Page:
    """What an owner says about its query is said about the parameter that it came from."""
    try:
        return await fetch(after, limit)
    except Problem as problem:
        for fault in problem.body.get("errors", ()) if problem.status == 422 else ():
            if "pointer" in fault:
                fault["parameter"] = fault.pop("pointer").strip("/").partition("/")[0]
        raise


def among(rows: Sequence[Mapping[str, Any]], key: str) -> Fetch:
    """Pages of rows that are all there already, in the order of a field that each has to itself."""
    ordered = sorted(rows, key=lambda row: str(row[key]))

    async def fetch(after: str | None, limit: int) -> Page:
        behind = [row for row in ordered if after is None or str(row[key]) > after]
        return Page(behind[:limit], str(behind[limit - 1][key]) if len(behind) > limit else None)

    return fetch


def says(text: str, *among: str) -> bool:
    """Whether each word of the text begins a word that is among these."""
    words = [word for one in among for word in _words(one)]
    return all(any(word.startswith(begun) for word in words) for begun in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def bad_cursor() -> Problem:
    """What came as a cursor is none."""
    return invalid_parameter("after", "not a cursor of ours", "take it from `next`")


def _storable(moment: datetime) -> datetime:
    if not FIRST <= moment <= LAST:
        raise ValueError("too early or too late a time: give one between 1970 and 9998")
    return moment


Moment = Annotated[WrittenTime, AfterValidator(_storable)]
"""A time in a filter, with its zone."""
From = Annotated[Moment | None, Query(description="not before this time; with its zone, such as 2026-06-01T00:00:00Z")]
Before = Annotated[Moment | None, Query(description="before this time")]
Day = Annotated[WrittenDay | None, Query(description="a day, such as 2026-12-01; without it, today")]
Words = Annotated[str, Query(max_length=100, description="beginnings of words")]
Begins = Annotated[
    str | None,
    BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given),
    Query(pattern=r"^\+?[1-9][0-9]{0,14}$", description="a number with its calling code, or how it begins"),
]
"""Blanks around it are what a plus becomes in an address."""
