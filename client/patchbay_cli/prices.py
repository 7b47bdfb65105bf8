"""`patchbay prices`: price lists as a file declares them, for keys with the scope `prices`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import typer

from patchbay_cli import declaring
from patchbay_cli.applying import Row, Topic
from patchbay_cli.declared import Content
from patchbay_client import prices

app = typer.Typer(help="Price lists.")
SAID = ("name", "currency", "reseller", "tax_note", "prices")


def standing(versions: Sequence[Row], day: str) -> Row | None:
    """The version by which one buys on that day: of those that have begun the one that was published last."""
    begun = [one for one in versions if one["state"] != "draft" and one["valid_from"] <= day]
    last = max(begun, key=lambda one: one["version"], default=None)
    return last if last and (last["valid_to"] is None or day <= last["valid_to"]) else None


def compared(content: Content) -> Content:
    """Each price under its service type and grade, with amounts that are written alike."""
    if not content:
        return content
    named: dict[str, Any] = {}
    for one in content["prices"]:
        name = f"{one['service_type']}, {one['grade'] or 'itself'}"
        named[name] = {part: f"{Decimal(str(one[part])):.4f}" for part in ("setup", "monthly")}
    return {**content, "prices": named}


TOPIC = Topic(
    "price_lists", prices.page, prices.versions, prices.show, prices.draft, prices.publish,
    content=lambda version: {name: version[name] for name in SAID}, compared=compared, standing=standing,
    key="price_list",
)  # fmt: skip
declaring.add(
    app,
    TOPIC,
    applies="Make price lists as the file says. Safe to run again: what is so already is left as it is.",
    exports="Write what is in force today, as `apply` takes it.",
)
