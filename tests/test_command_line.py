"""The command line with all services behind it, as its users type it."""

import asyncio
import json
import stat
import sys
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.documents import line, order
from tests.suite import Suite, eventually
from tests.wire import Intruder

REFUSED, NOT_ALLOWED, NOT_THERE = 3, 4, 5
MANY = 1_500
"""Lines: three pieces."""


class Said(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        return [json.loads(one) for one in self.out.splitlines()]


class Shell:
    """Types commands; where Patchbay is stands in the environment."""

    def __init__(self, suite: Suite, home: Path) -> None:
        self.env = {
            "PATH": "/usr/bin:/bin",
            "XDG_CONFIG_HOME": str(home),
            "PATCHBAY_URL": suite.stack.url("gateway"),
            "PATCHBAY_API_KEY": suite.stack.api_key,
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "patchbay_cli.main", *words)
        return await asyncio.create_subprocess_exec(*command, env=self.env, stdout=pipe, stderr=pipe)

    async def type(self, *words: str) -> Said:
        running = await self.start(*words)
        out, err = await running.communicate()
        assert running.returncode is not None
        return Said(running.returncode, out.decode(), err.decode())


@pytest.fixture
def shell(suite: Suite, tmp_path: Path) -> Shell:
    return Shell(suite, tmp_path)


def written(folder: Path, *documents: Any) -> str:
    file = folder / f"{uuid4().hex}.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return str(file)


async def test_a_file_that_is_submitted_twice_is_ordered_once_and_tells_which_lines_are_bad(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    good = [order(line()), order()]
    file = written(tmp_path, good[0], {"lines": []}, good[1])
    first = await shell.type("--json", "orders", "submit", "--wait", file)
    *lines, end = first.rows
    assert (first.code, ["error" in one for one in lines]) == (REFUSED, [False, True, False])
    assert (await shell.type("orders", "submit", file, "--json")).rows == [end]
    again = await shell.type("orders", "submit", file)
    assert again.code == REFUSED
    assert "1 refused, 2 completed" in again.out
    await suite.once_each([one["id"] for one in lines if "id" in one], good)
    batch = end["batch"]["id"]
    assert f"patchbay batches results {batch}" in again.err
    results = (await shell.type("batches", "results", batch)).rows
    assert [one["state"] for one in results] == ["completed", "refused", "completed"]


async def test_a_file_is_submitted_to_its_end_though_the_gateway_is_killed(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    documents = [order() for _ in range(MANY)]
    running = await shell.start("--json", "orders", "submit", written(tmp_path, *documents))
    assert running.stdout is not None
    first = await running.stdout.readline()
    suite.stack.kill("gateway")
    suite.start("gateway")
    out, err = await running.communicate()
    assert running.returncode == 0, err.decode()
    *told, _ = (json.loads(one) for one in (first + out).splitlines())
    assert {one["line"] for one in told} == set(range(1, MANY + 1))
    confirmed = {one["id"] for one in told}
    assert len(confirmed) == MANY
    await suite.once_each(list(confirmed), documents)


async def test_a_dry_run_says_what_would_come_of_a_file_and_places_nothing(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    documents = [order(line()), order(line(price_list="christmas-gbp"))]
    said = await shell.type("orders", "submit", "--dry-run", written(tmp_path, *documents))
    assert said.code == REFUSED, said.err
    assert "1 would be accepted, 1 refused" in said.out
    assert "christmas-gbp" in said.err
    references = [one["reference"] for one in documents]
    assert not await suite.rows("gateway", "SELECT id FROM orders WHERE reference = ANY($1::text[])", references)


async def test_an_order_is_placed_watched_shown_and_among_the_events(shell: Shell, tmp_path: Path) -> None:
    placed = await shell.type("orders", "place", "--watch", written(tmp_path, order(line())))
    id_, *moves, end = placed.out.splitlines()
    assert (placed.code, end.split()[-1]) == (0, "completed")
    assert {"customer asked", "numbers asked", "billing asked"} <= {" ".join(move.split()[2:4]) for move in moves}
    *again, ended = (await shell.type("--json", "orders", "watch", id_)).rows
    assert (again[0]["what"], ended["state"]) == ("asked", "completed")
    assert "ms  numbers.NumbersHeld" in (await shell.type("orders", "show", id_)).out
    (event,) = (await shell.type("--json", "events", "tail", "--order", id_, "--type", "order.completed")).rows
    assert event["data"]["order_id"] == id_


async def test_numbers_are_searched_held_and_given_back(shell: Shell) -> None:
    found = (await shell.type("--json", "numbers", "search", "--prefix", "0121", "--count", "2")).rows[0]["numbers"]
    basket, wanted = str(uuid4()), [one["e164"] for one in found]
    assert (await shell.type("numbers", "hold", "--basket", basket, *wanted)).code == 0
    rival = await shell.type("numbers", "hold", wanted[0])
    assert (rival.code, "is taken" in rival.err) == (REFUSED, True)
    assert len((await shell.type("--json", "numbers", "held", "--basket", basket)).rows[0]["held"]) == 2
    assert (await shell.type("numbers", "release", "--basket", basket)).err.strip() == "2 given back"


async def test_a_key_is_made_used_given_a_new_secret_and_revoked(shell: Shell) -> None:
    made = (await shell.type("--json", "keys", "add", "night desk", "--scope", "orders")).rows[0]
    mine = shell.env["PATCHBAY_API_KEY"]
    shell.env["PATCHBAY_API_KEY"] = made["key"]
    assert (await shell.type("orders", "list", "--limit", "1")).code == 0
    assert (await shell.type("keys", "list")).code == NOT_ALLOWED
    shell.env["PATCHBAY_API_KEY"] = mine
    new = (await shell.type("keys", "rotate", "--overlap", "0", made["id"])).out.strip()
    assert made["id"] in new != made["key"]
    assert (await shell.type("--json", "keys", "revoke", made["id"])).rows[0]["state"] == "revoked"
    assert "night desk" in (await shell.type("keys", "list")).out


async def test_a_webhook_that_cannot_be_reached_is_told_by_its_test(shell: Shell) -> None:
    assert (await shell.type("webhooks", "add", "ftp://example.com/")).code == REFUSED
    added = await shell.type("--json", "webhooks", "add", "http://127.0.0.1:9/", "--type", "order.failed")
    (made,) = added.rows
    assert made["secret"].startswith("whsec_")
    assert (await shell.type("webhooks", "test", made["id"])).code == REFUSED
    assert made["id"] in (await shell.type("webhooks", "list")).out
    assert made["id"] in [one["id"] for one in (await shell.type("--json", "webhooks", "list")).rows]
    assert (await shell.type("webhooks", "remove", made["id"])).code == 0
    assert made["id"] not in (await shell.type("webhooks", "list")).out


async def test_who_signs_in_is_known_to_the_next_command(shell: Shell, tmp_path: Path) -> None:
    url, key = shell.env.pop("PATCHBAY_URL"), shell.env.pop("PATCHBAY_API_KEY")
    assert (await shell.type("orders", "list")).code == NOT_ALLOWED
    assert (await shell.type("login", "--url", url, "--key", "wrong")).code == NOT_ALLOWED
    assert (await shell.type("login", "--url", url, "--key", key)).code == 0
    kept = tmp_path / "patchbay" / "config.toml"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (await shell.type("orders", "show", str(uuid4()))).code == NOT_THERE


async def test_dead_letters_are_listed_shown_and_replayed_once(suite: Suite, shell: Shell) -> None:
    assert (await shell.type("dlq", "list")).code == NOT_ALLOWED
    shell.env["PATCHBAY_API_KEY"] = suite.stack.around.inventory_key
    async with Intruder(suite) as intruder:
        origin = await intruder.put("billing.commands.v1", b"poison", b"k", {})
    _, partition, offset = origin.split("/")

    async def there() -> Any:
        rows = (await shell.type("--json", "dlq", "list", "--service", "billing", "--not-replayed")).rows
        return next((one for one in rows if [one["partition"], one["offset"]] == [int(partition), int(offset)]), None)

    letter = (await eventually(there))["id"]
    assert "poison" in (await shell.type("dlq", "show", letter)).out
    assert (await shell.type("dlq", "replay", letter, "--reason", "seen to")).code == 0
    assert (await shell.type("dlq", "replay", letter, "--reason", "seen to")).code == REFUSED
    assert (await shell.type("dlq", "show", str(uuid4()))).code == NOT_THERE


async def test_the_machine_and_stuck_orders_are_looked_at(suite: Suite, shell: Shell, tmp_path: Path) -> None:
    shell.env["PATCHBAY_API_KEY"] = suite.stack.around.inventory_key
    placed = (await shell.type("orders", "place", written(tmp_path, order(line())))).out.strip()
    assert (await shell.type("orders", "watch", placed)).code == 0
    assert (await shell.type("orders", "retry", placed, "--reason", "in vain")).code == REFUSED
    assert (await shell.type("orders", "stuck")).code == 0
    (lag,) = (await shell.type("--json", "operations", "lag")).rows
    assert "provisioning.replies.v1" in {one["topic"] for one in lag["groups"]}
    assert "billing" in (await shell.type("operations", "steps")).out
    assert "answers" in (await shell.type("operations", "replicas")).out
