"""`patchbay events`: what happened, and what happens as it comes."""

from typing import Annotated

import stamina
import typer

from patchbay_cli import config, output
from patchbay_client import Busy, Client, Unavailable, events
from patchbay_client.shapes import Event, EventPage

app = typer.Typer(help="Events.")
WAIT = 25.0
"""Seconds for which Patchbay is asked to wait for an event."""


@app.command()
def tail(
    types: Annotated[list[str] | None, typer.Option("--type", help="Only these; may be given again.")] = None,
    order: Annotated[str, typer.Option(help="Only what happens to this order.")] = "",
    after: Annotated[str, typer.Option(help="Begin behind this cursor; otherwise with the oldest there is.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
) -> None:
    """Print events in their order, without a gap, also over lost connections."""
    cursor = after
    with config.client() as patchbay:
        while True:
            page = _page(patchbay, cursor, types or [], order, WAIT if follow else 0)
            cursor = page["next"]
            for event in page["events"]:
                _shown(event)
            if not follow and not page["more"]:
                break
    if not output.for_programs():
        output.say(f"behind these: --after {cursor}")


@stamina.retry(on=(Unavailable, Busy), attempts=None, timeout=None, wait_max=10)
def _page(patchbay: Client, cursor: str, types: list[str], order: str, wait: float) -> EventPage:
    return patchbay(events.page(cursor, types, order, limit=500, wait=wait))


def _shown(event: Event) -> None:
    if not output.told(event):
        data = event["data"]
        told = data.get("detail") or data.get("reference") or ""
        line = f"{event['at']}  {event['type']:<18} {data.get('order_id', '')}  {told}"
        output.people.print(line.rstrip(), highlight=False, markup=False)
