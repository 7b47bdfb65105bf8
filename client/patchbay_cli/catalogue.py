"""`patchbay catalogue`: service types as a file declares them, for keys with the scope `catalogue`."""

from collections.abc import Sequence

import typer

from patchbay_cli import applying, config
from patchbay_cli.applying import Row, Topic
from patchbay_cli.options import Declared, DryRun, From, Output, Replace, Why, wish, write
from patchbay_client import service_types

app = typer.Typer(help="The catalogue: service types.")


def standing(versions: Sequence[Row], day: str) -> Row | None:
    """The version that is sold on that day: of those that have begun the one that began last."""
    begun = [one for one in versions if one["state"] != "draft" and one["valid_from"] <= day and not _never(one)]
    last = max(begun, key=lambda one: (one["valid_from"], one["version"]), default=None)
    return last if last and (last["valid_to"] is None or day < last["valid_to"]) else None


def _never(one: Row) -> bool:
    return one["valid_to"] is not None and one["valid_to"] <= one["valid_from"]


TOPIC = Topic(
    "service_types", service_types.page, service_types.versions, service_types.show, service_types.draft,
    service_types.publish, content=lambda version: version["entry"], compared=lambda entry: entry, standing=standing,
    under="/entry",
)  # fmt: skip


@app.command()
def apply(
    file: Declared, dry_run: DryRun = False, why: Why = "", begins: From = "", replace_drafts: Replace = False
) -> None:
    """Make service types as the file says. Safe to run again: what is so already is left as it is."""
    with config.client() as patchbay:
        raise typer.Exit(applying.apply(patchbay, TOPIC, file, wish(file, why, begins, dry_run, replace_drafts)))


@app.command()
def export(to: Output = None) -> None:
    """Write what is sold today, as `apply` takes it."""
    with config.client() as patchbay:
        write(applying.export(patchbay, TOPIC), to)
