"""Lists, page after page, and how they are printed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from patchbay_cli import config, output
from patchbay_client.calls import Call

MOST = 200
"""Rows of a page."""
Limit = Annotated[int, typer.Option(min=1, help="So many at the most.")]
Since = Annotated[str, typer.Option("--from", help="Not before this time, as 2026-06-01T00:00:00Z.")]
Until = Annotated[str, typer.Option("--before", help="Before this time.")]


def rows(page: Callable[[str | None, int], Call[Any]], name: str, limit: int) -> Iterator[Mapping[str, Any]]:
    """Rows of a list of that name, as `page` asks for it by cursor and number."""
    after: str | None = None
    with config.client() as patchbay:
        while limit > 0:
            found = patchbay(page(after, min(limit, MOST)))
            yield from found[name]
            limit, after = limit - len(found[name]), found["next"]
            if after is None:
                return


def given(**filters: str) -> Any:
    """Those that are."""
    return {name: value for name, value in filters.items() if value}


def show(found: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A table of these columns for people; for programs a row a line, as it came."""
    if output.for_programs():
        for row in found:
            output.told(row)
        return
    output.table(
        [name.removesuffix("_at") for name in columns], ([_cell(row.get(k)) for k in columns] for row in found)
    )


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
