"""One search of each kind, a hold that somebody else tries as well, and a search that finds nothing."""

from collections.abc import Sequence
from time import perf_counter
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from examples.api import Api, Json

GRADES = ("platinum", "gold", "silver", "bronze", "standard")
WIDTH = 136
"""Columns that the table takes, also where there is no terminal."""
SEARCHES: tuple[tuple[str, Json], ...] = (
    ("next", {"prefix": "0121"}),
    ("random", {"prefix": "+49", "method": "random"}),
    ("segments 77, 12", {"method": "segments", "segments": ["77", "12"]}),
    ("ends with 2468", {"ends_with": "2468"}),
    ("0121 737 *77*", {"pattern": "0121 737 *77*"}),
    ("run of 10 by tens", {"prefix": "020", "method": "run", "aligned": 10, "count": 10}),
    ("gold or better", {"prefix": "0161", "grade_at_least": "gold"}),
    ("the own pool", {"pools": ["reseller"]}),
)
NOTHING: Json = {"prefix": "0118", "ends_with": "1234567"}


async def show(console: Console, acme: Api, borealis: Api) -> list[str]:
    """Print all of it; what is not as it should be, in words."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in (
        "search",
        "first found",
        "grade: rule",
        "total",
        "/".join(g[:2] for g in GRADES),
        "ms",
        "as of, ms ago",
    ):
        table.add_column(column, no_wrap=True, justify="left" if column[0] in "sfg" else "right")
    empty, console.width = [], max(console.width, WIDTH)
    for title, query in SEARCHES:
        began = perf_counter()
        found = await acme.search({"count": 3} | query)
        took = perf_counter() - began
        table.add_row(title, *_cells(query, found), f"{took * 1000:.1f}", str(found["as_of"]["age_ms"]))
        empty += [] if found["numbers"] else [f"the search '{title}' found nothing"]
    console.print(table)
    return empty + await _ticks(console, acme, borealis) + await _nothing(console, acme)


def _cells(query: Json, found: Json) -> Sequence[str]:
    rows = found["numbers"]
    numbers = [row["national"] for row in rows]
    is_run = rows and query.get("method") == "run"
    shown = f"{numbers[0]} … {numbers[-1]}" if is_run else ", ".join(numbers[:2])
    rule = f"{rows[0]['grade']}: {rows[0]['rule']}" if rows else ""
    counts = "/".join(f"{found['grades'].get(grade, 0):,}" for grade in GRADES)
    return shown, rule, f"{'≥ ' if found['at_least'] else ''}{found['total']:,}", counts


async def _ticks(console: Console, acme: Api, borealis: Api) -> list[str]:
    """A tick is a hold. Who comes second is told what is lost, and offered the next best by the same filter."""
    query: Json = {"prefix": "0161", "grade_at_least": "gold", "count": 2}
    ticked = [number["e164"] for number in (await acme.search(query))["numbers"]]
    ours, theirs = ({"kind": "basket", "id": str(uuid4())} for _ in range(2))
    wanted: Json = {"numbers": ticked, "minutes": 5, "filter": query}
    first = await acme.ask("/v1/numbers/holds", wanted | {"owner": ours})
    second = await borealis.ask("/v1/numbers/holds", wanted | {"owner": theirs})
    given_back = await acme.ask("/v1/numbers/holds/release", {"owner": ours})
    held = [one["e164"] for one in first["held"]]
    console.print(f"tick: {', '.join(held)} held until {first['held'][0]['held_until'][11:19]}" if held else "no hold")
    for lost in second["lost"]:
        offer = f"; {lost['offer']['e164']} ({lost['offer']['grade']}) offered instead" if lost["offer"] else ""
        console.print(f"  another reseller's tick: {lost['e164']} {lost['reason']}{offer}")
    console.print(f"  given back: {', '.join(given_back['numbers'])}")
    as_wanted = held == ticked == [one["e164"] for one in second["lost"]] == given_back["numbers"]
    return [] if as_wanted else ["a tick did not hold, or held what was another's"]


async def _nothing(console: Console, acme: Api) -> list[str]:
    nothing = (await acme.search(NOTHING))["nothing"]
    if nothing is None:
        return ["a search that should find nothing found something"]
    console.print(f"nothing: {nothing['message']}")
    if nearest := nothing["nearest"]:
        console.print(f"  nearest: {nearest['change']}: {nearest['total']:,}")
    return []
