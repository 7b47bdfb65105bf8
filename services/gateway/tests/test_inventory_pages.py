"""The pages of the inventory: for who keeps it and acts for all resellers, and for nobody else."""

import csv
import io
from typing import Any

import pytest
from aiohttp import web

from .behind import Behind, refuses, says
from .conftest import Gateway
from .everybody import BLOCKS
from .operators import ANNA, Visitor, add_operator
from .registry import ADA, SERVICE

LOADED = "/inventory/loads/0190b2a0-0000-7000-8000-000000000002"
PAGES = (
    *("/inventory", "/inventory.csv", "/inventory/pools", "/inventory/log", "/inventory/load", "/inventory/lend"),
    *(
        "/inventory/grade",
        "/inventory/rules",
        "/inventory/quarantine",
        "/inventory/number?number=%2B441217370420",
        LOADED,
    ),
)
POOL = {
    "pool": "reseller",
    "owner": "acme",
    "blocks": 3,
    "borrowed": 100,
    "as_of": "2026-06-01T12:00:00Z",
    "quarantine_days": 30,
}
COUNTS = {"size": 3000, "free": 1953, "held": 7, "assigned": 1030, "quarantined": 10, "lent": 0}
ENTRY = {
    "id": "0190b2a0-0000-7000-8000-000000000003", "at": "2026-06-01T12:00:00Z", "who": "operator:ines@house.example",
    "why": "ticket 4711", "what": "lent to the reseller pool acme",
    "detail": {"numbers": 100, "ranges": [["+441217370000", "+441217370099"]]},
}  # fmt: skip


async def visitor(gateway: Gateway, *roles: str, resellers: tuple[str, ...] = ("*",)) -> Visitor:
    await add_operator(gateway, roles=roles, resellers=resellers)
    ines = Visitor(gateway)
    await ines.sign_in(ANNA)
    return ines


@pytest.mark.parametrize("role", ["inventory", "administrator"])
async def test_who_keeps_numbers_sees_blocks_with_what_is_used_of_them(
    behind: Behind, gateway: Gateway, role: str
) -> None:
    behind.numbers.answers = says(BLOCKS)
    ines = await visitor(gateway, role)
    page = (await ines.get("/inventory")).text
    assert ("+441217370000" in page, "Birmingham" in page, "a reseller&#39;s: acme" in page) == (True, True, True)
    assert all(f'<td class="text-end">{many}</td>' in page for many in ("1,000", "953", "7", "30", "10", "100"))
    assert 'href="/inventory"' in (await ines.get("/")).text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("roles", "resellers"),
    [(("operator", "billing"), ("*",)), (("inventory", "administrator"), ("acme", "borealis")), ((), ("*",))],
)
async def test_nobody_else_sees_the_inventory(
    behind: Behind, gateway: Gateway, path: str, roles: tuple[str, ...], resellers: tuple[str, ...]
) -> None:
    somebody = await visitor(gateway, *roles, resellers=resellers)
    answer = await somebody.get(path)
    assert (answer.status_code, "You may not see this page" in answer.text) == (403, True)
    assert behind.numbers.asked == []
    assert 'href="/inventory"' not in (await somebody.get("/")).text


async def test_the_role_inventory_alone_opens_nothing_but_numbers(behind: Behind, gateway: Gateway) -> None:
    behind.numbers.answers = says(BLOCKS)
    ines = await visitor(gateway, "inventory")
    closed = ("/wizard", "/customers", "/orders", "/catalogue", "/price-lists", "/operators", "/operations")
    assert {(await ines.get(path)).status_code for path in closed} == {403}
    assert "You have no role yet" not in (await ines.get("/")).text


async def test_a_block_is_found_behind_however_many_short_ones(behind: Behind, gateway: Gateway) -> None:
    firsts = [441_214_960_000 + 100 * n for n in range(110)]

    async def answers(request: web.Request) -> web.StreamResponse:
        after, limit = int(request.query.get("after", "+0")[1:]), int(request.query["limit"])
        here = [first for first in firsts if first > after]
        rows = [
            BLOCKS["usage"][0] | {"block": str(first), "last": str(first + 99), "size": 100} for first in here[:limit]
        ]
        return await says({"usage": rows, "next": f"+{here[limit - 1]}" if len(here) > limit else None})(request)

    behind.numbers.answers = answers
    ines = await visitor(gateway, "inventory")
    page = (await ines.client.get("/inventory", params={"number": "+441214969950"})).text
    assert [first for first in firsts if f"+{first}" in page] == [441_214_969_900]
    assert "after=%2B441214969900" in page


@pytest.mark.parametrize("typed", ["+44 121 737 1007", "00441217371007", "441217371007"])
async def test_blocks_are_shown_from_the_one_that_has_a_number(behind: Behind, gateway: Gateway, typed: str) -> None:
    behind.numbers.answers = says(BLOCKS)
    page = await (await visitor(gateway, "inventory")).client.get("/inventory", params={"number": typed})
    assert ("+441217371000" in page.text, "+441217370999" in page.text) == (True, False)
    assert dict(behind.numbers.asked[-1].query)["after"] == "+441217361007"


@pytest.mark.parametrize("typed", ["0121 737 1007", "x", "12345678901234567", "+44121"])
async def test_what_is_no_number_is_said_at_the_field(behind: Behind, gateway: Gateway, typed: str) -> None:
    page = await (await visitor(gateway, "inventory")).client.get("/inventory", params={"number": typed})
    assert (page.status_code, 'id="number-error"' in page.text) == (422, True)
    assert behind.numbers.asked == []


