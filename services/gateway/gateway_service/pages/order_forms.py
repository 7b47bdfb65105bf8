"""The form in which an order that waits for numbers is amended: as it is shown, as it was typed, as it is wanted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import ValidationError

from gateway_service.amending import Amend
from gateway_service.pages.fields import Fields, refused
from gateway_service.pages.site import Form
from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.order import MOST_NUMBERS

Shown = Mapping[str, Any]
"""`until`, a day; `lines`, those that wait: `line` (its place), `service_type`, `exact` or `count` and `prefix`, and
`optional`."""


def shown_in(row: Any) -> Shown:
    """An order's form; of one that does not wait for numbers it is empty."""
    document, event = orjson.loads(row.document), orjson.loads(row.event or "{}")
    if row.state != "back_ordered":
        return {"until": "", "lines": []}
    # A day is waited for to its end, which is the beginning of the next one.
    until = datetime.fromisoformat(event["until"]) - timedelta(microseconds=1)
    lines = [_shown(document, at) for at in event["waiting"]]
    return {"until": until.date().isoformat(), "lines": lines}


def _shown(document: Mapping[str, Any], at: int) -> dict[str, Any]:
    line = document["lines"][at]
    wanted, optional = line["numbers"], line.get("optional")
    return {
        "line": at,
        "service_type": line["service_type"],
        "optional": document.get("failure") == "keep_what_worked" if optional is None else optional,
        **({"exact": ", ".join(wanted["exact"])} if wanted.get("exact") else
           {"count": str(wanted["count"]), "prefix": wanted.get("prefix") or "", "wanted": wanted}),
    }  # fmt: skip


def typed_in(form: Form, shown: Shown) -> Shown:
    """The form as somebody sent it who was shown this."""
    lines = [
        line
        | {name: form.text(f"{name}-{line['line']}") for name in ("exact", "count", "prefix") if name in line}
        | {"optional": form.ticked(f"optional-{line['line']}")}
        for line in shown["lines"]
    ]
    return {"until": form.text("until"), "lines": lines}


def read(fields: Fields, typed: Shown, shown: Shown) -> tuple[Amend | None, dict[str, str]]:
    """What is wanted otherwise than it is, None for nothing; and what is wrong with it by field."""
    given, until = dict[str, Any](), fields.day("until")
    if typed["until"] != shown["until"]:
        given["until"] = until
    changed = [line for line, was in zip(typed["lines"], shown["lines"], strict=True) if line != was]
    for line in changed:
        if "count" in line:
            fields.count(f"count-{line['line']}", MOST_NUMBERS, least=1)
    if fields.errors or not (changed or given):
        return None, fields.errors
    if changed:
        given["lines"] = [_line(line) for line in changed]
    try:
        return Amend.model_validate(given), {}
    except ValidationError as error:
        return None, refused(Problem(422, "", errors=problems.faults(error)), _of_lines(list(enumerate(changed))))


def places(typed: Shown) -> dict[str, str]:
    """The fields by pointers into the order."""
    return {"/until": "until"} | _of_lines([(line["line"], line) for line in typed["lines"]])


def _line(typed: Mapping[str, Any]) -> dict[str, Any]:
    if "exact" in typed:
        numbers: Mapping[str, Any] = {"exact": typed["exact"].replace(",", " ").split()}
    else:
        numbers = {**typed["wanted"], "count": int(typed["count"]), "prefix": typed["prefix"]}
    return {"line": typed["line"], "numbers": numbers, "optional": typed["optional"]}


def _of_lines(lines: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, str]:
    """The fields of lines, by pointers to the places where these stand."""
    found = dict[str, str]()
    for at, line in lines:
        names = ("exact",) if "exact" in line else ("count", "prefix")
        found[f"/lines/{at}"] = f"{names[0]}-{line['line']}"
        found |= {f"/lines/{at}/numbers/{name}": f"{name}-{line['line']}" for name in names}
    return found
