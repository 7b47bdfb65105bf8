"""Customers, accounts, services and orders at the command line, with all services behind it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.documents import existing, line, new_number, order
from tests.suite import Suite
from tests.test_command_line import NOT_THERE, REFUSED, Shell, shell, written

__all__ = ["shell"]
USAGE = 2


async def placed(shell: Shell, folder: Path, document: Any) -> str:
    return (await shell.type("orders", "place", written(folder, document))).out.strip()


async def test_a_service_is_found_changed_and_ended(suite: Suite, shell: Shell, tmp_path: Path) -> None:
    document = order(line())
    id_ = await placed(shell, tmp_path, document)
    await suite.shows(id_, "completed")
    (listed,) = (await shell.type("--json", "services", "list", "--order", id_)).rows
    own, customer = listed["id"], listed["customer_id"]
    assert own in (await shell.type("services", "list", "--number", listed["numbers"][0])).out
    (shown,) = (await shell.type("--json", "customers", "show", customer)).rows
    assert shown["email"] == document["customer"]["email"]
    found = await shell.type("--json", "customers", "list", "--text", shown["email"])
    assert [one["id"] for one in found.rows] == [customer]
    assert "Ada Lovelace" in (await shell.type("customers", "show", customer)).out
    for of in (customer, shown["email"]):
        assert [one["id"] for one in (await shell.type("--json", "orders", "list", "--customer", of)).rows] == [id_]
    # Others may have had the number before, and failed: the newest comes first.
    newest, *_ = (await shell.type("--json", "orders", "list", "--number", listed["numbers"][0])).rows
    assert newest["id"] == id_

    suspend = written(tmp_path, {"wanted": {"kind": "suspend"}, "why": "not paid"})
    assert (await shell.type("services", "change", own, suspend, "--dry-run")).code == 0
    seen = written(tmp_path, {"version": listed["version"], "wanted": {"kind": "suspend"}, "why": "not paid"})
    done = [await shell.type("--json", "services", "change", own, seen, "--wait", "--key", own) for _ in range(2)]
    assert [one.code for one in done] == [0, 0]
    assert len({one.rows[0]["id"] for one in done}) == 1
    (shown,) = (await shell.type("--json", "services", "show", own)).rows
    assert (shown["state"], shown["version"]) == ("suspended", listed["version"] + 1)
    assert (await shell.type("services", "change", own, suspend, "--dry-run")).code == REFUSED
    assert (await shell.type("services", "cease", own, "--why", "moved away", "--wait")).code == 0
    assert "ended" in (await shell.type("services", "show", own)).out
    kinds = [one["kind"] for one in (await shell.type("--json", "services", "history", own)).rows]
    assert kinds == ["end", "suspend"]
    assert (await shell.type("services", "show", str(uuid4()))).code == NOT_THERE
    assert (await shell.type("customers", "show", str(uuid4()))).code == NOT_THERE
    assert (await shell.type("services", "cease", own)).code == USAGE
    assert (await shell.type("services", "change", own, suspend, "--key", "a")).code == USAGE


async def test_a_customer_orders_as_far_as_its_account_lets_it(suite: Suite, shell: Shell, tmp_path: Path) -> None:
    customer = (await suite.ended(order(line())))["outcome"]["customer_id"]
    why = ("--why", "not paid")

    async def account(*words: str) -> Any:
        said = await shell.type("--json", "accounts", words[0], customer, *words[1:])
        assert said.code == 0, said.err
        return said.rows[0]

    async def ordered() -> str:
        shown = await suite.ended(order(line(), customer=existing(customer)))
        return str(shown["state"] if shown["state"] == "completed" else shown["outcome"]["reason"])

    assert (await account("block", *why))["state"] == "blocked"
    assert await ordered() == "account_blocked"
    assert (await account("unblock", *why))["state"] == "active"
    used = (await account("limit", "--amount", "-0.00", "--currency", "GBP", *why))["used"]["amount"]
    assert await ordered() == "credit_exceeded"
    assert (await account("limit", "--amount", "1000.0001", "--currency", "GBP", *why))["used"]["amount"] == used
    assert await ordered() == "completed"
    assert float((await account("show"))["used"]["amount"]) > float(used) > 0
    shown = await account("limit", "--lift", *why)
    assert (shown["limit"], shown["used"], {one["why"] for one in shown["changes"]}) == (None, None, {"not paid"})
    assert [one["action"] for one in shown["changes"]] == [
        "limit lifted", "limited to 1000.0001 GBP a month", "limited to 0 GBP a month", "unblocked", "blocked",
    ]  # fmt: skip
    assert (await shell.type("accounts", "show", str(uuid4()))).code == NOT_THERE
    assert (await shell.type("accounts", "limit", customer, *why)).code == USAGE


async def test_orders_are_amended_and_taken_back(suite: Suite, shell: Shell, tmp_path: Path) -> None:
    taken, other = new_number(), new_number()
    await suite.ended(order(line(numbers={"exact": [taken]})))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    waits = order(line(numbers={"exact": [taken]}), failure="back_order", until=until)
    amended, gone = [await placed(shell, tmp_path, waits | {"reference": uuid4().hex}) for _ in range(2)]
    for id_ in (amended, gone):
        await suite.shows(id_, "back_ordered")
    wanted = written(tmp_path, {"lines": [{"line": 0, "numbers": {"exact": [other]}}]})
    assert (await shell.type("orders", "amend", amended, wanted)).code == 0
    assert (await suite.shows(amended, "completed", "failed"))["state"] == "completed"
    assert (await shell.type("orders", "amend", amended, wanted)).code == REFUSED
    back = await shell.type("orders", "cancel", gone, "--reason", "not wanted any more", "--wait")
    assert back.code == 0, back.err
    again = await shell.type("--json", "orders", "cancel", gone, "--reason", "not wanted any more")
    assert [one["state"] for one in again.rows] == ["cancelled"]
    refused = await shell.type("--json", "orders", "cancel", amended, "--reason", "too late")
    assert (refused.code, json.loads(refused.err)["error"]["status"]) == (REFUSED, 409)
