"""What the gateway shows of orders is damaged, and made anew while orders come in: nothing is told twice."""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.documents import line, load, new_number, order
from tests.suite import Suite, eventually
from tests.test_bulks_resumed import send
from tests.test_orders_in_time import cancel
from tests.wire import Intruder

pytestmark = pytest.mark.timeout(240)
ENDS = "type IN ('order.completed', 'order.failed')"
TWICE = f"SELECT order_id FROM event_log WHERE {ENDS} GROUP BY 1 HAVING count(*) > 1"


async def rebuild(suite: Suite, *words: str) -> tuple[int, dict[str, int]]:
    """How the command ended, and what it counted."""
    env = {"PATH": os.environ["PATH"], **suite.stack.around.env("gateway", 0)}
    command = (sys.executable, "-m", "gateway_service.rebuild", *words)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    assert process.returncode is not None
    assert not err, err.decode()
    counted = (re.fullmatch("([0-9,]+) ([a-z ]+)", one) for one in out.decode().splitlines())
    return process.returncode, {one[2]: int(one[1].replace(",", "")) for one in counted if one}


async def shown(suite: Suite, ids: Sequence[str], batch: str) -> Any:
    """Orders, what becomes of their batch, who is found by a label, and moves; when they ended may differ, and how
    often one that waits for numbers was tried again."""
    orders = [await suite.show(id_) for id_ in ids]
    orders = [
        one | {"ended_at": None, "timeline": list(dict.fromkeys(moment["message"] for moment in one["timeline"]))}
        for one in orders
    ]
    async with suite.client() as client:
        batches = (await client.get(f"/v1/batches/{batch}")).json()
        listed = await client.get("/v1/orders", params={"label": "team:north", "fields": "id"})
    labelled = listed.json()
    assert datetime.fromisoformat(listed.headers["As-Of"]) <= datetime.now(UTC)
    of_order = "SELECT order_id, step, what, note, at FROM order_move WHERE order_id = ANY($1::uuid[]) ORDER BY id"
    moves = [dict(row) for row in await suite.rows("gateway", of_order, [UUID(one) for one in ids])]
    assert moves
    return orders, batches["states"], labelled, moves


async def test_what_is_shown_of_orders_is_made_anew_under_traffic_and_nothing_is_told_twice(suite: Suite) -> None:
    batch, later = str(uuid4()), datetime.now(UTC) + timedelta(days=1)
    documents = load(40)
    documents[7] |= {"labels": {"team": "north"}, "watched": True}
    ids = [one["id"] for one in await send(suite, batch, documents) if "id" in one]
    taken = new_number()
    await suite.ended(order(line(numbers={"exact": [taken]})))
    waits = {"failure": "back_order", "until": later.isoformat()}
    lacking = await suite.place(order(line(numbers={"exact": [taken]}), **waits))
    waiting = await suite.place(order(line(), start=later.isoformat()))
    for id_ in ids:
        await suite.shows(id_, "completed", "failed")
    await suite.shows(lacking, "back_ordered")
    assert (await rebuild(suite, "--dry-run"))[1].get("orders wrong", 0) == 0
    everything = [*ids, lacking, waiting]
    before = await shown(suite, everything, batch)
    of_these = f"SELECT id FROM event_log WHERE order_id = ANY($1::uuid[]) AND {ENDS}"
    told = {row["id"] for row in await suite.rows("gateway", of_these, [UUID(one) for one in everything])}

    await damage(suite, ids, lacking, waiting)
    unheard = UUID(ids[-1])
    lost = await suite.rows("gateway", "DELETE FROM event_log WHERE order_id = $1 RETURNING id", unheard)
    assert (await rebuild(suite, "--dry-run"))[0] == 1
    new, (code, found) = await asyncio.gather(suite.offer(load(60)), rebuild(suite))
    assert code == 0, found
    assert found["orders wrong"] >= len(everything)
    assert found["events told"] == 1
    after = await shown(suite, everything, batch)
    assert [one for one, was in zip(after[0], before[0], strict=True) if one != was] == []
    assert after[1:] == before[1:]
    now = {row["id"] for row in await suite.rows("gateway", of_these, [UUID(one) for one in everything])}
    assert now & told == told - {row["id"] for row in lost}
    assert len(now) == len(told)
    for id_ in new:
        await suite.shows(id_, "completed", "failed")
    assert await suite.rows("gateway", TWICE) == []
    code, found = await rebuild(suite)
    wrong = {what: many for what, many in found.items() if many and ("wrong" in what or "missing" in what)}
    assert (code, wrong) == (0, {})
    for id_ in (lacking, waiting):
        assert await cancel(suite, id_) == 202
        await suite.shows(id_, "failed")


async def damage(suite: Suite, ids: Sequence[str], lacking: str, waiting: str) -> None:
    """Nothing of what is shown of these is right any more."""
    ended = [UUID(one) for one in ids]
    half = len(ended) // 2
    never, other = "state = 'accepted', event = NULL, ended_at = NULL", "state = 'completed', partly = true"
    for what, of in (
        (f"{never}, customer_id = CASE state WHEN 'completed' THEN NULL ELSE customer_id END", ended[:half]),
        (f"{never}", ended[half:]),
        (f"{other}, ended_at = now()", [UUID(lacking), UUID(waiting)]),
        ("state = 'failed', event = '{}', ended_at = now()", ended[2:5]),
    ):
        await suite.rows("gateway", f"UPDATE orders SET {what} WHERE id = ANY($1::uuid[])", of)
    await suite.rows("gateway", "DELETE FROM batch_count")
    await suite.rows("gateway", "DELETE FROM batch_change")
    await suite.rows("gateway", "DELETE FROM order_move WHERE id % 2 = 0 AND order_id = ANY($1::uuid[])", ended)
    await suite.rows("gateway", "UPDATE order_label SET value = 'south' WHERE value = 'north'")


async def test_dead_letters_that_are_lost_are_put_away_anew(suite: Suite) -> None:
    async def kept() -> set[Any]:
        return {row["id"] for row in await suite.rows("gateway", "SELECT id FROM dead_letter")}

    async with Intruder(suite) as intruder:
        await intruder.put("provisioning.replies.v1", b"nonsense", b"key", {})
    await eventually(kept)
    before = await kept()
    await suite.rows("gateway", "DELETE FROM dead_letter")
    _, found = await rebuild(suite)
    assert found["dead letters missing"] == len(before)
    assert await kept() == before
