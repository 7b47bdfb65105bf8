"""The form in which an order that waits for numbers is amended: as it is shown, as it was typed, as it is wanted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_args

import orjson

from gateway_service.amending import Amend
from gateway_service.pages import order_lines
from gateway_service.pages.fields import Fields, unknown
from gateway_service.pages.site import Form
from patchbay_contracts.order import Numbers
from patchbay_contracts.words import OrganisationKind

Shown = Mapping[str, Any]
"""`until`, a day; `notify`, who is written to; `lines`, those that wait: `line` (its place), `service_type`,
`optional`, and `wants`, the fields of what it wants."""


def shown_in(row: Any) -> Shown:
    """An order's form; of one that does not wait for numbers it is empty."""
    document, event = orjson.loads(row.document), orjson.loads(row.event or "{}")
    if row.state != "back_ordered":
        return {"until": "", "notify": [], "lines": []}
    # A day is waited for to its end, which is the beginning of the next one.
    until = datetime.fromisoformat(event["until"]) - timedelta(microseconds=1)
    lines = [_shown(document, at) for at in event["waiting"]]
    return {"until": until.date().isoformat(), "notify": document.get("notify", ["customer"]), "lines": lines}


def _shown(document: Mapping[str, Any], at: int) -> dict[str, Any]:
    line = document["lines"][at]
    optional = line.get("optional")
    return {
        "line": at,
        "service_type": line["service_type"],
        "optional": document.get("failure") == "keep_what_worked" if optional is None else optional,
        "wants": order_lines.typed_of(Numbers.model_validate(line["numbers"])),
    }


def typed_in(form: Form, shown: Shown) -> Shown:
    """The form as somebody sent it who was shown this."""
    lines = [
        line | {"wants": order_lines.typed(form, line["line"]), "optional": form.ticked(f"optional-{line['line']}")}
        for line in shown["lines"]
    ]
    return {"until": form.text("until"), "notify": [one for one in form.all("notify") if one], "lines": lines}


def read(fields: Fields, typed: Shown, shown: Shown) -> tuple[Amend | None, dict[str, str]]:
    """What is wanted otherwise than it is, None for nothing; and what is wrong with it by field."""
    given, until = dict[str, Any](), fields.day("until")
    if typed["until"] != shown["until"]:
        given["until"] = until
    if sorted(typed["notify"]) != sorted(shown["notify"]):
        given["notify"] = typed["notify"]
    fields.errors |= unknown(fields.form, {"notify": get_args(OrganisationKind)})
    lines = []
    for line, was in zip(typed["lines"], shown["lines"], strict=True):
        at = line["line"]
        numbers, wrong = order_lines.read(line["wants"])
        wrong = {order_lines.name(at, field): words for field, words in wrong.items()}
        fields.errors |= wrong | unknown(fields.form, order_lines.offered(at))
        if (numbers, line["optional"]) != (order_lines.read(was["wants"])[0], was["optional"]):
            lines.append({"line": at, "numbers": numbers, "optional": line["optional"]})
    if fields.errors or not (lines or given):
        return None, fields.errors
    return Amend.model_validate(given | ({"lines": lines} if lines else {})), {}


def places(typed: Shown, wanted: Amend) -> dict[str, str]:
    """The fields by pointers into what is wanted."""
    fields = {line["line"]: "exact" if line["wants"]["exact"] else "count" for line in typed["lines"]}
    of_lines = {f"/lines/{at}": order_lines.name(one.line, fields[one.line]) for at, one in enumerate(wanted.lines)}
    return {"/until": "until"} | of_lines
