"""`make bench-wizard`: how quick the wizard's tabs are while many operators work, beside millions of customers and
numbers; what its pages weigh, how many requests a run needs, and how long a number takes to be added in a browser.

Operators are clients without a browser in one process on the same machine; a tab's time is what passes between the
request and the last byte of its answer.
"""

import argparse
import asyncio
import json
import random
import time
from typing import Any

import numpy as np
import psutil
import stamina
import uvloop

from bench import meters, wizard_browser, wizard_data
from bench.wizard_data import SignedIn
from bench.wizard_pages import Times, Visitor
from bench.wizard_walk import walk
from bench.world import World, say, world
from gateway_service.pages.wizard_ways import TABS

WANTED = {"p95_ms": 100, "first_kb": 150, "after_kb": 20, "requests": 15, "adding_ms": 150}
KB = 1024
SIGN_INS = 5
SETTLED = 60


def percentiles(ms: list[float]) -> dict[str, float]:
    """p50, p95 and p99, and of how many."""
    return {"n": len(ms)} | {f"p{p}": round(float(np.percentile(ms, p)), 1) for p in (50, 95, 99)}


async def alone(url: str, operator: SignedIn) -> dict[str, Any]:
    """One operator with the house to himself: weights, requests, and what each tab takes then."""
    times = Times()
    visitor = Visitor(url, operator.token, times)
    await _settled(visitor)
    page, assets = await visitor.weigh()
    await walk(visitor, random.Random(1), plain=True)
    times.ms.clear()
    run = await walk(visitor, random.Random(2), plain=True)
    await visitor.close()
    _complain(times)
    return {
        "first_load_bytes": page + assets,
        "after_bytes": dict(sorted(times.weight.items(), key=lambda item: -item[1])),
        "actions": {"to_create": run.actions[0], "to_finish": run.actions[1]},
        "requests": {"to_create": run.requests[0], "to_finish": run.requests[1]},
        "alone": {name: round(float(np.median(ms)), 1) for name, ms in times.ms.items()},
    }


async def together(url: str, operators: list[SignedIn], seconds: float, think: float) -> dict[str, Any]:
    """All of them at once, one run after another; what began before the time was over is ended, and counts."""
    times, until = Times(), time.monotonic() + seconds
    runs = 0

    async def work(at: int, one: SignedIn) -> None:
        nonlocal runs
        rng, visitor = random.Random(at), Visitor(url, one.token, times, think)
        await asyncio.sleep(rng.random() * think * 10)
        while time.monotonic() < until:
            try:
                await walk(visitor, rng)
                runs += 1
            except LookupError as error:
                times.wrong.append(str(error))
        await visitor.close()

    began = time.monotonic()
    psutil.cpu_percent()
    await asyncio.gather(*(work(at, one) for at, one in enumerate(operators)))
    took, busy = time.monotonic() - began, psutil.cpu_percent()
    asked = sum(map(len, times.ms.values()))
    _complain(times)
    names = ["start", *TABS, *(f"{tab} (form)" for tab in ("start", *TABS)), "progress"]
    return {
        "runs": runs,
        "wrong": len(times.wrong),
        "requests": asked,
        "requests_per_s": round(asked / took, 1),
        "machine_busy_percent": busy,
        "tabs": {name: percentiles(times.ms[name]) for name in names if name in times.ms},
    }


async def signing_in(world: World) -> float:
    """Milliseconds until a password is taken, median."""
    runtime = world.runtime.state
    found = []
    for _ in range(SIGN_INS):
        times = Times()
        visitor = Visitor(world.url, "", times)
        await visitor.get("/sign-in", "sign-in")
        await visitor.press(("", ""), {"email": wizard_data.DEMO, "password": runtime.get("operator_password") or ""})
        await visitor.close()
        found += [ms for name, took in times.ms.items() if name.endswith("(form)") for ms in took]
    return float(np.median(found))


async def _settled(visitor: Visitor) -> None:
    """Until the start page is whole: right after so much was loaded, an owner may be slow to answer."""
    async for attempt in stamina.retry_context(on=LookupError, timeout=SETTLED, attempts=None):
        with attempt:
            (await visitor.get("/wizard", "start")).form("/wizard")


def _complain(times: Times) -> None:
    for what, many in sorted({one: times.wrong.count(one) for one in times.wrong}.items())[:10]:
        say(f"  not as it should be, {many} times: {what}")


def show(result: dict[str, Any]) -> None:
    """The figures for people; the line for programs comes last."""
    print(f"{'tab':<22} {'n':>6} {'p50':>8} {'p95':>8} {'p99':>8}  ms, {result['operators']} operators at once")
    for name, of in result["together"]["tabs"].items():
        print(f"{name:<22} {of['n']:>6} {of['p50']:>8} {of['p95']:>8} {of['p99']:>8}")
    both = result["together"]
    print(f"{both['runs']} runs of the wizard, {both['requests_per_s']} requests/s, {both['wrong']} went wrong;"
          f" the machine's cores were busy to {both['machine_busy_percent']:.0f} %")  # fmt: skip
    heaviest = max(result["after_bytes"].values())
    print(f"first load {result['first_load_bytes'] / KB:.1f} KB, after that {heaviest / KB:.1f} KB at the most")
    print(f"actions {result['actions']}, requests with redirects {result['requests']}")
    print(f"a number added in the browser: {result['adding_ms']} ms; signing in: {result['sign_in_ms']} ms")


async def main(given: argparse.Namespace) -> None:
    """One suite, its data, one operator alone, all at once, a browser."""
    with world(".runtime-bench-wizard") as made:
        say("customers and numbers ...")
        await wizard_data.load(made, given.customers, given.numbers)
        operators = await wizard_data.sign_in(made.database("gateway"), given.operators)
        say("one operator ...")
        result: dict[str, Any] = {
            "customers": given.customers, "numbers": given.numbers, "operators": given.operators,
            "think_s": given.think, "sign_in_ms": round(await signing_in(made), 1),
        }  # fmt: skip
        result |= await alone(made.url, operators[0])
        say(f"{given.operators} operators for {given.seconds:.0f} s ...")
        before = await meters.read(made)
        result["together"] = both = await together(made.url, operators, given.seconds, given.think)
        both["cpu_us_per_request"] = meters.cost(before, await meters.read(made), both["requests"]).cpu_us
        result["worst_p95_ms"] = max(of["p95"] for of in result["together"]["tabs"].values())
        say("a browser ...")
        visitor = Visitor(made.url, operators[0].token, Times())
        adding = await wizard_browser.adding_ms(made.url, operators[0], visitor, given.added) if given.added else []
        await visitor.close()
        result["adding_ms"] = round(float(np.median(adding)), 1) if adding else None
    show(result)
    print(json.dumps(result | {"wanted": WANTED}))


if __name__ == "__main__":
    cli = argparse.ArgumentParser(prog="make bench-wizard", description=__doc__)
    cli.add_argument("--customers", type=int, default=1_000_000)
    cli.add_argument("--numbers", type=int, default=10_000_000)
    cli.add_argument("--operators", type=int, default=50)
    cli.add_argument("--think", type=float, default=2.0, help="seconds between actions of an operator, on average")
    cli.add_argument("--seconds", type=float, default=60, help="so long all of them begin new runs")
    cli.add_argument("--added", type=int, default=15, help="numbers added in the browser; 0: no browser")
    uvloop.run(main(cli.parse_args()))
