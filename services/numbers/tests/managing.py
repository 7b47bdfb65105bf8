"""An inventory manager at work, for the tests: what is asked over HTTP, and what stands in the inventory then."""

from typing import Any

import httpx

from numbers_service import picture
from patchbay_contracts.v1.blocks import BlockStated

from .serving import Served

CUSTOMER = "acme/00000000-0000-7000-8000-000000000001"
WHY = "the regulator gave them to us"


def block(first: int = 441619460000, size: int = 1_000, **changes: Any) -> dict[str, Any]:
    home = {"country": "44", "trunk": "0", "area": "Manchester", "pool": "public", "owner": ""}
    return {"first": f"+{first}", "size": size} | home | changes


async def ask(served: Served, method: str, path: str, query: Any = None, who: str = "ann") -> Any:
    """What is answered; fails where that is an error."""
    answer = await asked(served, method, path, query, who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def asked(served: Served, method: str, path: str, query: Any = None, who: str = "ann") -> httpx.Response:
    given = {"why": WHY} | query if isinstance(query, dict) else query
    return await served.client.request(method, f"/inventory{path}{'&' if '?' in path else '?'}who={who}", json=given)


async def load(served: Served, *blocks: dict[str, Any], **more: Any) -> Any:
    return await ask(served, "POST", "/blocks", {"blocks": blocks} | more)


async def blocks(served: Served) -> list[tuple[int, int]]:
    """Beside those that are there from the start."""
    return [
        (row.first, row.last - row.first + 1)
        for row in await served.rows(
            "SELECT first, last FROM block WHERE first >= 441600000000 AND first < 441700000000 ORDER BY first"
        )
    ]


async def log(served: Served) -> list[tuple[str, str, str]]:
    """Who did what, and why; the oldest first."""
    rows = await served.rows("SELECT who, what, why FROM inventory_log ORDER BY id")
    return [(row.who, row.what, row.why) for row in rows]


async def stated(served: Served, first: int) -> BlockStated:
    """The block as it is."""
    async with served.database.connection() as db:
        (one,) = await picture.of(db, [first])
    return one.stated()


def problem(answer: httpx.Response, status: int = 422) -> list[dict[str, str]]:
    """What is wrong, by the problem that was answered."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors: list[dict[str, str]] = answer.json().get("errors", [])
    return errors
