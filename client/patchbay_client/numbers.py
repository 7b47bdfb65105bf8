"""Numbers: listed, searched, and held for a basket of the program's own until an order takes them over (`held_by`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from patchbay_client.calls import Call, Stream, ask, export, get, post
from patchbay_client.reading_shapes import Number, NumberFilters, NumberPage


def search(query: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """Free numbers like that. The answer's `as_of` says how old what it knows is."""
    return ask("/v1/numbers/search", query)


def page(after: str | None = None, limit: int = 50, **filters: Unpack[NumberFilters]) -> Call[NumberPage]:
    """A page of the numbers that are in service, or are held, in their order."""
    return get("/v1/numbers", after=after, limit=limit, **filters)


def every(**filters: Unpack[NumberFilters]) -> Stream[Number]:
    """All of them, however many, one after another."""
    return export("/v1/numbers", **filters)


def show(e164: str) -> Call[Number]:
    """One, such as +441217370077: which service has it, or what holds it."""
    return get(f"/v1/numbers/{e164}")


def hold(basket: str, numbers: Sequence[str], **more: Any) -> Call[dict[str, Any]]:
    """Hold these for the basket (a UUID of the program's choice). What somebody else was faster with is `lost`."""
    return post("/v1/numbers/holds", {"owner": _basket(basket), "numbers": list(numbers), **more})


def extend(basket: str, numbers: Sequence[str] = (), **more: Any) -> Call[dict[str, Any]]:
    """Hold them for longer; without numbers all that the basket holds."""
    return post("/v1/numbers/holds/extend", {"owner": _basket(basket), "numbers": list(numbers), **more})


def release(basket: str, numbers: Sequence[str] = ()) -> Call[dict[str, Any]]:
    """Give them back; without numbers all that the basket holds."""
    return post("/v1/numbers/holds/release", {"owner": _basket(basket), "numbers": list(numbers)})


def held(basket: str) -> Call[dict[str, Any]]:
    """What the basket holds."""
    return ask("/v1/numbers/holds/list", {"owner": _basket(basket)})


def _basket(id_: str) -> dict[str, str]:
    return {"kind": "basket", "id": id_}