@pytest.mark.parametrize("path", ["/inventory", "/inventory/pools"])
async def test_a_page_that_is_not_there_is_said(behind: Behind, gateway: Gateway, path: str) -> None:
    behind.numbers.answers = refuses({"parameter": "after", "message": "no cursor"})
    page = await (await visitor(gateway, "inventory")).get(f"{path}?after=nonsense")
    assert (page.status_code, "This page of the list is not there" in page.text) == (422, True)


NUMBER = {"e164": "+441217370420", "since": "2026-06-01T12:00:00Z", "reseller": "acme"}
OF_BLOCK = {
    "block": "+441217370000",
    "area": "Birmingham",
    "pool": "reseller",
    "owner": "acme",
    "grade": "gold",
    "rule": "ABAB",
}
IN_SERVICE = {"e164": "+441217370420", "service_id": str(SERVICE), "customer_id": str(ADA), "reseller": "acme"}


def knows(behind: Behind, number: dict[str, Any], *entries: dict[str, Any]) -> None:
    """The numbers service knows that number, and these changes of it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        changes = {"entries": entries, "next": None}
        return await says(changes if request.path == "/inventory/log" else number)(request)

    behind.numbers.answers = answer


async def test_a_number_is_looked_up_whosever_it_is(behind: Behind, gateway: Gateway) -> None:
    acme = {"id": "acme", "name": "Acme", "email": "orders@acme.example", "state": "active"}
    behind.customer.answers = says({"resellers": [acme]})
    knows(behind, NUMBER | OF_BLOCK | {"state": "assigned"}, ENTRY)
    of_type = {"service_type": "voice-line", "state": "active"}
    behind.provisioning.answers = says({"numbers": [IN_SERVICE | of_type], "more": False})
    ines = await visitor(gateway, "inventory", "operator")
    page = (await ines.client.get("/inventory/number", params={"number": "+44 121 737 0420"})).text
    assert all(said in page for said in ("in service", "gold (ABAB)", "a reseller&#39;s: acme", f"/services/{SERVICE}"))
    assert all(said in page for said in ("ticket 4711", "lent to the reseller pool acme", "ines@house.example"))
    number, log = behind.numbers.asked[-2:]
    assert (number.path, dict(log.query)["number"]) == ("/inventory/numbers/+441217370420", "+441217370420")


async def test_a_number_at_rest_says_until_when(behind: Behind, gateway: Gateway) -> None:
    knows(behind, NUMBER | OF_BLOCK | {"state": "quarantined", "until": "2026-07-01T12:00:00Z"})
    page = (await (await visitor(gateway, "inventory")).get("/inventory/number?number=%2B441217370420")).text
    assert all(said in page for said in ("at rest", "1 Jul 2026", "No change of the inventory names it."))


async def test_a_number_that_is_in_no_block_is_said_at_the_field(behind: Behind, gateway: Gateway) -> None:
    behind.numbers.answers = refuses({"message": "unknown"}, status=404)
    page = await (await visitor(gateway, "inventory")).get("/inventory/number?number=%2B441217370420")
    assert (page.status_code, 'id="number-error"' in page.text) == (422, True)


async def test_all_blocks_are_downloaded_page_by_page(behind: Behind, gateway: Gateway) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        at = request.query.get("after")
        rows = BLOCKS["usage"]
        return await says({"usage": rows[1:] if at else rows[:1], "next": None if at else "+441217370000"})(request)

    behind.numbers.answers = answer
    file = await (await visitor(gateway, "inventory")).get("/inventory.csv")
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(file.text.removeprefix("\N{BYTE ORDER MARK}"))))
    assert [(row["first"].lstrip("'"), row["owner"], row["free"]) for row in rows] == [
        ("+441217370000", "", "953"), ("+441217371000", "acme", "953")
    ]  # fmt: skip


async def test_pools_and_changes_are_seen(behind: Behind, gateway: Gateway) -> None:
    ines = await visitor(gateway, "inventory")
    behind.numbers.answers = says({"usage": [POOL | COUNTS], "next": "reseller:acme"})
    page = (await ines.get("/inventory/pools")).text
    assert ("a reseller&#39;s: acme" in page, "1,953" in page, "after=reseller%3Aacme" in page) == (True, True, True)
    behind.numbers.answers = says({"entries": [ENTRY], "next": ENTRY["id"]})
    log = (await ines.get("/inventory/log")).text
    assert all(said in log for said in ("ticket 4711", "ines@house.example", "+441217370000 – +441217370099"))
    assert f"after={ENTRY['id']}" in log
    await ines.client.get("/inventory/log", params={"number": "+44 121 737 0007"})
    assert dict(behind.numbers.asked[-1].query)["number"] == "+441217370007"


@pytest.mark.parametrize(
    "path", [path for path in PAGES if path.rpartition("/")[2] not in {"load", "lend", "quarantine", "grade"}]
)
async def test_while_the_numbers_service_is_away_a_page_says_so(behind: Behind, gateway: Gateway, path: str) -> None:
    behind.numbers.answers = says({}, 503)
    answer = await (await visitor(gateway, "inventory")).get(path)
    assert answer.status_code in {502, 503}
    assert "<h1" in answer.text
