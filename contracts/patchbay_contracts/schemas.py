"""`python -m patchbay_contracts.schemas`: write JSON Schemas of messages and documents, and the AsyncAPI document.

They are committed, so that the diff of a contract is its review. `--check` only says whether they are up to date.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pydantic import BaseModel

from patchbay_contracts import asyncapi, v1
from patchbay_contracts.message import BY_TYPE, Message
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.services import ServiceChange

FOLDER = Path(__file__).parent / "schemas"


def load_all() -> dict[str, type[BaseModel]]:
    """Every message of this package by its type, and the documents of an order and of a change."""
    for module in iter_modules(v1.__path__):
        import_module(f"{v1.__name__}.{module.name}")
    ours = {name: message for name, message in BY_TYPE.items() if message.__module__.startswith(v1.__name__)}
    return {**ours, "OrderDocument": OrderDocument, "ServiceChange": ServiceChange}


def written() -> dict[Path, str]:
    """The schema files as they should be."""
    return {
        FOLDER / f"{name}.json": json.dumps(model.model_json_schema(), indent=2, sort_keys=True) + "\n"
        for name, model in load_all().items()
    }


def main(check: bool) -> int:
    """Write them, or say which are not as they should be."""
    messages = {name: model for name, model in load_all().items() if issubclass(model, Message)}
    expected = written() | {asyncapi.FILE: asyncapi.written(messages)}
    there = {file: file.read_text() for file in [*FOLDER.glob("*.json"), asyncapi.FILE] if file.exists()}
    stale = sorted(file.name for file in expected.keys() | there.keys() if expected.get(file) != there.get(file))
    if check:
        sys.stdout.write("".join(f"{name} is not up to date: make schemas\n" for name in stale))
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for file in there.keys() - expected.keys():
        file.unlink()
    for file, text in expected.items():
        file.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main("--check" in sys.argv[1:]))
