"""`python docs/settings_table.py`: writes the settings of all services into operations.md; `--check` only compares."""

import ast
import inspect
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from textwrap import dedent

from made import main
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from patchbay_chassis.settings import ProcessSettings, ServiceSettings

FILE = Path(__file__).with_name("operations.md")
BEGIN, END = "<!-- settings: made by settings_table.py -->", "<!-- end of settings -->"
SERVICES = ("gateway", "customer", "numbers", "billing", "provisioning", "notifier")


def meanings(settings: type[BaseSettings]) -> dict[str, str]:
    """The sentence below each field of the class, which Python itself forgets."""
    (body,) = ast.parse(dedent(inspect.getsource(settings))).body
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    name = ""
    for statement in body.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            found[name] = ""
        elif name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            found[name] = " ".join(str(statement.value.value).split())
    return found


def shown(value: object) -> str:
    """A default as one would write it in the environment."""
    if isinstance(value, timedelta):
        return f"`{value}`" if value.days == 0 else f"`P{value.days}D`"
    if value is PydanticUndefined:
        return "none: required"
    if value == "":
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def rows(who: str, settings: type[BaseSettings]) -> list[str]:
    """The table's rows for the fields that the class itself declares."""
    return [
        f"| `PATCHBAY_{name.upper()}` | {who} | {shown(settings.model_fields[name].default)} | {meaning} |"
        for name, meaning in meanings(settings).items()
    ]


def table() -> str:
    """The settings of all services, then each service's own."""
    lines = ["| Variable | Who reads it | Default | Meaning |", "|---|---|---|---|"]
    lines += rows("all", ProcessSettings) + rows("all services", ServiceSettings)
    for service in SERVICES:
        lines += rows(service, import_module(f"{service}_service.settings").Settings)
    lines += rows("search replica", import_module("numbers_service.search.settings").Settings)
    return "\n".join(lines)


def written() -> str:
    """The page with the table as it should be."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    raise SystemExit(main(FILE, written()))
