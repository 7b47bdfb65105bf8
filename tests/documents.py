"""Orders as resellers post them: single ones, and loads in which every kind of them occurs."""

import itertools
from typing import Any
from uuid import uuid4

Document = dict[str, Any]

PIN = "83041957"
"""So long that it is found nowhere by chance."""
BLOCKED = "00000000-0000-7000-8000-000000000019"
EXISTING = "00000000-0000-7000-8000-000000000002"
PREFIX = "4430"
"""Of blocks that are large enough for all tests together."""
REFUSED_PREFIX = "44151496"
"""Of numbers that the network refuses."""
NAMED = 441_914_980_000
"""Where the block begins whose numbers tests name. Orders that take whatever is free find lower ones."""
BLOCKS = [
    (NAMED, 10_000),
    *((4_430_000_000_000 + n * 10_000, 10_000) for n in range(20)),
    (441_514_960_000, 1_000),
]

_names = itertools.count(NAMED)


def new_number() -> str:
    """A number that no other test names."""
    return f"+{next(_names)}"


def line(**changes: Any) -> Document:
    """A voice line with one number, any."""
    given = {"service_type": "voice-line", "price_list": "standard-gbp", "numbers": {"count": 1, "prefix": PREFIX}}
    return given | changes


def order(*lines: Document, **changes: Any) -> Document:
    """An order of a new customer, whose e-mail address is its own."""
    reference = f"order-{uuid4().hex[:12]}"
    customer = {"kind": "new", "name": "Ada Lovelace", "email": f"{reference}@customer.example", "pin": PIN}
    given = {"reference": reference, "customer": customer, "lines": list(lines), "notify": ["customer", "reseller"]}
    return given | changes


def existing(id_: str = EXISTING) -> Document:
    """A customer that acme has already."""
    return {"kind": "existing", "id": id_}


def load(many: int) -> list[Document]:
    """So many orders, three in ten of them refused by one service or another."""
    return [_kind(n) for n in range(many)]


def _kind(n: int) -> Document:
    some, three = {"count": 1, "prefix": REFUSED_PREFIX}, {"count": 3, "prefix": PREFIX}
    match n % 10:
        case 0:
            made = order(line(price_list="nobody-has-it"))
        case 1:
            made = order(line(), customer=existing(BLOCKED))
        case 2:
            made = order(line(), line(numbers=some))
        case 3:
            made = order(line(service_type="hunt-group", numbers=three), customer=existing())
        case 4:
            made = order()
        case 5:
            made = order(line(numbers={"exact": [new_number(), new_number()]}, grouping="each"), line())
        case _:
            made = order(line())
    return made
