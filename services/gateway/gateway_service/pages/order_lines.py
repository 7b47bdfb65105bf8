"""What a line of an order wants, as fields of a form: the numbers by name, or how many that match."""

from collections.abc import Collection, Mapping, Sequence
from itertools import permutations
from typing import Any, get_args

from pydantic import ValidationError

from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.service_numbers import listed
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_numbers import wrong_search
from patchbay_chassis.problems import faults
from patchbay_contracts import order
from patchbay_contracts.order import Numbers
from patchbay_contracts.words import Pool

Typed = Mapping[str, Any]
"""By the name of the field, without its line."""

TEXTS = (
    "exact", "count", "prefix", "grade_at_least", "method", "segments", "ends_with", "pattern", "aligned", "pool",
    "policy",
)  # fmt: skip
GRADES = ("platinum", "gold", "silver", "bronze", "standard")
FILTERS = (
    "grades", "grade_at_least", "method", "segments", "in_order", "ends_with", "pattern", "aligned", "lowest",
)  # fmt: skip
"""What says nothing beside numbers by name."""
CHOICES: Mapping[str, Collection[str]] = {
    "grades": GRADES,
    "grade_at_least": GRADES,
    "method": ("next", "random", "segments", "run"),
    "aligned": ("10", "100"),
    "pool": [" ".join(some) for many in (1, 2, 3) for some in permutations(get_args(Pool), many)],
    "policy": ("all", "available", "substitute"),
}


_FIELDS = {"": "lowest", "pools": "pool"}
"""Where what is wrong with the filter stands on the page, where it is not the field's own name."""


def name(at: int, field: str) -> str:
    """What the field of that line is called."""
    return f"{field}-{at}"


def offered(at: int) -> Mapping[str, Collection[str]]:
    """What may be chosen in the fields of that line."""
    return {name(at, field): known for field, known in CHOICES.items()}


def typed(form: Form, at: int) -> Typed:
    """What stands in the fields of that line."""
    return {field: form.text(name(at, field)) for field in TEXTS} | {
        "grades": form.all(name(at, "grades")),
        "in_order": form.ticked(name(at, "in_order")),
        "lowest": form.ticked(name(at, "lowest")),
    }


def typed_of(numbers: Numbers) -> Typed:
    """What a line wants as it would be typed."""
    return {
        "exact": "\n".join(f"+{number}" for number in numbers.exact),
        "count": str(numbers.count or ""),
        "prefix": numbers.prefix,
        "grades": numbers.grades,
        "grade_at_least": numbers.grade_at_least or "",
        "method": numbers.method,
        "segments": " ".join(numbers.segments),
        "in_order": numbers.in_order,
        "ends_with": numbers.ends_with or "",
        "pattern": numbers.pattern,
        "aligned": "" if numbers.aligned == 1 else str(numbers.aligned),
        "lowest": numbers.lowest,
        "pool": " ".join(numbers.drawn_from),
        "policy": numbers.policy,
    }


def read(of: Typed) -> tuple[Numbers | None, Mapping[str, str]]:
    """What was typed as numbers, or what is wrong with it, by field."""
    given = {
        **{field: of[field] for field in ("count", "grades", "grade_at_least", "method", "in_order", "ends_with")},
        **{field: of[field] for field in ("pattern", "lowest", "policy")},
        **({"pools": tuple(pools)} if len(pools := of["pool"].split()) > 1 else {"pool": of["pool"]}),
        "exact": listed(of["exact"]),
        "prefix": of["prefix"],
        "segments": tuple(of["segments"].replace(",", " ").split()),
        "aligned": int(of["aligned"]) if of["aligned"] in CHOICES["aligned"] else None,
    }
    try:
        numbers = Numbers.model_validate({field: value for field, value in given.items() if value})
    except ValidationError as error:
        return None, _wrong(error, [field for field in FILTERS if given[field] and of[field] != "next"])
    if not (numbers.exact or numbers.count):
        return None, dict.fromkeys(("exact", "count"), _("Enter how many, or numbers by name"))
    return numbers, {}


def _wrong(error: ValidationError, filters: Sequence[str]) -> Mapping[str, str]:
    """By field; beside numbers by name each of the filters is wrong."""
    errors = dict[str, str]()
    for fault in faults(error):
        about, words = f"{fault['message']}: {fault['remedy']}", sentence(said(fault))
        if about == order.EXACT_FILTERED:
            errors |= dict.fromkeys(filters, words)
        elif about == order.EXACT_AVAILABLE:
            errors["policy"] = words
        elif about in {order.EXACT_AND_COUNT, order.NUMBER_TWICE}:
            errors["exact"] = words
        else:
            errors |= {_FIELDS.get(field, field): sentence(said_) for field, said_ in wrong_search([fault]).items()}
    return errors
