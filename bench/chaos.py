"""`make chaos`: services are killed at random under load, and afterwards the books must balance.

Orders are offered at a steady rate; meanwhile random services get kill -9, each is started again by the
supervisor, and in the end no order that was accepted may be lost, doubled or half done.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import asyncpg
import uvloop

from bench import books
from bench.load import order
from bench.orders import LATENCIES
from bench.world import World, load_blocks, say, world
from patchbay_local.processes import SERVICES

WARM_UP = 2_000
PIECE = 0.1
"""Seconds of orders in one bulk request: so many are at stake when the gateway dies."""
PATIENCE = 180.0
"""Seconds for everything to settle after the last kill."""


@dataclass
class Offered:
    """What became of the offered orders: `unconfirmed` ones were sent, but no answer came back."""

    accepted: int = 0
    refused: int = 0
    unconfirmed: int = 0
    next_position: int = 0
    killed: Counter[str] = field(default_factory=Counter)


async def offer(world: World, offered: Offered, rate: float, seconds: float) -> None:
    """Offer `rate` orders a second for so long. What a dead gateway did not answer is not offered again: it may
    have been stored, and its numbers may be taken."""
    began, sent = time.perf_counter(), 0
    headers = {"X-API-Key": world.api_key, "Content-Type": "application/x-ndjson"}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=30)) as session:
        while (passed := time.perf_counter() - began) < seconds:
            if (due := int(passed * rate) - sent) < rate * PIECE:
                await asyncio.sleep(PIECE / 4)
                continue
            due = min(due, 1_000)
            lines = b"".join(order(offered.next_position + n) for n in range(due))
            try:
                async with session.post(f"{world.url}/v1/orders/bulk", data=lines) as answer:
                    results = [line async for line in answer.content]
            except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError):
                await asyncio.sleep(PIECE / 4)  # nobody is there: nothing was sent
                continue
            except (aiohttp.ClientError, TimeoutError):
                results = []
            accepted = sum(b'"accepted"' in line for line in results)
            offered.accepted += accepted
            offered.refused += len(results) - accepted
            offered.unconfirmed += due - len(results)
            offered.next_position += due
            sent += due


async def kill(world: World, offered: Offered, dice: random.Random, kills: int, seconds: float) -> None:
    """Kill so many services, at random moments."""
    began = time.perf_counter()
    for moment in sorted(dice.uniform(0, seconds) for _ in range(kills)):
        await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
        pids = await asyncio.to_thread(world.pids)
        victim = dice.choice([service for service in SERVICES if service in pids])
        os.kill(pids[victim], signal.SIGKILL)
        offered.killed[victim] += 1


async def main(given: argparse.Namespace) -> int:
    """One suite, a warm-up, the kills, the books."""
    seed = given.seed if given.seed is not None else random.randrange(1_000_000)
    dice, offered = random.Random(seed), Offered()
    with world(".runtime-chaos") as made:
        await load_blocks(made)
        db = await asyncpg.connect(made.database("gateway"))
        say("warming up ...")
        await offer(made, offered, given.rate, WARM_UP / given.rate)
        await books.settled(made.databases(), PATIENCE)
        offered, since = Offered(next_position=offered.next_position), await db.fetchval("SELECT now()")
        say(f"{given.kills} kills within {given.seconds:g} s at {given.rate:g} orders/s, seed {seed} ...")
        await asyncio.gather(
            offer(made, offered, given.rate, given.seconds + 10),
            kill(made, offered, dice, given.kills, given.seconds),
        )
        say("waiting until everything has settled ...")
        wrong = await books.settled(made.databases(), PATIENCE)
        row = await db.fetchrow(LATENCIES, since)
        await db.close()
    assert row is not None
    return show(offered, seed, row, wrong)


def show(offered: Offered, seed: int, row: asyncpg.Record, wrong: list[str]) -> int:
    """The figures, the checks, the line for programs; 1 if something is wrong."""
    lost = offered.accepted > row["ended"] or offered.accepted + offered.unconfirmed < row["ended"]
    print(f"killed with seed {seed}: " + ", ".join(f"{name} {n}" for name, n in sorted(offered.killed.items())))
    print(
        f"orders: {offered.accepted:,} accepted, {offered.unconfirmed:,} sent to a gateway that died before its"
        f" answer, {offered.refused:,} refused; {row['ended']:,} ended, {row['failed']:,} of them failed"
    )
    print(f"accepted to ended: p50 {row['p50']:.0f} ms, p99 {row['p99']:.0f} ms")
    for check in books.CHECKS:
        print(f"checked: {(check.__doc__ or '').strip().splitlines()[0]}")
    for sentence in wrong[:20]:
        print(f"WRONG: {sentence}")
    print("WRONG: orders are missing" if lost else f"the books {'do not ' if wrong else ''}balance")
    figures = {
        "seed": seed,
        "kills": offered.killed.total(),
        "orders": row["ended"],
        "accepted": offered.accepted,
        "unconfirmed": offered.unconfirmed,
        "p50_ms": round(row["p50"]),
        "p99_ms": round(row["p99"]),
        "wrong": len(wrong) + lost,
    }
    print(json.dumps(figures))
    return 1 if wrong or lost else 0


if __name__ == "__main__":
    cli = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    cli.add_argument("--seed", type=int, help="the same kills again")
    cli.add_argument("--kills", type=int, default=30)
    cli.add_argument("--seconds", type=float, default=45.0, help="within which the kills fall")
    cli.add_argument("--rate", type=float, default=500.0, help="orders offered a second")
    raise SystemExit(uvloop.run(main(cli.parse_args())))
