"""Templates: what they may name and do, and how they are filled in. Nothing else in them is ever carried out."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from patchbay_contracts.mail_templates import PreviewQuery
from patchbay_contracts.words import Money

MOST_WRITTEN = 100_000
"""So many characters a template may become."""
MOST_PARTS = 200_000
MOST_LOOPS = 20

Known = Mapping[str, Any]
KNOWN: Known = {
    "customer": {"name": "", "email": "", "reference": "", "id": ""},
    "recipient": {"name": ""},
    "reseller": {"name": ""},
    "order": {"id": "", "reference": ""},
    "services": [
        {
            "name": "",
            "type": "",
            "id": "",
            "price_list": "",
            "setup": "",
            "monthly": "",
            "note": "",
            "number_list": "",
            "numbers": [{"number": "", "grade": ""}],
        }
    ],
    "setup": [""],
    "monthly": [""],
    "terms": [{"title": "", "version": ""}],
    "failure": {"step": "", "reason": "", "detail": ""},
    "change": {"kind": "", "added": "", "removed": "", "price_list": "", "from_date": "", "monthly": ""},
    "webhook": {"id": "", "url": "", "reason": "", "disabled_at": ""},
}
"""All that a template may name; a list has one thing in it, which stands for each."""

_LOOP: Known = {"first": "", "last": "", "index": "", "length": ""}
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr, nodes.For, nodes.If),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Filter),
)
_FILTERS = {"lower", "upper", "length", "join"}


class BadTemplate(ValueError):
    """A template that cannot be meant; the message says why and what to do."""


_house = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, cache_size=0)
_house.globals.clear()
_TAG_ALONE = re.compile(r"^[ \t]*(\{%[^\n]*?)(%\})[ \t]*\n", re.MULTILINE)
"""A line with a tag alone leaves no line: its end goes into the tag, so that lines count as they are written."""


def names(known: Known = KNOWN, before: str = "") -> list[str]:
    """Every placeholder as one would write it: `customer.name`, and `services[].name` for each of a list."""
    found = []
    for name, value in known.items():
        if isinstance(value, list):
            found.append(f"{before}{name}")
            value = value[0]  # noqa: PLW2901 - what stands for each
            found += names(value, f"{before}{name}[].") if isinstance(value, dict) else []
        elif isinstance(value, dict):
            found += names(value, f"{before}{name}.")
        else:
            found.append(before + name)
    return found


@lru_cache(maxsize=256)
def checked(source: str) -> Template:
    """The template, if all that it names is known and all that it does is allowed. Raises BadTemplate."""
    source = _TAG_ALONE.sub(r"\1\n\2", source)
    try:
        _Check().all_of(_house.parse(source).body, KNOWN)
        return _house.from_string(source)
    except TemplateSyntaxError as error:
        raise BadTemplate(f"line {error.lineno}: {error.message}: correct it, or leave the braces out") from None
    except (RecursionError, MemoryError, OverflowError, SyntaxError):  # Python's own, of what jinja2 makes of it
        raise BadTemplate("it is nested too deep: simplify it") from None


def filled(source: str, facts: Mapping[str, Any]) -> str:
    """The template filled in. Raises BadTemplate, also for one that becomes too long."""
    template, parts, size = checked(source), list[str](), 0
    for part in islice(template.generate(facts), MOST_PARTS):
        parts.append(part)
        size += len(part)
        if size > MOST_WRITTEN:
            break
    else:
        if len(parts) < MOST_PARTS:
            return "".join(parts)
    raise BadTemplate(f"it becomes longer than {MOST_WRITTEN:,} characters: shorten it, or leave a loop out")


class _Check:
    """Walks a template's tree with what is known at each place."""

    def __init__(self) -> None:
        self._loops = 0

    def all_of(self, tree: list[nodes.Node], known: Known, within: str = "") -> None:
        for node in tree:
            self._one(node, known, within)

    def _one(self, node: nodes.Node, known: Known, within: str) -> None:
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            raise BadTemplate(f"line {node.lineno}: {kind} is not for mails: use placeholders, for and if alone")
        if isinstance(node, nodes.Output):
            for one in node.iter_child_nodes():
                if isinstance(one, nodes.Name | nodes.Getattr) and not isinstance(_named(one, known), str):
                    raise BadTemplate(
                        f"line {one.lineno}: {_written(one)} is more than one text: name one, or loop over it"
                    )
        if isinstance(node, nodes.For):
            self._loop(node, known, within)
        elif isinstance(node, nodes.Name | nodes.Getattr):
            _named(node, known)
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            allowed = ", ".join(sorted(_FILTERS))
            raise BadTemplate(f"line {node.lineno}: there is no {node.name} for mails: use {allowed}, or none")
        else:
            self.all_of(list(node.iter_child_nodes()), known, within)

    def _loop(self, node: nodes.For, known: Known, within: str) -> None:
        """A loop within a loop goes over something of the outer one's, so no template does more than its facts hold."""
        self._loops += 1
        over = _named(node.iter, known)
        if not isinstance(over, list) or not isinstance(node.target, nodes.Name) or node.recursive or node.test:
            raise BadTemplate(
                f"line {node.lineno}: that is no list: loop over services, numbers, setup, monthly or terms"
            )
        if self._loops > MOST_LOOPS:
            raise BadTemplate(f"it has more than {MOST_LOOPS} loops: leave some out")
        if within and _root(node.iter) != within:
            raise BadTemplate(f"line {node.lineno}: a loop within a loop goes over its own: such as service.numbers")
        each = {**known, node.target.name: over[0], "loop": _LOOP}
        self.all_of(node.body, each, node.target.name)
        self.all_of(node.else_, known, within)


