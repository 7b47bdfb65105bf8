"""`patchbay blocks`: the inventory of the house, for keys with the scope `inventory`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from patchbay_cli import config, output
from patchbay_client import inventory

app = typer.Typer(help="Blocks of numbers.")
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
        for last in patchbay.stream(inventory.load(_read(file), "numbers" if numbers else "blocks", why)):
            output.told(last)
        if not output.for_programs():
            counts = ("rows", "loaded", "there_already", "refused")
            output.table(counts, [[f"{last[name]:,}" for name in counts]])
            if last["refused"]:
                output.people.print(patchbay(inventory.refused(last["load"])), highlight=False, markup=False)
    if last.get("refused"):
        raise typer.Exit(output.REFUSED)


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece
