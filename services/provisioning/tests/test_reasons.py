"""Every reason that is said of an order, a line or a change is in the published table, and the table has no other."""

import ast
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource
from pathlib import Path
from pkgutil import iter_modules
from typing import get_args

import patchbay_chassis.saga
import provisioning_service
from patchbay_contracts import v1
from patchbay_contracts.message import Message
from patchbay_contracts.reasons import REASONS


def by_contract() -> Iterator[str]:
    """The reasons of the other services: words that their refusals may have."""
    for module in iter_modules(v1.__path__):
        for said in vars(import_module(f"{v1.__name__}.{module.name}")).values():
            if isinstance(said, type) and issubclass(said, Message) and "reason" in said.model_fields:
                yield from get_args(said.model_fields["reason"].annotation)


def by_provisioning() -> Iterator[str]:
    """The reasons that are written out in provisioning and in the saga."""
    sources = [file.read_text() for file in Path(provisioning_service.__file__).parent.glob("*.py")]
    for source in (*sources, getsource(patchbay_chassis.saga)):
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            if any(isinstance(one, ast.Constant) and one.value in {"warning", "info"} for one in call.args):
                continue  # said beforehand, and refuses nothing
            place = {"Fault": 0, "_fault": 0, "Failure": 1, "_failure": 0}.get(getattr(call.func, "id", ""))
            given = [call.args[place]] if place is not None and len(call.args) > place else []
            for one in (*given, *(keyword.value for keyword in call.keywords if keyword.arg == "reason")):
                yield from (c.value for c in ast.walk(one) if isinstance(c, ast.Constant) and isinstance(c.value, str))


def test_every_reason_that_is_said_is_in_the_table_and_no_other_is() -> None:
    said = {*by_contract(), *by_provisioning()}
    assert {"taken", "no_price", "customer_blocked", "bad_settings", "timed_out", "network_refused"} <= said
    assert said == REASONS.keys()
