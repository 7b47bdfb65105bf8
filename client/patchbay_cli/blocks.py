"""`patchbay blocks`: the inventory of the house, for keys with the scope `inventory`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from patchbay_cli import config, keeping, output, paging
from patchbay_cli.paging import Limit
from patchbay_client import inventory

app = typer.Typer(help="Blocks of numbers, for who keeps the inventory.")
app.add_typer(keeping.app)
COUNTS = ("size", "free", "held", "assigned", "quarantined", "lent")
PIECE = 64 * 1024
BLOCKS, NUMBERS = "first,size,country,trunk,area,pool,owner", "e164,country,trunk,area,pool,owner"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=f"CSV that begins with the line {BLOCKS}.")],
    why: Annotated[str, typer.Option(prompt="Why are they loaded", help="Stands in the log of the inventory.")],
    numbers: Annotated[bool, typer.Option("--numbers", help=f"Rows are single numbers, below {NUMBERS}.")] = False,
) -> None:
    """Import blocks. Safe to run again: what is there already is left as it is. Ends with 3 if rows were refused."""
    last: dict[str, Any] = {}
    with config.client() as patchbay:
        with output.aside.status("") as said:
            for last in patchbay.stream(inventory.load(_read(file), "numbers" if numbers else "blocks", why)):
                said.update(f"{last['rows']:,} rows")
                output.told(last)
        if not output.for_programs():
            counts = ("rows", "loaded", "there_already", "refused")
            output.table(counts, [[f"{last[name]:,}" for name in counts]])
            if last["refused"]:
                output.people.print(patchbay(inventory.refused(last["load"])), highlight=False, markup=False)
    if last["state"] != "done":
        output.say(f"{last['state']}: {last['detail']}")
        raise typer.Exit(output.LATER)
    if last["refused"]:
        raise typer.Exit(output.REFUSED)


@app.command()
def usage(
    pools: Annotated[bool, typer.Option("--pools", help="Pool by pool, with how long their numbers rest.")] = False,
    limit: Limit = 50,
) -> None:
    """List blocks, or pools, with what is used of them."""
    by: Literal["block", "pool"] = "pool" if pools else "block"
    found = paging.rows(lambda after, many: inventory.usage(by, after, many), "usage", limit)
    of_block, of_pool = ("block", "last", "area", "pool", "owner"), ("pool", "owner", "blocks")
    paging.show(found, (*of_pool, *COUNTS, "borrowed", "quarantine_days") if pools else (*of_block, *COUNTS))


@app.command()
def show(number: Annotated[str, typer.Argument(metavar="NUMBER", help="As +441217370077.")]) -> None:
    """Show a number, whosever it is, and where it belongs."""
    with config.client() as patchbay:
        found = patchbay(inventory.show(number))
    output.one(found)


@app.command()
def log(number: Annotated[str, typer.Option(help="Only what is about this number.")] = "", limit: Limit = 50) -> None:
    """List who changed what of the inventory, when and why, the newest first."""
    found = paging.rows(lambda after, many: inventory.log(number, after, many), "entries", limit)
    paging.show(found, ("at", "who", "what", "why"))


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece
