"""What commands read from files: one document as JSON."""

import json
from typing import Annotated, Any

import typer

Document = Annotated[typer.FileText, typer.Argument(metavar="FILE", help="JSON; - for standard input.")]
Customer = Annotated[
    str, typer.Option(help="Of this customer: words of its name, its e-mail address, your reference of it, or its id.")
]
Id = Annotated[str, typer.Argument(metavar="ID")]
OwnKey = Annotated[str, typer.Option("--key", help="An Idempotency-Key of your own: with the same it is done once.")]


def document(file: typer.FileText) -> Any:
    """What the file says. Raises BadParameter where that is no JSON object."""
    try:
        found = json.load(file)
    except ValueError as error:
        raise typer.BadParameter(f"this is no JSON: {error}", param_hint="FILE") from None
    if not isinstance(found, dict):
        raise typer.BadParameter("this is no JSON object", param_hint="FILE")
    return found
