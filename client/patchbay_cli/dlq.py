"""`patchbay dlq`: messages that a service could not handle, for whoever runs Patchbay."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from patchbay_cli import config, output
from patchbay_client import NotThere, Refused, dead_letters
from patchbay_client.shapes import DeadLetter

app = typer.Typer(help="Dead letters, of all resellers: messages that a service could not handle.")


@app.command("list")
def list_(
    *,
    service: Annotated[str, typer.Option(help="That could not handle it, such as numbers.")] = "",
    reason: Annotated[str, typer.Option(help="Such as handler_failed.")] = "",
    since: Annotated[str, typer.Option(help="Set aside since then, as 2026-11-27T09:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="And before then.")] = "",
    replayed: Annotated[bool | None, typer.Option("--replayed/--not-replayed", help="Only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at the most.")] = 50,
) -> None:
    """List dead letters, the newest first."""

    def rows(left: int) -> Iterator[Any]:
        after: str | None = None
        with config.client() as patchbay:
            while left > 0:
                page = patchbay(
                    dead_letters.page(
                        service, reason, since, until, replayed=replayed, after=after, limit=min(left, 200)
                    )
                )
                yield from page["dead_letters"]
                left, after = left - len(page["dead_letters"]), page["next"]
                if after is None:
                    return

    if output.for_programs():
        for row in rows(limit):
            output.told(row)
        return
    columns = ("id", "at", "service", "reason", "type", "times", "replays")
    output.table(columns, ([row[name] for name in columns] for row in rows(limit)))


@app.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show a dead letter with its headers and body."""
    with config.client() as patchbay:
        found = patchbay(dead_letters.show(id_))
    if not output.told(found):
        _shown(found)


@app.command()
def replay(
    ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    force: Annotated[bool, typer.Option("--force", help="Also those that were replayed before.")] = False,
) -> None:
    """Put messages back where they came from. One that was replayed is left alone; then it ends with 3."""
    codes = set[int]()
    with config.client() as patchbay:
        for id_ in ids:
            try:
                done = patchbay(dead_letters.replay(id_, reason, force=force))
            except (Refused, NotThere) as error:
                codes.add(output.code_of(error))
                if not output.told({"letter": id_, "error": dict(error.problem)}):
                    output.say(f"{id_}: {error}")
            else:
                if not output.told({"letter": id_, "replay": done}):
                    output.say(f"{id_}: replayed")
    raise typer.Exit(min(codes, default=output.DONE))


def _shown(letter: DeadLetter) -> None:
    where = f"{letter['topic']}/{letter['partition']}/{letter['offset']}" if letter["topic"] else "not said"
    lines = [
        f"{letter['id']}  {letter['at']}  {letter['service']}",
        f"reason   {letter['reason']}: {letter['detail']}",
        f"message  {letter['type']} {letter['message_id']}",
        f"was      {where}",
        f"key      {letter['key']}",
        f"size     {letter['size']} bytes" + (f", cut: {', '.join(letter['cut'])}" if letter["cut"] else ""),
        f"dead     {letter['times']} times" + (f", before as {letter['replay_of']}" if letter["replay_of"] else ""),
        *(f"replayed {one['at']} by {one['by']}: {one['reason']}" for one in letter["replayed"]),
        *(f"came back as {one}" for one in letter["came_back"]),
        "",
        *(f"{one.get('name', '')}: {one.get('text', one.get('base64'))}" for one in letter["headers"]),
        "",
        "no body" if letter["body"] is None else letter["body"].get("text", letter["body"].get("base64", "")),
    ]
    for line in lines:
        output.people.print(line, highlight=False, markup=False)
