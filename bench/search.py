"""`make bench-search`: how fast numbers are found and held, beside PostgreSQL on the same data.

Answers are compared with what numpy finds by looking at every number before any time is taken.
"""

import argparse
import gc
import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import uvloop

from bench import search_data, search_holds, search_oracle, search_replica
from bench.search_data import Inventory
from bench.search_postgres import Beside
from bench.search_shapes import SHAPES, Shape
from bench.world import say
from numbers_service.index import Index, Wanted
from patchbay_local.throwaway import throwaway_postgres

SIZES = {"1M": 10**6, "10M": 10**7, "100M": 10**8}
SEARCHES = 300
"""Of each shape, and how many of them are compared before, at 1M and at more."""
COMPARED = {10**6: 5, 10**7: 2, 10**8: 1}
BESIDE = {10**6: 30, 10**7: 12, 10**8: 5}
"""Of each shape in PostgreSQL, if they do not take too long."""


def timed(index: Index, searches: Sequence[Wanted]) -> list[float]:
    """Milliseconds of each search."""
    found = []
    for one in searches:
        began = time.perf_counter()
        index.search(one)
        found.append((time.perf_counter() - began) * 1000)
    return found


def compare(index: Index, inventory: Inventory, many: int) -> None:
    """Raises AssertionError where the index answers otherwise than numpy."""
    began, compared = time.perf_counter(), 0
    for shape in SHAPES:
        for one in shape.searches(inventory, SEARCHES)[:many]:
            search_oracle.check(index, inventory, one)
            compared += 1
    say(f"  {compared} answers are those that numpy finds ({time.perf_counter() - began:.0f} s)")


def percentiles(times: Sequence[float], name: str = "") -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    return {f"{name}p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 99)}


async def shape_figures(shape: Shape, index: Index, inventory: Inventory, beside: Beside | None) -> dict[str, Any]:
    """Both sides' times of one shape."""
    searches = shape.searches(inventory, SEARCHES, index)
    timed(index, searches[:20])
    figures: dict[str, Any] = percentiles(timed(index, searches))
    if beside is not None:
        await beside.check(index, searches[0])
        figures |= percentiles(await beside.timed(searches[: BESIDE[inventory.size]]), "postgres_")
        figures["ratio"] = round(figures["postgres_p50"] / figures["p50"], 1)
    return figures


async def measure(index: Index, inventory: Inventory, admin: str | None) -> dict[str, Any]:
    """All shapes at one size; without an administrator's URL the index alone."""
    size = inventory.size
    compare(index, inventory, COMPARED[size])
    beside = await Beside.made(admin, inventory) if admin else None
    gc.collect()
    shapes = {}
    for shape in SHAPES:
        shapes[shape.name] = figures = await shape_figures(shape, index, inventory, beside)
        theirs = (
            f"{figures['postgres_p50']:10.3f} {figures['postgres_p99']:10.3f} {figures['ratio']:9}x" if beside else ""
        )
        print(
            f"  {size // 10**6:>3}M {shape.name:<28} {figures['p50']:8.3f} {figures['p99']:8.3f} {theirs}", flush=True
        )
    if beside is not None:
        await beside.close()
    return {
        "bytes_per_number": round(index.nbytes() / inventory.size, 3),
        "worst_p99": max(one["p99"] for one in shapes.values()),
        "pg_trgm": beside.trigrams if beside else None,
        "shapes": shapes,
    }


def growth(few: tuple[Index, Inventory], many: tuple[Index, Inventory]) -> dict[str, float]:
    """How many times as long the searches that find early take among many numbers as among few, timed in turn."""
    found = {}
    for shape in SHAPES:
        if shape.early:
            times = [
                timed(index, shape.searches(inventory, SEARCHES, index))
                for _ in range(2)
                for index, inventory in (few, many)
            ]
            of_few, of_many = (float(np.median(times[at] + times[at + 2])) for at in (0, 1))
            found[shape.name] = round(of_many / of_few, 2)
    return found


async def main(given: argparse.Namespace) -> None:
    """Size by size, the smallest first; then a replica of the last, and holds."""
    gc.freeze()  # as a replica's process does: nothing here makes cycles
    gc.disable()
    result: dict[str, Any] = {}
    made: dict[str, tuple[Index, Inventory]] = {}
    with throwaway_postgres() as admin:
        print("size, shape, p50 and p99 in ms; beside it PostgreSQL's, and how many times as long its p50 is")
        for name in given.sizes.split(","):
            say(f"{SIZES[name]:,} numbers ...")
            inventory = search_data.made(SIZES[name])
            index = search_data.index_of(inventory)
            made[name] = index, inventory
            beside = SIZES[name] < 10**8 or given.postgres_100m
            if not beside:
                say("PostgreSQL is left out at 100M: it would build its indexes for an hour (--postgres-100m does it)")
            result[name] = await measure(index, inventory, admin if beside else None)
        if {"1M", "100M"} <= made.keys():
            result["growth"] = growth(made["1M"], made["100M"])
        say("a replica of them, and Kafka ...")
        result["replica"] = await search_replica.figures(index, inventory)
        say("holds ...")
        result["holds"] = await search_holds.figures(admin)
    for part in ("replica", "holds", "growth"):
        print(part, *(f"  {name}: {value}" for name, value in result.get(part, {}).items()), sep="\n")
    print(json.dumps(result))


if __name__ == "__main__":
    cli = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    cli.add_argument("--sizes", default=",".join(SIZES), help="some of 1M,10M,100M")
    cli.add_argument("--postgres-100m", action="store_true", help="PostgreSQL at 100M as well")
    uvloop.run(main(cli.parse_args()))