def _named(node: nodes.Node, known: Known) -> Any:
    """What a name stands for. Raises BadTemplate with the name and those that could be meant."""
    if isinstance(node, nodes.Name):
        if node.name not in known:
            raise BadTemplate(_unknown(node, known, ""))
        return known[node.name]
    if not isinstance(node, nodes.Getattr):
        raise BadTemplate(f"line {node.lineno}: that is no placeholder: write a name, such as customer.name")
    within = _named(node.node, known)
    if not isinstance(within, Mapping) or node.attr not in within:
        raise BadTemplate(_unknown(node, within if isinstance(within, Mapping) else {}, _written(node.node) + "."))
    return within[node.attr]


def _unknown(node: nodes.Node, known: Known, before: str) -> str:
    could = ", ".join(before + name for name in known) or before[:-1]
    return f"line {node.lineno}: there is no placeholder {_written(node)}: use {could}"


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"


def _root(node: nodes.Node) -> str:
    while isinstance(node, nodes.Getattr):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""


def money(amount: Money | None) -> str:
    """An amount as it is written in a mail, with two decimals at the least."""
    if amount is None:
        return ""
    short = amount.amount.quantize(Decimal("0.01"))
    return f"{short if short == amount.amount else amount.amount.normalize()} {amount.currency}"


def nothing() -> dict[str, Any]:
    """All that a template may name, empty."""
    return {name: [] if isinstance(value, list) else value for name, value in KNOWN.items()}


def facts_of(asked: PreviewQuery, prices: bool) -> dict[str, Any]:
    """What templates are filled in from: everything in KNOWN, empty where there is nothing."""
    facts = asked.facts
    services = [
        {
            "name": s.name,
            "type": s.service_type,
            "id": str(s.id or ""),
            "note": s.note,
            "price_list": (s.price_list_name or s.price_list or "") if prices else "",
            "setup": money(s.setup) if prices else "",
            "monthly": money(s.monthly) if prices else "",
            "number_list": ", ".join(f"+{n.e164}" for n in s.numbers),
            "numbers": [{"number": f"+{n.e164}", "grade": n.grade or ""} for n in s.numbers],
        }
        for s in facts.services
    ]
    customer, failure = facts.customer, facts.failure
    return {
        "customer": {"name": customer.name, "email": customer.email or "", "reference": customer.reference or ""}
        | {"id": str(customer.id or "")},
        "recipient": {"name": asked.name},
        "reseller": {"name": facts.reseller_name},
        "order": {"id": str(asked.order_id or ""), "reference": facts.reference or ""},
        "services": services,
        "setup": [money(one) for one in facts.setup] if prices else [],
        "monthly": [money(one) for one in facts.monthly] if prices else [],
        "terms": [{"title": one.title, "version": one.version} for one in facts.terms],
        "failure": {"step": failure.step, "reason": failure.reason, "detail": failure.detail}
        if failure
        else {"step": "", "reason": "", "detail": ""},
        "change": KNOWN["change"],
        "webhook": KNOWN["webhook"],
    }
