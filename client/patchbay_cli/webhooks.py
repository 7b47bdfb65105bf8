"""`patchbay webhooks`: where events are sent to, tried out and looked after."""

from typing import Annotated

import typer

from patchbay_cli import config, output, paging
from patchbay_cli.paging import Limit
from patchbay_client import webhooks

app = typer.Typer(help="Webhooks.")
Id = Annotated[str, typer.Argument(metavar="ID")]


@app.command("list")
def list_() -> None:
    """List webhooks."""
    with config.client() as patchbay:
        found = patchbay(webhooks.all_())["webhooks"]
    paging.show(found, ("id", "url", "state", "why"))


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL")],
    types: Annotated[list[str] | None, typer.Option("--type", help="Only these; may be given again.")] = None,
) -> None:
    """Add a webhook. Its secret is shown now and not again."""
    with config.client() as patchbay:
        made = patchbay(webhooks.add(url, types or ()))
    if not output.told(made):
        output.people.print(f"{made['id']}\n{made['secret']}", highlight=False)


@app.command()
def test(id_: Id) -> None:
    """Send a test event now. Ends with 3 if it was not taken."""
    with config.client() as patchbay:
        found = patchbay(webhooks.test(id_))
    if not output.told(found):
        came = found["error"] or f"it answered {found['status']}"
        output.people.print(f"{came}, after {found['took_ms']} ms", highlight=False, markup=False)
    if not found["delivered"]:
        raise typer.Exit(output.REFUSED)


@app.command()
def rotate(
    id_: Id,
    overlap: Annotated[float, typer.Option(min=0, max=168, help="Hours for which the secret before signs too.")] = 24,
) -> None:
    """Give a webhook a new secret. It is shown now and not again."""
    with config.client() as patchbay:
        made = patchbay(webhooks.rotate(id_, overlap))
    if not output.told(made):
        output.people.print(made["secret"], highlight=False)


@app.command()
def enable(id_: Id) -> None:
    """Send to it again, what it missed first."""
    _change(id_, "enabled")


@app.command()
def disable(id_: Id) -> None:
    """Send it nothing until it is enabled."""
    _change(id_, "disabled")


def _change(id_: str, state: str) -> None:
    with config.client() as patchbay:
        found = patchbay(webhooks.change(id_, {"state": state}))
    if not output.told(found):
        output.say(found["state"])


@app.command()
def deliveries(
    id_: Id, state: Annotated[str, typer.Option(help="delivered, waiting or failed.")] = "", limit: Limit = 50
) -> None:
    """List what was sent, the newest first."""
    found = paging.rows(lambda after, many: webhooks.deliveries(id_, state, after or "", many), "deliveries", limit)
    paging.show(found, ("event", "type", "state", "attempts", "status", "error", "next_try_at"))


@app.command()
def redeliver(
    id_: Id,
    event: Annotated[str, typer.Option(help="This event.")] = "",
    since: Annotated[str, typer.Option(help="All that was told since then, as 2026-11-27T09:00:00Z.")] = "",
) -> None:
    """Send events again."""
    if bool(event) == bool(since):
        raise typer.BadParameter("give either --event or --since")
    with config.client() as patchbay:
        asked = patchbay(webhooks.redeliver(id_, event) if event else webhooks.redeliver_since(id_, since))
    if not output.told(asked):
        output.say(asked["state"])


@app.command()
def remove(id_: Id) -> None:
    """Send it nothing any more."""
    with config.client() as patchbay:
        patchbay(webhooks.remove(id_))
