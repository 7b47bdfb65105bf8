"""`python -m examples.demo`: places the orders of `orders.ndjson` and shows what became of them; then loads a million
numbers and searches them.

The exit code is not 0 if an order has not ended, or not as it should, or if a search finds what it should not.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from examples import inventory, searches
from examples.api import ENDED, Api, Inbox, Json, Order, environment
from examples.make_orders import FILE, made
from examples.outcome import Outcome, faults
from examples.report import Report

LIMIT = 90.0
"""Seconds for the orders to end, after the last was accepted."""
MAIL_LIMIT = 10.0
KEYS = ("PATCHBAY_API_KEY", "PATCHBAY_API_KEY_2", "PATCHBAY_INVENTORY_KEY")
"""Two resellers' and the inventory manager's."""
OPERATOR = ("PATCHBAY_OPERATOR_EMAIL", "PATCHBAY_OPERATOR_PASSWORD")
ADMINISTRATOR = ("PATCHBAY_ADMINISTRATOR_EMAIL", "PATCHBAY_ADMINISTRATOR_PASSWORD")


@contextmanager
def shown(console: Console, total: int) -> Iterator[Progress]:
    """Three bars that move while they can be seen; nothing in a file."""
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for name in ("accepted", "completed", "failed"):
            progress.add_task(name, total=total)
        yield progress


async def place(api: Api, content: bytes, progress: Progress) -> tuple[list[str], list[Json]]:
    """The orders' ids in the order of their lines, and the lines that were refused."""
    ids: list[str] = []
    refused: list[Json] = []
    async for result in api.place(content):
        if "id" in result:
            ids.append(result["id"])
        else:
            refused.append(result)
        progress.update(progress.task_ids[0], completed=len(ids))
    return ids, refused


async def until_ended(api: Api, ids: Sequence[str], progress: Progress) -> dict[str, Order]:
    """The orders as they are when all have ended, or when there is no more time."""
    wanted, first, until = set(ids), min(ids), time.monotonic() + LIMIT
    while True:
        orders = {order.id: order for order in await api.newest(first) if order.id in wanted}
        states = [order.state for order in orders.values()]
        for task, state in zip(progress.task_ids[1:], ("completed", "failed"), strict=True):
            progress.update(task, completed=states.count(state))
        if sum(state in ENDED for state in states) == len(wanted) or time.monotonic() > until:
            return orders
        await asyncio.sleep(0.25)


async def first_mail(inbox: Inbox, before: int) -> int:
    """How many mails have come since; waits for the first."""
    until = time.monotonic() + MAIL_LIMIT
    while (count := inbox.count()) <= before and time.monotonic() < until:  # noqa: ASYNC110 - mails come from elsewhere
        await asyncio.sleep(0.25)
    return count - before


async def main() -> int:
    """Place, wait, show; the exit code."""
    console, env = Console(highlight=False, soft_wrap=True, emoji=False), environment()
    missing = [
        name for name in ("PATCHBAY_URL", *KEYS, *OPERATOR, *ADMINISTRATOR, "PATCHBAY_INBOX_URL") if name not in env
    ]
    if missing:
        console.print(f"{', '.join(missing)} not set: `make up` starts Patchbay and writes .runtime/env")
        return 2
    apis = [Api(env["PATCHBAY_URL"], env[name]) for name in KEYS]
    (api, borealis, manager), inbox = apis, Inbox(env["PATCHBAY_INBOX_URL"])
    try:
        before, again = inbox.count(), bool(await api.newest())
        content = FILE.read_bytes()
        expected = made()
        console.print(f"\nPlacing {len(expected):,} orders: examples/orders.ndjson to POST {api.url}/v1/orders/bulk")
        with shown(console, len(expected)) as progress:
            ids, refused = await place(api, content, progress)
            orders = await until_ended(api, ids, progress) if ids else {}
        failed = [await api.order(id_) for id_, order in orders.items() if order.state == "failed"]
        outcome = Outcome(dict(zip((order.reference for order in expected), ids, strict=False)), orders, failed, again)
        report = Report(console, outcome)
        report.figures()
        report.reasons()
        await report.timelines(api)
        report.mails(inbox, before, await first_mail(inbox, before))
        console.print(f"\nNumbers: {await inventory.load(manager, api)}", style="bold")
        numbers = await searches.show(console, api, borealis)
        report.next_steps(api, inbox, *((env[who], env[password]) for who, password in (OPERATOR, ADMINISTRATOR)))
        wrong = [f"line {r['line']} was refused: {r['error']}" for r in refused]
        found = [*wrong, *faults(outcome, expected), *numbers]
        found += [] if inbox.count() > before else ["no mail has come"]
    except httpx.HTTPError as error:
        console.print(f"{type(error).__name__} at {api.url}: {error}. `make status` shows what runs.")
        return 2
    finally:
        for one in apis:
            await one.close()
    report.verdict(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
