"""`patchbay operations`: how the machine is, for whoever runs Patchbay."""

import typer

from patchbay_cli import config, output
from patchbay_client import operations

app = typer.Typer(help="How the machine is: lag, step latencies, replicas.")


@app.command()
def lag() -> None:
    """Show how far services are behind, and with them what is shown."""
    with config.client() as patchbay:
        found = patchbay(operations.lag())
    if not output.told(found):
        columns: tuple[str, ...] = ("group", "topic", "records", "behind_ms")
        output.table(columns, ([one[name] for name in columns] for one in found["groups"]))
        output.people.print()
        columns = ("name", "records", "behind_ms")
        output.table(columns, ([one[name] for name in columns] for one in found["read_models"]))


@app.command()
def steps() -> None:
    """Show how long each step took, of the newest orders that ended."""
    with config.client() as patchbay:
        found = patchbay(operations.steps())
    if not output.told(found):
        columns = ("step", "count", "p50_ms", "p99_ms", "max_ms", "slowest")
        output.table(columns, ([one[name] for name in columns] for one in map(dict, found["steps"])))


@app.command()
def replicas() -> None:
    """Show who runs, and how old the answers of search replicas are."""
    with config.client() as patchbay:
        found = patchbay(operations.replicas())
    if not output.told(found):
        columns = ("service", "replica", "host", "partitions")
        output.table(columns, ([one[name] for name in columns] for one in found["services"]))
        output.people.print()
        columns = ("url", "state", "age_ms", "changes")
        output.table(columns, ([one[name] for name in columns] for one in found["search"]))
