"""`patchbay services`: listed, shown, changed, ended. Each change is an order of its own."""

from typing import Annotated, Any

import typer

from patchbay_cli import config, output, paging, reading
from patchbay_cli.paging import Limit, Since, Until
from patchbay_cli.reading import Customer, Document, Id, OwnKey
from patchbay_cli.watching import watched
from patchbay_client import Client, services
from patchbay_client.shapes import Placed

app = typer.Typer(help="Services of customers.")
Wait = Annotated[bool, typer.Option("--wait", help="Until the order that carries it has ended; 3 if it fails.")]
Why = Annotated[str, typer.Option("--why", help="Stands in the history of the service.")]


@app.command("list")
def list_(  # noqa: PLR0917 - its options
    customer: Customer = "",
    order: Annotated[str, typer.Option(help="Made by this order.")] = "",
    type_: Annotated[str, typer.Option("--type", help="Of this type, as voice-line.")] = "",
    state: Annotated[str, typer.Option(help="planned, active, suspended, ended, refused or withdrawn.")] = "",
    number: Annotated[str, typer.Option(help="One of its numbers, or how one begins: +44121.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 50,
) -> None:
    """List services, the newest first; with --number in the order of the numbers."""
    of = paging.given(customer=customer, order_id=order, service_type=type_, state=state, number=number)
    wanted = of | paging.given(created_from=since, created_before=until)
    found = paging.rows(lambda after, many: services.page(after, many, **wanted), "services", limit)
    paging.show(found, ("id", "service_type", "state", "numbers", "created_at"))


@app.command()
def show(id_: Id) -> None:
    """Show a service with its numbers, settings and version."""
    with config.client() as patchbay:
        found = patchbay(services.show(id_))
    output.one(found)


@app.command()
def history(id_: Id, limit: Limit = 50) -> None:
    """Show what became of a service: who changed what, when, why; the newest first."""
    found = paging.rows(lambda after, many: services.history(id_, after, many), "changes", limit)
    paging.show(found, ("asked_at", "kind", "outcome", "by", "why", "order_id"))


@app.command()
def change(
    id_: Id,
    file: Document,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be found; 3 if it may not be.")
    ] = False,
    wait: Wait = False,
    key: OwnKey = "",
) -> None:
    """Change a service as FILE says: {"wanted": {"kind": …}, "why": …}.

    Without a `version` in it, it is made from what the service is now.
    """
    document = reading.document(file)
    _check_key(key, document.get("version"))
    with config.client() as patchbay:
        if "version" not in document:
            document["version"] = patchbay(services.show(id_))["version"]
        if dry_run:
            raise typer.Exit(_checked(patchbay(services.check(id_, document))))
        _placed(patchbay, patchbay(services.change(id_, document, key or None)), wait=wait)


@app.command()
def cease(
    id_: Id,
    why: Why,
    version: Annotated[int | None, typer.Option(min=1, help="That you saw; otherwise what it is now.")] = None,
    wait: Wait = False,
    key: OwnKey = "",
) -> None:
    """End a service for good, with its charges; its numbers rest."""
    _check_key(key, version)
    with config.client() as patchbay:
        version = version or patchbay(services.show(id_))["version"]
        _placed(patchbay, patchbay(services.cease(id_, version, why, key or None)), wait=wait)


def _check_key(key: str, version: Any) -> None:
    """With the version that it is then, the same command would be another change the second time."""
    if key and not version:
        raise typer.BadParameter("say as well which version of the service you saw", param_hint="--key")


def _placed(patchbay: Client, placed: Placed, *, wait: bool) -> None:
    if not output.told(placed):
        output.people.print(placed["id"], highlight=False)
    if wait:
        raise typer.Exit(watched(patchbay, placed["id"]))


def _checked(report: Any) -> int:
    if not output.told(report):
        columns = ("severity", "pointer", "message", "remedy")
        output.table(columns, ([one[name] for name in columns] for one in report["findings"]))
    return output.DONE if report["may_place"] else output.REFUSED
