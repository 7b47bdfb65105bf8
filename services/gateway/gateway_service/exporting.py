"""Whole lists as CSV or NDJSON, page by page while they are sent: however many there are, a page is in memory."""

import csv
import io
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import orjson
from starlette.requests import Request

from gateway_service.settings_csv import guarded
from patchbay_chassis.streamed import NDJSON, Streamed

CSV = "text/csv"
Kind = Literal["json", "csv", "ndjson"]
Rows = Iterable[Mapping[str, Any]]


def wanted(request: Request, kind: Kind | None) -> Kind:
    """In which form: as `format` says, otherwise the first that Accept names; pages in JSON, if it names none."""
    if kind is not None:
        return kind
    kinds: dict[str, Kind] = {CSV: "csv", NDJSON: "ndjson", "application/json": "json"}
    named = (one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(","))
    return next((kinds[one] for one in named if one in kinds), "json")


async def streamed(name: str, kind: Kind, columns: Sequence[str], pages: AsyncGenerator[Rows]) -> Streamed:
    """All of it. What goes wrong with the first page is still an answer of its own; later it breaks the stream off."""
    first = await anext(pages, ())

    async def body() -> AsyncGenerator[bytes]:
        yield _written(first, kind, columns, head=True)
        async for page in pages:
            yield _written(page, kind, columns)

    response = Streamed(body(), "text/csv; charset=utf-8" if kind == "csv" else NDJSON)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _written(rows: Rows, kind: Kind, columns: Sequence[str], *, head: bool = False) -> bytes:
    if kind == "ndjson":
        return b"".join(orjson.dumps({name: row.get(name) for name in columns}) + b"\n" for row in rows)
    return lines([*([columns] if head else []), *([row.get(name) for name in columns] for row in rows)]).encode()


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. No cell begins as a spreadsheet's formula does."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([guarded(_cell(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list | tuple | bool) else str(value)
