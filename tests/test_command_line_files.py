"""Files and webhooks at the command line, with all services behind it: nothing is lost or doubled though the gateway is
killed, rows that will not do come back, and what was sent is listed and sent again."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from tests.documents import PIN, line, order
from tests.receivers import receiver
from tests.suite import Suite, eventually
from tests.test_command_line import NOT_ALLOWED, REFUSED, Shell, shell, written

__all__ = ["shell"]
HEAD = "order,reference,customer.name,customer.email,customer.pin,service_type,price_list,numbers.count,numbers.prefix"
MANY = 1_500
"""Orders, each tenth of two rows: four pieces."""
BLOCKS = "first,size,country,trunk,area,pool,owner"
FIRST = 441_732_000_000


def rows(run: str) -> list[str]:
    """Of so many orders; those of two rows want a number for each, and the first of them does not say
    how many."""
    found = []
    for n in range(MANY):
        customer = f"{run}-{n},Ada,{run}-{n}@customer.example,{PIN}"
        if n % 10:
            found.append(f",{customer},,,,")
        else:
            count = 1 if n else "many"
            found += [f"{n},{customer},voice-line,standard-gbp,1,4430", f"{n},,,,,voice-line,standard-gbp,{count},4430"]
    return found


async def test_a_csv_is_submitted_to_its_end_though_the_gateway_is_killed_and_twice_is_once(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    run, file = uuid4().hex[:8], tmp_path / "orders.csv"
    given = rows(run)
    file.write_text("\n".join((HEAD, *given)))
    running = await shell.start("--json", "orders", "submit", str(file))
    assert running.stdout is not None
    first = await running.stdout.readline()
    suite.stack.kill("gateway")
    suite.start("gateway")
    out, err = await running.communicate()
    *told, _ = (json.loads(one) for one in (first + out).splitlines())
    assert running.returncode == REFUSED, err.decode()
    ends = {at for at, row in enumerate(given, 2) if not row.startswith("0,") or row == given[1]}
    assert {one["line"] for one in told if "id" in one} <= ends
    again = await shell.type("--json", "orders", "submit", str(file))
    assert again.code == REFUSED
    counted = Counter(
        row["reference"]
        for row in await suite.rows("gateway", "SELECT reference FROM orders WHERE reference LIKE $1", f"{run}-%")
    )
    assert counted == Counter(f"{run}-{n}" for n in range(1, MANY))
    assert {one["id"] for one in told if "id" in one} == {
        str(row["id"])
        for row in await suite.rows("gateway", "SELECT id FROM orders WHERE reference LIKE $1", f"{run}-%")
    }


async def test_blocks_are_imported_once_and_rows_that_will_not_do_come_back(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "blocks.csv"
    good = [f"+{FIRST + n * 1_000},1000,44,0,Manchester,public," for n in range(30)]
    file.write_text("\n".join((BLOCKS, *good, f"+{FIRST + 500},100,44,0,Salford,public,")))
    words = ("blocks", "import", str(file), "--why", "bought from Ofcom")
    assert (await shell.type(*words)).code == NOT_ALLOWED
    shell.env["PATCHBAY_API_KEY"] = suite.stack.around.inventory_key
    said = await shell.type(*words)
    assert said.code == REFUSED, said.err
    assert "31" in said.out
    assert "Salford" in said.out
    again = await shell.type("--json", *words)
    last = again.rows[-1]
    assert (again.code, last["loaded"], last["there_already"], last["refused"]) == (REFUSED, 0, 30, 1)
    file.write_text("\n".join((BLOCKS, *good)))
    assert (await shell.type(*words)).code == 0
    (many,) = await suite.rows(
        "numbers", "SELECT count(*) AS n FROM block WHERE first BETWEEN $1 AND $1 + 30000", FIRST
    )
    assert many["n"] == 30
    file.write_text("nonsense\n1\n")
    assert (await shell.type(*words)).code == REFUSED
    missing = await shell.type("blocks", "import", str(tmp_path / "none.csv"), "--why", "x")
    assert missing.code == 2


class Receiver:
    """Takes deliveries, unless it is `broken`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.broken = False

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): text for name, text in request.headers.items()}, await request.read()))
        return web.Response(status=500 if self.broken else 204)


@pytest.mark.timeout(180)
async def test_what_a_webhook_was_sent_is_listed_and_sent_again(suite: Suite, shell: Shell, tmp_path: Path) -> None:
    ours = Receiver()
    async with receiver(ours.take) as url:
        (made,) = (await shell.type("--json", "webhooks", "add", url, "--type", "order.completed")).rows
        id_ = made["id"]
        assert (await shell.type("webhooks", "test", id_)).code == 0
        placed = await shell.type("orders", "place", written(tmp_path, order(line())))
        await suite.shows(placed.out.strip(), "completed")

        async def delivered() -> Any:
            found = (await shell.type("--json", "webhooks", "deliveries", id_, "--state", "delivered")).rows
            return next((one for one in found if one["type"] == "order.completed"), None)

        event = (await eventually(delivered))["event"]
        assert event in (await shell.type("webhooks", "deliveries", id_)).out
        again = await shell.type("webhooks", "redeliver", id_, "--event", event)
        assert (again.code, again.err.strip()) == (0, "accepted")

        async def sent(times: int) -> bool:
            return bool(sum(headers["webhook-id"] == event for headers, _ in ours.got) >= times)

        await eventually(lambda: sent(2))
        told = json.loads(ours.got[-1][1])["at"]
        (rotated,) = (await shell.type("--json", "webhooks", "rotate", id_, "--overlap", "0")).rows
        assert (await shell.type("webhooks", "redeliver", id_, "--since", told)).code == 0
        await eventually(lambda: sent(3))
        headers, body = ours.got[-1]
        assert Webhook(rotated["secret"]).verify(body, headers)
        assert (await shell.type("webhooks", "redeliver", id_)).code == 2
        assert (await shell.type("webhooks", "disable", id_)).err.strip() == "disabled"
        assert (await shell.type("webhooks", "redeliver", id_, "--event", event)).code == REFUSED
        assert (await shell.type("webhooks", "enable", id_)).err.strip() == "enabled"
        assert (await shell.type("webhooks", "remove", id_)).code == 0
