"""The inventory of the house, for keys with the scope `inventory`: blocks or numbers are loaded from CSV, lent and
taken back, graded, and looked at. A range is two numbers, the first and the last one; a pool is `public`, or `reseller`
or `customer` with its owner (`acme`, or `acme/` and the customer's id)."""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Literal

from patchbay_client.calls import CSV, Call, Stream, ask, get, new_key, post, query_of

Pool = Mapping[str, str]
Range = tuple[str, str]


def load(
    rows: Iterable[bytes] | AsyncIterable[bytes] | bytes, kind: Literal["blocks", "numbers"], why: str
) -> Stream[dict[str, Any]]:
    """Load a CSV with a head line, and hear how far it is; the last piece is the sum. It is safe to send again: what
    is there already is left as it is."""
    return Stream("POST", "/v1/inventory/loads", query_of({"kind": kind, "why": why}), rows, {"Content-Type": CSV})


def loaded(load_id: str) -> Call[dict[str, Any]]:
    """How far a load is."""
    return get(f"/v1/inventory/loads/{load_id}")


def refused(load_id: str) -> Call[str]:
    """The rows that it refused, as CSV, with the reason before each: corrected, they can be loaded as they are."""
    return get(f"/v1/inventory/loads/{load_id}/refused")


def usage(by: Literal["block", "pool"] = "block", after: str | None = None, limit: int = 100) -> Call[dict[str, Any]]:
    """A page of blocks or pools with what is used of them."""
    return get("/v1/inventory/usage", by=by, after=after, limit=limit)


def show(e164: str) -> Call[dict[str, Any]]:
    """A number, whosever it is."""
    return get(f"/v1/inventory/numbers/{e164}")


def log(number: str = "", after: str | None = None, limit: int = 50) -> Call[dict[str, Any]]:
    """A page of who changed what, when and why, the newest first: all of it, or what is about a number."""
    return get("/v1/inventory/log", number=number, after=after, limit=limit)


def lend(ranges: Sequence[Range], to: Pool, why: str) -> Call[dict[str, Any]]:
    """Lend what is free of these; what was not lent, and why not, is answered."""
    return post("/v1/inventory/lending", {"ranges": list(ranges), "to": dict(to), "why": why})


def take_back(ranges: Sequence[Range], why: str) -> Call[dict[str, Any]]:
    """Take these back; what is in use is the lender's again when it is free."""
    return post("/v1/inventory/lending/return", {"ranges": list(ranges), "why": why})


def rest(pool: Pool, days: int | None, why: str) -> Call[dict[str, Any]]:
    """From now on numbers of that pool rest so long after they were in service; None: as long as the settings say."""
    return _put("/v1/inventory/quarantine", {"of": dict(pool), "days": days, "why": why})


def grade(numbers: Sequence[str], grade: str | None, why: str) -> Call[dict[str, Any]]:
    """State the grade of these, whatever the rules say; None: the rules decide again."""
    return post("/v1/inventory/overrides", {"numbers": list(numbers), "grade": grade, "why": why})


def rules() -> Call[dict[str, Any]]:
    """The grade rules in force, and who declared them."""
    return get("/v1/inventory/grades")


def preview(rules: Sequence[Mapping[str, Any]]) -> Call[dict[str, Any]]:
    """How many numbers these rules would grade otherwise than those in force."""
    return ask("/v1/inventory/grades/preview", {"rules": list(rules)})


def declare(rules: Sequence[Mapping[str, Any]], version: int, why: str) -> Call[dict[str, Any]]:
    """Grade by these from now on, in place of those of that version."""
    return _put("/v1/inventory/grades", {"rules": list(rules), "version": version, "why": why})


def _put(path: str, body: Any) -> Call[Any]:
    return Call("PUT", path, {}, body, new_key())
