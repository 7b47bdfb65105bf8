"""`patchbay batches`: how far each bulk is, and what became of its lines."""

from typing import Annotated

import typer

from patchbay_cli import config, output, paging
from patchbay_client import batches

app = typer.Typer(help="Batches of orders.")


@app.command("list")
def list_(limit: Annotated[int, typer.Option(min=1, max=200)] = 50) -> None:
    """List batches, the newest first."""
    with config.client() as patchbay:
        found = patchbay(batches.page(limit=limit))["batches"]
    shown = found if output.for_programs() else [{**row, "states": _states(row["states"])} for row in found]
    paging.show(shown, ("id", "created_at", "lines", "states"))


@app.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show how far a batch was accepted, and how many of its lines are in which state."""
    with config.client() as patchbay:
        found = patchbay(batches.show(id_))
    if not output.told(found):
        output.table(
            ("accepted through", "lines", "states"),
            [(found["accepted_through"], found["lines"], _states(found["states"]))],
        )


@app.command()
def results(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    after: Annotated[int, typer.Option(min=0, help="Only lines behind this position.")] = 0,
) -> None:
    """What became of each line: one JSON document a line."""
    output.use_json(True)
    with config.client() as patchbay:
        for line in patchbay.stream(batches.results(id_, after)):
            output.told(line)


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{many:,} {state}" for state, many in states.items() if many)
