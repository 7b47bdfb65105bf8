"""`patchbay numbers`: searched, held, given back."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from patchbay_cli import config, output
from patchbay_client import numbers

app = typer.Typer(help="Numbers.")
Basket = Annotated[str, typer.Option(help="The id of your basket, a UUID; an order may name it as held_by.")]
Named = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As +441217370077.")]


@app.command()
def search(
    prefix: Annotated[str, typer.Option(help="Such as 0121737.")] = "",
    pattern: Annotated[str, typer.Option(help="Such as '0121 737 *77*'.")] = "",
    grade: Annotated[str, typer.Option(help="This or better: platinum, gold, silver, bronze.")] = "",
    price_list: Annotated[str, typer.Option(help="To see what each costs.")] = "",
    count: Annotated[int, typer.Option(min=1, max=500)] = 20,
) -> None:
    """Search free numbers."""
    given = {"prefix": prefix, "pattern": pattern, "grade_at_least": grade, "price_list": price_list}
    with config.client() as patchbay:
        found = patchbay(numbers.search({"count": count} | {name: value for name, value in given.items() if value}))
    if output.told(found):
        return
    _table(found["numbers"])
    if found.get("nothing"):
        output.say(found["nothing"]["message"])


@app.command()
def hold(named: Named, basket: Basket = "") -> None:
    """Hold numbers. Ends with 3 if somebody else was faster with one of them."""
    basket = basket or str(uuid4())
    with config.client() as patchbay:
        found = patchbay(numbers.hold(basket, named))
    if not output.told(found):
        output.say(f"basket {basket}")
        _table(found["held"])
        for lost in found["lost"]:
            offer = (lost.get("offer") or {}).get("e164")
            output.say(f"{lost['e164']} is {lost['reason']}" + (f"; the next best is {offer}" if offer else ""))
    if found["lost"]:
        raise typer.Exit(output.REFUSED)


@app.command()
def held(basket: Basket) -> None:
    """List what a basket holds."""
    with config.client() as patchbay:
        found = patchbay(numbers.held(basket))
    if not output.told(found):
        _table(found["held"])


@app.command()
def release(basket: Basket, named: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]...")] = None) -> None:
    """Give numbers back; without any, all that the basket holds."""
    with config.client() as patchbay:
        found = patchbay(numbers.release(basket, named or ()))
    if not output.told(found):
        output.say(f"{len(found['numbers'])} given back")


def _table(rows: list[dict[str, Any]]) -> None:
    names = ("e164", "area", "grade", "rule", "pool", "setup", "monthly", "held_until")
    shown = [name for name in names if any(row.get(name) for row in rows)]
    output.table(shown, ([_cell(row.get(name)) for name in shown] for row in rows))


def _cell(value: Any) -> Any:
    return f"{value['amount']} {value['currency']}" if isinstance(value, dict) else value
