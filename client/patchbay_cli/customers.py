"""`patchbay customers`: listed and shown. Orders make them."""

from typing import Annotated

import typer

from patchbay_cli import config, output, paging
from patchbay_cli.paging import Limit, Since, Until
from patchbay_cli.reading import Id
from patchbay_client import customers

app = typer.Typer(help="Customers.")


@app.command("list")
def list_(
    text: Annotated[str, typer.Option(help="Beginnings of words of the name, an address, or your reference.")] = "",
    state: Annotated[str, typer.Option(help="active or blocked.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 50,
) -> None:
    """List customers, the newest first."""
    wanted = paging.given(text=text, state=state, created_from=since, created_before=until)
    found = paging.rows(lambda after, many: customers.page(after, many, **wanted), "customers", limit)
    paging.show(found, ("id", "name", "email", "reference", "state"))


@app.command()
def show(id_: Id) -> None:
    """Show all about a customer but its PIN."""
    with config.client() as patchbay:
        found = patchbay(customers.show(id_))
    output.one(found)
