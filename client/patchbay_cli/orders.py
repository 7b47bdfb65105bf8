"""`patchbay orders`: submitted from files, watched, shown, listed, taken back; and those that are stuck."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from patchbay_cli import config, output, paging, reading
from patchbay_cli.paging import Limit, Since, Until
from patchbay_cli.reading import Customer, Document, Id, OwnKey
from patchbay_cli.submitting import submit_file
from patchbay_cli.watching import step, watched
from patchbay_client import operations, orders, with_tag
from patchbay_client.calls import Call
from patchbay_client.shapes import Mended, Order, OrderState

app = typer.Typer(help="Orders.")


@app.command()
def submit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON or CSV: an order a line.")],
    batch: Annotated[str, typer.Option(help="A batch id of your own; otherwise the file's content names it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Until no order is under way; those that wait for their start or for numbers are counted."
        ),
    ] = False,
) -> None:
    """Submit a file of orders. Cut off or run twice, it goes on where it was: no order is made twice."""
    with config.client() as patchbay:
        raise typer.Exit(submit_file(patchbay, file, batch, dry_run=dry_run, wait=wait))


@app.command()
def place(
    file: Document,
    key: Annotated[str, typer.Option(help="An Idempotency-Key of your own: with the same, it is the same order.")] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Show its steps until it ends, as `orders watch` does.")
    ] = False,
) -> None:
    """Place one order."""
    document = reading.document(file)
    if watch:
        document["watched"] = True
    with config.client() as patchbay:
        placed = patchbay(orders.place(document, key or None))
        if not output.told(placed):
            output.people.print(placed["id"], highlight=False)
        if watch:
            raise typer.Exit(watched(patchbay, placed["id"]))


@app.command()
def show(id_: Id) -> None:
    """Show one order, with what became of it and its timeline."""
    with config.client() as patchbay:
        found = patchbay(orders.show(id_))
    if not output.told(found):
        _shown(found)


@app.command()
def watch(id_: Id) -> None:
    """Show each step of an order as it happens, until it ends. Ends with 3 if the order fails.

    The steps of one that was placed without `watched` (`orders place --watch`) are known when it has ended.
    """
    with config.client() as patchbay:
        raise typer.Exit(watched(patchbay, id_))


@app.command()
def cancel(
    id_: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; stands with the order.")],
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended; 3 if it was completed after all.")] = False,
    key: OwnKey = "",
) -> None:
    """Take an order back while it is under way or waits. Ends with 3 for one that has ended otherwise."""
    with config.client() as patchbay:
        asked = patchbay(orders.cancel(id_, reason, key or None))
        if not output.told(asked):
            output.say(asked["state"])
        if wait:
            watched(patchbay, id_)
            outcome = patchbay(orders.show(id_))["outcome"] or {}
            raise typer.Exit(output.DONE if outcome.get("reason") == "cancelled" else output.REFUSED)


@app.command()
def amend(id_: Id, file: Document, key: OwnKey = "") -> None:
    """Have an order that waits for numbers wait for others, or for longer, as FILE says (`PATCH /v1/orders/{id}`).

    What became of it is shown by `orders show`. Ends with 3 for an order that does not wait for numbers.
    """
    document = reading.document(file)
    with config.client() as patchbay:
        seen = patchbay(with_tag(orders.show(id_))).etag
        asked = patchbay(orders.amend(id_, document, seen, key or None))
    if not output.told(asked):
        output.say(asked["state"])


@app.command("list")
def list_(  # noqa: PLR0917 - its options
    state: Annotated[
        str, typer.Option(help="accepted, waiting, back_ordered, delayed, stuck, completed or failed.")
    ] = "",
    limit: Limit = 50,
    labels: Annotated[list[str] | None, typer.Option("--label", help="As campaign:autumn; may be given again.")] = None,
    reference: Annotated[str, typer.Option(help="With this reference of yours.")] = "",
    customer: Customer = "",
    number: Annotated[str, typer.Option(help="With this number, or one that begins so: +44121.")] = "",
    service_type: Annotated[str, typer.Option(help="With a line that asks for it.")] = "",
    since: Since = "",
    until: Until = "",
) -> None:
    """List orders, the newest first."""
    wanted, chosen = paging.given(reference=reference, customer=customer, number=number), _state(state)
    wanted |= paging.given(service_type=service_type, created_from=since, created_before=until)
    found = paging.rows(lambda after, many: orders.page(chosen, after, many, labels or (), **wanted), "orders", limit)
    paging.show(found, ("id", "state", "reference", "accepted_at", "ended_at"))


@app.command()
def stuck() -> None:
    """List orders of all resellers whose undoing is not answered. For whoever runs Patchbay, as what follows."""
    rows = list(_stuck())
    if output.for_programs():
        for row in rows:
            output.told(row)
        return
    columns = ("order", "reseller", "since", "waits for", "why it is undone", "done by hand")
    output.table(columns, map(_in_short, rows))


Why = Annotated[str, typer.Option("--reason", help="Why; everybody who may see the order reads it.")]


@app.command()
def retry(id_: Id, reason: Why, key: OwnKey = "") -> None:
    """Ask again what a stuck order waits for, as if for the first time."""
    _mended(operations.retry(id_, reason, key or None))


@app.command()
def skip(id_: Id, reason: Why, key: OwnKey = "") -> None:
    """Take as undone what a stuck order waits for, and undo the rest."""
    _mended(operations.skip(id_, reason, key or None))


@app.command()
def compensate(id_: Id, reason: Why, key: OwnKey = "") -> None:
    """Ask at once for all that is left to undo of a stuck order."""
    _mended(operations.compensate(id_, reason, key or None))


def _mended(call: Call[Mended]) -> None:
    with config.client() as patchbay:
        done = patchbay(call)
    if not output.told(done):
        output.say(f"{done['way']} of {', '.join(done['steps']) or 'nothing'}, by {done['by']}")


def _stuck() -> Iterator[Any]:
    after: str | None = None
    with config.client() as patchbay:
        while True:
            page = patchbay(operations.stuck(after))
            yield from page["orders"]
            after = page["next"]
            if after is None:
                return


def _in_short(row: Any) -> tuple[str, ...]:
    waits = ", ".join(f"{one['step']} (asked {one['tries']} times)" for one in row["waits_for"])
    why = f"{row['failed_step']}: {row['detail'] or row['reason']}"
    return row["order_id"], row["reseller"], row["begun_at"], waits, why, ", ".join(one["way"] for one in row["mended"])


def _state(given: str) -> OrderState | None:
    states: tuple[OrderState, ...] = get_args(OrderState)
    found = next((state for state in states if state == given), None)
    if given and found is None:
        raise typer.BadParameter(f"take one of {', '.join(states)}", param_hint="--state")
    return found


def _shown(order: Order) -> None:
    output.people.print(f"{order['id']}  {order['state']}  {order['reference'] or ''}", highlight=False)
    outcome = order["outcome"] or {}
    if "reason" in outcome:
        output.people.print(f"{outcome['reason']}: {outcome['detail']}", style="red", highlight=False, markup=False)
    if (waits := order.get("back_order")) is not None:
        why = f"waits until {waits['until']}: {waits['reason']}: {waits['detail']}"
        output.people.print(why, style="yellow", highlight=False, markup=False)
    for service in outcome.get("services", ()):
        numbers = ", ".join(service.get("numbers", ()))
        output.people.print(f"  {service['service_type']}  {numbers}", highlight=False, markup=False)
    for moment in order["timeline"]:
        step(moment, order["accepted_at"])
