"""`make bench`: how many orders a second go the whole way, how long each takes, and what it costs.

Orders are offered over HTTP in bulk to a suite of the bench's own on this machine; an order counts when the
gateway's read model shows its end. One in fifty is refused by billing and undone.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass

import asyncpg
import uvloop

from bench import meters, preload
from bench.load import offer
from bench.world import World, load_blocks, say, world

WARM_UP = 30_000
"""So many that Kafka has compiled what it runs: before that, its compiler takes a third of a core."""
SECONDS = 70
"""How long a run without `--orders` should take at the least; the first guess of what this machine does is below."""
GUESS = 2_000
LIMIT = 900.0

LATENCIES = """
    SELECT count(*) AS ended, count(*) FILTER (WHERE state = 'failed') AS failed,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50,
           percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS p99
    FROM (SELECT state, extract(epoch FROM ended_at - accepted_at) * 1000 AS took FROM orders
          WHERE accepted_at >= $1 AND ended_at IS NOT NULL) o"""


@dataclass(frozen=True)
class Result:
    """What one run measured."""

    orders: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int
    cost: meters.Cost

    def as_json(self) -> dict[str, float]:
        """The last line."""
        return {
            "orders": self.orders,
            "seconds": round(self.seconds, 2),
            "orders_per_s": round(self.orders / self.seconds),
            "p50_ms": round(self.p50_ms),
            "p99_ms": round(self.p99_ms),
            "service_cpu_us_per_order": self.cost.services_us,
            "kafka_cpu_us_per_order": self.cost.cpu_us.get("kafka", 0),
            "postgres_cpu_us_per_order": self.cost.cpu_us.get("postgres", 0),
            "load_cpu_us_per_order": self.cost.cpu_us["load"],
            "records_per_order": round(sum(self.cost.records.values()), 2),
            "wal_bytes_per_order": self.cost.wal_bytes,
            "failed": self.failed,
        }


async def run(world: World, first: int, orders: int, rate: float, *, matching: bool = False) -> Result:
    """Offer orders, wait until each has ended, and read the meters around it."""
    db = await asyncpg.connect(world.database("gateway"))
    since = await db.fetchval("SELECT now()")
    before, began = await meters.read(world), time.perf_counter()
    results = await offer(world.url, world.api_key, first, orders, rate, matching=matching)
    if results["accepted"] != orders:
        raise SystemExit(f"of {orders} orders {results['accepted']} were accepted")
    await _all_ended(db)
    seconds = time.perf_counter() - began
    cost = meters.cost(before, await meters.read(world), orders)
    row = await db.fetchrow(LATENCIES, since)
    await db.close()
    if row is None or row["ended"] != orders:
        raise SystemExit(f"{orders} orders were accepted, but not all of them ended")
    return Result(orders, seconds, float(row["p50"]), float(row["p99"]), row["failed"], cost)


async def _all_ended(db: asyncpg.Connection) -> None:
    async with asyncio.timeout(LIMIT):
        while await db.fetchval("SELECT EXISTS (SELECT FROM orders WHERE ended_at IS NULL)"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def show(result: Result) -> None:
    """The figures for people; the line for programs comes last."""
    cost = result.cost
    print(f"{result.orders:,} orders in {result.seconds:.1f} s: {result.orders / result.seconds:,.0f} orders/s")
    print(f"accepted to ended: p50 {result.p50_ms:.0f} ms, p99 {result.p99_ms:.0f} ms; {result.failed:,} failed")
    print("CPU µs per order:")
    for name, us in sorted(cost.cpu_us.items(), key=lambda item: -item[1]):
        print(f"  {name:<13} {us:>6}")
    print(f"  {'six services':<13} {cost.services_us:>6}   {'all':<4} {sum(cost.cpu_us.values()):>6}")
    print(f"records per order: {sum(cost.records.values()):.2f}")
    for name, count in cost.records.items():
        print(f"  {name:<26} {count:>5.2f}")
    print(f"WAL per order: {cost.wal_bytes:,} bytes")


def yardstick(script: str, world: World, orders: int) -> float:
    """Orders/s that another program reaches on the same servers: a script that takes `--kafka`, `--postgres` and
    `--orders` and prints a JSON object with `orders_per_s` last."""
    say(f"the yardstick {script} ...")
    command = [sys.executable, script, "--kafka", world.kafka, "--postgres", world.postgres, "--orders", str(orders)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    print(f"yardstick: {said}")
    return float(json.loads(said)["orders_per_s"])


async def main(given: argparse.Namespace) -> None:
    """One suite, a warm-up, a run."""
    with world(".runtime-bench") as made:
        await load_blocks(made)
        say("warming up ...")
        await run(made, 0, WARM_UP, 0, matching=given.matching)
        if given.preload:
            say(f"{given.preload:,} ended orders into the tables ...")
            await preload.fill(made, given.preload)
        beside = [yardstick(given.yardstick, made, 60_000)] if given.yardstick else []
        orders = given.orders or round(SECONDS * (given.rate or GUESS))
        say(f"measuring {orders:,} orders{f' at {given.rate:g}/s' if given.rate else ''} ...")
        result = await run(made, WARM_UP, orders, given.rate, matching=given.matching)
        if beside:
            beside.append(yardstick(given.yardstick, made, 60_000))
        show(result)
        if beside:
            ratio = result.orders / result.seconds / (sum(beside) / len(beside))
            print(f"ratio to the yardstick, run before and after: {ratio:.2f}")
        print(json.dumps(result.as_json() | ({"yardstick_ratio": round(ratio, 2)} if beside else {})))


if __name__ == "__main__":
    cli = argparse.ArgumentParser(prog="make bench", description=__doc__)
    cli.add_argument("--orders", type=int, default=0, help="how many; else as many as take a minute or more")
    cli.add_argument("--rate", type=float, default=0, help="orders offered a second; else as many as are taken")
    cli.add_argument("--matching", action="store_true", help='lines want "n that match" in place of exact numbers')
    cli.add_argument("--preload", type=int, default=0, help="so many ended orders in the tables beforehand")
    cli.add_argument("--yardstick", help="a script to compare with, run before and after on the same servers")
    uvloop.run(main(cli.parse_args()))
