"""An inventory manager at work, for the tests: what is asked over HTTP, and what stands in the inventory then."""

from typing import Any

import httpx

from numbers_service import handlers, picture
from patchbay_chassis.batch import Arrived, run_handlers
from patchbay_chassis.testing import envelope_of, message_of
from patchbay_contracts.message import Message
from patchbay_contracts.v1.blocks import BlockStated
from patchbay_contracts.v1.numbers import NumbersHeld

from .asking import exact, hold, release
from .serving import Served

CUSTOMER = "acme/00000000-0000-7000-8000-000000000001"
BLOCK, ACMES = 441214960000, 441314960000
TO_ACME = {"pool": "reseller", "owner": "acme"}
TO_BOREALIS = {"pool": "reseller", "owner": "borealis"}
MAYOR = "the mayor's"
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


async def lend(served: Served, to: Any = None, **meant: Any) -> Any:
    return await ask(served, "POST", "/lending", _written(meant) | {"to": to or TO_ACME})


async def take_back(served: Served, **meant: Any) -> Any:
    return await ask(served, "POST", "/lending/return", _written(meant))


def _written(meant: dict[str, Any]) -> dict[str, Any]:
    """Numbers as callers write them."""
    written = {name: [f"+{n}" for n in meant.get(name, ())] for name in ("blocks", "numbers")}
    return written | {"ranges": ranges(*meant.get("ranges", ()))}


def ranges(*given: tuple[int, int]) -> list[list[str]]:
    return [[f"+{first}", f"+{last}"] for first, last in given]


async def order(served: Served, *messages: Message) -> list[Message]:
    """What orders are answered."""
    arrived = [Arrived(envelope_of(message), message, None) for message in messages]
    said = await served.running.turns.carry_out(lambda turn: run_handlers(handlers.router, turn.db, arrived))
    return [message_of(e) for envelopes in said.values() for e in envelopes]


async def lent(served: Served) -> list[tuple[int, int, str, str]]:
    rows = await served.rows("SELECT first, last, pool, owner FROM lent ORDER BY first")
    return [(row.first, row.last, row.pool, row.owner) for row in rows]


async def let_time_pass(served: Served) -> None:
    for table in ("number", "span"):
        await served.do(f"UPDATE {table} SET held_until = now() - interval '1 s' WHERE held_until IS NOT NULL")
    async with served.running.turn() as turn:
        await handlers.free_what_nobody_keeps(turn.db)


async def state(served: Served, grade: str | None, *numbers: int, why: str = MAYOR) -> Any:
    query = {"numbers": [f"+{n}" for n in numbers], "grade": grade, "why": why}
    return await ask(served, "POST", "/overrides", query)


async def grade_of(served: Served, number: int) -> tuple[str, str]:
    """As an order is told."""
    (answer,) = await order(served, command := hold(exact(number)))
    await order(served, release(command))
    assert isinstance(answer, NumbersHeld)
    return answer.lines[0].numbers[0].grade, answer.lines[0].numbers[0].rule
