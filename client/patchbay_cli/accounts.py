"""`patchbay accounts`: billing accounts of customers; changed with a key that has the scope `prices`."""

from typing import Annotated, Any

import typer

from patchbay_cli import config, output
from patchbay_cli.reading import OwnKey
from patchbay_client import accounts
from patchbay_client.calls import Call

app = typer.Typer(help="Billing accounts of customers.")
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The id of the customer.")]
Why = Annotated[str, typer.Option("--why", help="Stands in the log of the account.")]


@app.command()
def show(customer: Customer) -> None:
    """Show whether an account is blocked, its limit, what is used of that, and who changed it."""
    _told(accounts.show(customer))


@app.command()
def block(customer: Customer, why: Why, key: OwnKey = "") -> None:
    """Block an account: its customer can order nothing then."""
    _told(accounts.block(customer, why, key or None))


@app.command()
def unblock(customer: Customer, why: Why, key: OwnKey = "") -> None:
    """Unblock an account: its customer can order again."""
    _told(accounts.unblock(customer, why, key or None))


@app.command()
def limit(  # noqa: PLR0917 - its options
    customer: Customer,
    why: Why,
    amount: Annotated[str, typer.Option(help="What its charges may come to a month, as 500 or 99.50.")] = "",
    currency: Annotated[str, typer.Option(help="In this currency, as GBP; others do not count.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="No limit any more.")] = False,
    key: OwnKey = "",
) -> None:
    """Limit what a customer may be charged a month, or lift the limit."""
    if lift == bool(amount) or bool(amount) != bool(currency):
        raise typer.BadParameter("give --amount and --currency, or --lift", param_hint="--amount")
    of = key or None
    _told(accounts.lift_limit(customer, why, of) if lift else accounts.limit(customer, amount, currency, why, of))


def _told(call: Call[Any]) -> None:
    with config.client() as patchbay:
        found = patchbay(call)
    output.one(found)
