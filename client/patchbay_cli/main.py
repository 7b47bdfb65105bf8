"""The commands by topic: a table of contents."""

import sys
from copy import copy
from typing import Annotated, Any

import stamina.instrumentation
import typer
from typer.core import TyperGroup

from patchbay_cli import config, output
from patchbay_cli.accounts import app as accounts
from patchbay_cli.batches import app as batches
from patchbay_cli.blocks import app as blocks
from patchbay_cli.catalogue import app as catalogue
from patchbay_cli.customers import app as customers
from patchbay_cli.dlq import app as dlq
from patchbay_cli.events import app as events
from patchbay_cli.keys import app as keys
from patchbay_cli.numbers import app as numbers
from patchbay_cli.operations import app as operations
from patchbay_cli.orders import app as orders
from patchbay_cli.prices import app as prices
from patchbay_cli.services import app as services
from patchbay_cli.webhooks import app as webhooks
from patchbay_client import Client, PatchbayError
from patchbay_client import orders as calls


class JsonAnywhere(TyperGroup):
    """`--json` may stand behind the names of topics and commands as well as before them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        behind = copy(next(option for option in self.params if option.name == "as_json"))
        behind.expose_value, behind.callback = False, _behind
        groups: list[TyperGroup] = [self]
        for group in groups:
            for command in group.commands.values():
                command.params.append(behind)
                if isinstance(command, TyperGroup):
                    groups.append(command)


def _behind(_context: Any, _option: Any, as_json: bool) -> None:
    if as_json:
        output.use_json(True)


app = typer.Typer(
    name="patchbay", help="Patchbay at the command line.", epilog=output.EXITS, no_args_is_help=True,
    pretty_exceptions_enable=False, cls=JsonAnywhere,
)  # fmt: skip
TOPICS = {
    "orders": orders,
    "batches": batches,
    "customers": customers,
    "accounts": accounts,
    "services": services,
    "numbers": numbers,
    "blocks": blocks,
    "events": events,
    "webhooks": webhooks,
    "keys": keys,
    "dlq": dlq,
    "operations": operations,
    "catalogue": catalogue,
    "prices": prices,
}
for name, topic in TOPICS.items():
    app.add_typer(topic, name=name, no_args_is_help=True)


@app.callback()
def _common(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document a line, for programs.")] = False,
) -> None:
    output.use_json(as_json)


@app.command()
def login(
    url: Annotated[str, typer.Option(prompt="Where is Patchbay (https://…)", envvar=config.URL)],
    key: Annotated[str, typer.Option(prompt="API key", hide_input=True, envvar=config.KEY)],
) -> None:
    """Keep where Patchbay is and your API key, after a look whether they work."""
    with Client(url, key) as patchbay:
        patchbay(calls.page(limit=1))
    output.say(f"It works. Kept in {config.keep(config.Access(url, key))}.")


def main() -> None:
    """The command as it is installed."""
    stamina.instrumentation.set_on_retry_hooks([])  # who waits at a terminal need not read of each attempt
    try:
        app()
    except PatchbayError as error:
        sys.exit(output.fail(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
