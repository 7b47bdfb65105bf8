"""`patchbay numbers`: searched, held, held longer, given back."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from patchbay_cli import config, output
from patchbay_client import numbers

app = typer.Typer(help="Numbers.")
Basket = Annotated[str, typer.Option(help="The id of your basket, a UUID; an order may name it as held_by.")]
Pools = Annotated[
    list[str] | None, typer.Option(help="public, reseller or customer; given again: one after the other.")
]
Minutes = Annotated[int, typer.Option(min=1, max=1440, help="So long.")]
Named = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As +441217370077.")]


@app.command()
def search(  # noqa: PLR0917 - its options
    prefix: Annotated[str, typer.Option(help="Such as 0121737 or +44121737.")] = "",
    pattern: Annotated[str, typer.Option(help="Such as '0121 737 *77*'.")] = "",
    segment: Annotated[
        list[str] | None, typer.Option(help="Digits that it contains; given again: all of them.")
    ] = None,
    in_order: Annotated[bool, typer.Option("--in-order", help="The segments one behind the other.")] = False,
    ends_with: Annotated[str, typer.Option(help="The digits that it ends with.")] = "",
    grade: Annotated[str, typer.Option(help="This or better: platinum, gold, silver, bronze.")] = "",
    of_grade: Annotated[list[str] | None, typer.Option(help="This and no other; given again: any of them.")] = None,
    method: Annotated[str, typer.Option(help="next, random, segments, or run: that many in a row.")] = "next",
    aligned: Annotated[int, typer.Option(help="A run begins at 10 or at 100.")] = 1,
    pool: Pools = None,
    customer: Annotated[str, typer.Option(help="The customer whose pool is meant, by id.")] = "",
    price_list: Annotated[str, typer.Option(help="To see what each costs.")] = "",
    service_type: Annotated[str, typer.Option(help="To see what a service of it costs with each.")] = "",
    count: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    after: Annotated[str, typer.Option(help="Go on behind the answer that ended with this.")] = "",
) -> None:
    """Search free numbers."""
    given = {
        "prefix": prefix, "pattern": pattern, "segments": segment, "in_order": in_order, "ends_with": ends_with,
        "grade_at_least": grade, "grades": of_grade, "pools": pool, "customer_id": customer, "price_list": price_list,
        "service_type": service_type, "after": after,
    }  # fmt: skip
    query = {"count": count, "method": method, "aligned": aligned} | {name: one for name, one in given.items() if one}
    with config.client() as patchbay:
        found = patchbay(numbers.search(query))
    if output.told(found):
        return
    if nothing := found.get("nothing"):
        output.say(nothing["message"])
        if nearest := nothing.get("nearest"):
            output.say(f"{nearest['change']} finds {nearest['total']:,}")
        return
    _table(found["numbers"])
    at_least = "at least " if found["at_least"] else ""
    output.say(f"{at_least}{found['total']:,} match, as of {found['as_of']['age_ms']} ms ago")
    if found["next"]:
        output.say(f"more: --after {found['next']}")


@app.command()
def hold(
    named: Named,
    basket: Basket = "",
    minutes: Minutes = 30,
    customer: Annotated[str, typer.Option(help="The customer whose pool is open then, by id.")] = "",
    take: Annotated[
        bool, typer.Option("--take", help="In place of what somebody else has, hold the next best.")
    ] = False,
) -> None:
    """Hold numbers. Ends with 3 if somebody else was faster with one of them."""
    basket = basket or str(uuid4())
    more: dict[str, Any] = {"minutes": minutes, "instead": "take" if take else "offer"}
    with config.client() as patchbay:
        found = patchbay(numbers.hold(basket, named, **more | ({"customer_id": customer} if customer else {})))
    if not output.told(found):
        output.say(f"basket {basket}")
        _table(found["held"])
        _lost(found)
    if found["lost"]:
        raise typer.Exit(output.REFUSED)


@app.command()
def extend(
    basket: Basket,
    named: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]...")] = None,
    minutes: Minutes = 30,
) -> None:
    """Hold numbers longer, from now on; without any, all that the basket holds. Ends with 3 if one is lost."""
    with config.client() as patchbay:
        found = patchbay(numbers.extend(basket, named or (), minutes=minutes))
    if not output.told(found):
        _table(found["held"])
        _lost(found)
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


def _lost(found: dict[str, Any]) -> None:
    instead = {one["instead_of"]: one["e164"] for one in found["held"] if one.get("instead_of")}
    for lost in found["lost"]:
        offer = lost.get("offer")
        other = f"; the next best is {offer['e164']} ({offer['grade']})" if offer else ""
        if given := instead.get(lost["e164"]):
            other = f"; {given} is held instead"
        output.say(f"{lost['e164']} is {lost['reason']}{other}")


def _table(rows: list[dict[str, Any]]) -> None:
    names = ("e164", "area", "grade", "rule", "pool", "setup", "monthly", "held_until")
    shown = [name for name in names if any(row.get(name) for row in rows)]
    output.table(shown, ([_cell(row.get(name)) for name in shown] for row in rows))


def _cell(value: Any) -> Any:
    return f"{value['amount']} {value['currency']}" if isinstance(value, dict) else value
