"""`patchbay catalogue`: service types as a file declares them, for keys with the scope `catalogue`."""

from collections.abc import Sequence

import typer

from patchbay_cli import declaring
from patchbay_cli.applying import Row, Topic
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
declaring.add(
    app,
    TOPIC,
    applies="Make service types as the file says. Safe to run again: what is so already is left as it is.",
    exports="Write what is sold today, as `apply` takes it.",
)
