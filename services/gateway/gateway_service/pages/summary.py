"""What is wrong with a page, on top of it: each field by its label and what it belongs to, in the order in which the
fields stand on the page. They are known once the page is written, so the summary takes its place then."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup, escape

MARK = Markup("<!--what is wrong-->")
"""What a page has in the summary's place. Nothing that was typed is a comment there: it is escaped."""


@dataclass
class Shown:
    """What macros know of the page that is written: messages by the id of the field, and what its forms carry.
    `labels`: what fields are called, from the start those that are on another page; `about`: what the fields belong to
    that are drawn now."""

    errors: Mapping[str, str]
    token: str
    labels: Mapping[str, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)
    about: list[str] = field(default_factory=list)


class Entry(NamedTuple):
    """A line of the summary; `id` is empty where there is no such field."""

    id: str
    label: str
    message: str


_shown: ContextVar[Shown] = ContextVar("shown")


def begin(shown: Shown) -> None:
    """From here on, in this task, that page is written."""
    _shown.set(shown)


def names() -> dict[str, Any]:
    """What templates may call."""
    return {
        "errors_shown": lambda: _shown.get().errors,
        "form_token": lambda: _shown.get().token,
        "summary_mark": lambda: MARK,
        "field_drawn": _drawn,
        "belongs_to": _belongs_to,
        "belongs_no_more": _belongs_no_more,
    }


def filled(page: str, templates: Environment) -> str:
    """The page with its summary."""
    shown = _shown.get()
    if not shown.errors or MARK not in page:
        return page
    there = [one for one in shown.drawn if one in shown.errors]
    ids = dict.fromkeys([*([""] if "" in shown.errors else ()), *there, *shown.errors])
    labels = {**shown.labels, **shown.drawn}
    entries = [
        Entry(id_ if _leads(id_, page) else "", labels.get(id_, ""), message)
        for id_, message in ((one, shown.errors[one]) for one in ids)
    ]
    return page.replace(MARK, templates.get_template("error-summary.html").render(entries=entries), 1)


def _leads(id_: str, page: str) -> bool:
    """Whether there is such a field, here or on another page."""
    return id_.startswith("/") or f'id="{escape(id_)}"' in page


def _drawn(id_: str, label: str) -> str:
    shown = _shown.get()
    if label:
        shown.drawn.setdefault(id_, Markup(", ").join([*shown.about, label]))
    return ""


def _belongs_to(what: str) -> str:
    _shown.get().about.append(what)
    return ""


def _belongs_no_more() -> str:
    _shown.get().about.pop()
    return ""
