"""Orders as callers post them."""

import json
from typing import Any

PIN = "90210-pin"
CUSTOMER = "00000000-0000-7000-8000-00000000c001"


def new(**changes: Any) -> dict[str, Any]:
    return {"kind": "new", "name": "Ada", "email": "ada@example.com", "pin": PIN} | changes


def line(**changes: Any) -> dict[str, Any]:
    return {"service_type": "voice-line", "price_list": "standard-gbp"} | changes


def order(**changes: Any) -> dict[str, Any]:
    return {"reference": "PO-1", "customer": {"kind": "existing", "id": CUSTOMER}, "lines": [line()]} | changes


def ndjson(*orders: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in orders)
