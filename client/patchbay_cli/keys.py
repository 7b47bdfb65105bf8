"""`patchbay keys`: API keys of one's own reseller."""

from typing import Annotated

import typer

from patchbay_cli import config, output, paging
from patchbay_client import keys

app = typer.Typer(help="API keys.")
Id = Annotated[str, typer.Argument(metavar="ID")]


@app.command("list")
def list_() -> None:
    """List keys."""
    with config.client() as patchbay:
        found = patchbay(keys.page(limit=200))["keys"]
    paging.show(found, ("id", "name", "scopes", "expires_at", "last_used_at", "state"))


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    scopes: Annotated[list[str], typer.Option("--scope", help="May be given again.")],
    expires: Annotated[str, typer.Option(help="As 2027-01-01T00:00:00Z.")] = "",
) -> None:
    """Make a key. It is shown now and not again."""
    with config.client() as patchbay:
        made = patchbay(keys.add(name, scopes, expires or None))
    if not output.told(made):
        output.people.print(made["key"], highlight=False)


@app.command()
def rotate(
    id_: Id,
    overlap: Annotated[int, typer.Option(min=0, help="Seconds for which the secret before works beside it.")] = 86_400,
) -> None:
    """Give a key a new secret. It is shown now and not again."""
    with config.client() as patchbay:
        made = patchbay(keys.rotate(id_, overlap))
    if not output.told(made):
        output.people.print(made["key"], highlight=False)


@app.command()
def revoke(id_: Id) -> None:
    """End a key now."""
    with config.client() as patchbay:
        output.told(patchbay(keys.revoke(id_)))
