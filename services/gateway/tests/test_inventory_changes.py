"""Numbers are loaded, lent, taken back and rested on pages, by who keeps the inventory, with who it is and why."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from .behind import Behind, refuses, says
from .conftest import Gateway
from .operators import ANNA, Visitor
from .test_inventory_pages import LOADED, visitor

ACME = {"id": "acme", "name": "Acme", "email": "orders@acme.example", "state": "active"}
LEND = {"do": "lend", "numbers": "+441217370000", "pool": "reseller", "owner": "acme", "why": "ticket 4711"}
REST = {"pool": "reseller", "owner": "acme", "days": "30", "why": "as agreed"}
ROWS = "first,size,country,trunk,area,pool,owner\n+441217370000,1000,44,0,Birmingham,public,\n"
DONE = {"load": LOADED.rpartition("/")[2], "state": "done", "rows": 3, "loaded": 2, "there_already": 0, "refused": 1}


@pytest_asyncio.fixture
async def ines(behind: Behind, gateway: Gateway) -> Visitor:
    behind.customer.answers = says({"resellers": [ACME]})
    return await visitor(gateway, "inventory")


async def test_numbers_and_ranges_are_lent_and_what_was_not_is_said(behind: Behind, ines: Visitor) -> None:
    behind.numbers.answers = says(
        {
            "lent": [["+441217370000", "+441217370099"]],
            "not_free": [{"state": "assigned", "ranges": [["+441217370420", "+441217370420"]]}],
        }
    )
    typed = "+44 121 737 0000 – +44 121 737 0099\n\n+441217370420\n+441217370500-+441217370501"
    answer = await ines.post("/inventory/lend", LEND | {"numbers": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, "/inventory/lend")
    page = (await ines.get("/inventory/lend")).text
    assert all(said in page for said in ("lent now", "100", "not lent: in service", "+441217370420"))
    assert "lent now" not in (await ines.get("/inventory/lend")).text, "it is said once"
    call = behind.numbers.asked[-1]
    assert (call.method, call.path, dict(call.query)) == ("POST", "/inventory/lending", {"who": f"operator:{ANNA}"})
    assert call.document == {
        "why": "ticket 4711", "blocks": [], "numbers": [], "to": {"pool": "reseller", "owner": "acme"},
        "ranges": [["+441217370000", "+441217370099"], ["+441217370420"] * 2, ["+441217370500", "+441217370501"]],
    }  # fmt: skip


async def test_numbers_are_taken_back_whosever_they_are(behind: Behind, ines: Visitor) -> None:
    behind.numbers.answers = says({"returned": [["+441217370000", "+441217370000"]]})
    assert (await ines.post("/inventory/lend", LEND | {"do": "return", "pool": "", "owner": ""})).status_code == 303
    assert behind.numbers.asked[-1].path == "/inventory/lending/return"
    assert "taken back" in (await ines.get("/inventory/lend")).text


async def test_of_many_ranges_the_first_are_said_and_how_many_more_there_are(behind: Behind, ines: Visitor) -> None:
    apart = [[f"+{441217370000 + 2 * at}"] * 2 for at in range(1000)]
    in_use = [{"state": state, "ranges": apart} for state in ("held", "assigned", "quarantined")]
    said = {"lent": apart, "there_already": apart, "not_free": in_use, "lent_elsewhere": apart, "unknown": apart}
    behind.numbers.answers = says(said)
    await ines.post("/inventory/lend", LEND)
    page = (await ines.get("/inventory/lend")).text
    assert (page.count("and 988 more"), page.count("1,000")) == (7, 7)


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("do", "", "do"),
        ("do", "sell", "do"),
        ("numbers", "", "numbers"),
        ("numbers", "0121 737 0000", "numbers"),
        ("numbers", "+441217370009 – +441217370000", "numbers"),
        ("numbers", "+441217370000 – +441219370000", "numbers"),
        ("numbers", "\n".join(f"+44121737{n:04}" for n in range(1001)), "numbers"),
        ("pool", "", "pool"),
        ("pool", "public", "owner"),
        ("pool", "customer", "owner"),
        ("owner", "A C M E", "owner"),
        ("owner", "acmee", "owner"),
        ("why", "", "why"),
        ("why", "two\nlines", "why"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_nothing_is_lent(
    behind: Behind, ines: Visitor, field: str, value: str, at: str
) -> None:
    page = await ines.post("/inventory/lend", LEND | {field: value})
    assert (page.status_code, f'id="{at}-error"' in page.text) == (422, True)
    assert behind.numbers.asked == []


async def test_a_pool_rests_its_numbers_for_so_many_days_or_as_the_settings_say(behind: Behind, ines: Visitor) -> None:
    behind.numbers.answers = says({"changed": 1})
    for days, said in (("30", 30), ("", None)):
        answer = await ines.post("/inventory/quarantine", REST | {"days": days})
        assert answer.headers["location"] == "/inventory/pools"
        call = behind.numbers.asked[-1]
        assert (call.method, call.document["days"]) == ("PUT", said)
        assert call.document["of"] == {"pool": "reseller", "owner": "acme"}
    behind.numbers.answers = says({"usage": [], "next": None})
    assert "rest for so long" in (await ines.get("/inventory/pools")).text
    assert "rest for so long" not in (await ines.get("/inventory/pools")).text


@pytest.mark.parametrize(
    ("field", "value"), [("days", "-1"), ("days", "3651"), ("owner", ""), ("owner", "acmee"), ("why", "")]
)
async def test_a_rest_that_makes_no_sense_is_said_at_its_field(
    behind: Behind, ines: Visitor, field: str, value: str
) -> None:
    page = await ines.post("/inventory/quarantine", REST | {field: value})
    assert (page.status_code, f'id="{field}-error"' in page.text, behind.numbers.asked) == (422, True, [])


async def loaded(ines: Visitor, data: dict[str, Any], files: dict[str, Any] | None = None) -> httpx.Response:
    token = await ines.token("/inventory/load")
    return await ines.client.post("/inventory/load", data={"csrf": token} | data, files=files)


async def test_a_file_is_loaded_as_it_is_and_what_became_of_it_is_seen(behind: Behind, ines: Visitor) -> None:
    behind.numbers.answers = says(DONE)
    file = {"file": ("blocks.csv", ROWS.encode(), "text/csv")}
    answer = await loaded(ines, {"kind": "blocks", "why": "bought in June"}, file)
    assert answer.headers["location"] == LOADED
    call = behind.numbers.asked[-1]
    assert (call.path, call.kind, call.body) == ("/inventory/loads", "text/csv", ROWS.encode())
    assert dict(call.query) == {"who": f"operator:{ANNA}", "kind": "blocks", "why": "bought in June"}


@pytest.mark.parametrize("given", ["nothing", "both", "an empty file"])
async def test_one_of_file_and_rows_is_wanted(behind: Behind, ines: Visitor, given: str) -> None:
    files = None if given == "nothing" else {"file": ("b.csv", b"" if given == "an empty file" else b"x", "text/csv")}
    page = await loaded(ines, {"kind": "blocks", "why": "x", "csv": ROWS if given == "both" else ""}, files)
    assert (page.status_code, 'id="file-error"' in page.text, behind.numbers.asked) == (422, True, [])


async def test_a_list_that_is_refused_is_said_at_its_field_and_is_not_lost(behind: Behind, ines: Visitor) -> None:
    behind.numbers.answers = refuses({"message": "the head has no size", "remedy": "add it"})
    page = await loaded(ines, {"kind": "blocks", "why": "x", "csv": "first\n+441217370000"})
    assert (page.status_code, 'id="csv-error"' in page.text, "+441217370000" in page.text) == (422, True, True)


async def test_refused_rows_are_shown_with_what_is_wrong(behind: Behind, ines: Visitor) -> None:
    of = {"at": "2026-06-01T12:00:00Z", "who": "operator:ines@house.example", "why": "bought", "kind": "blocks"}

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/refused"):
            return web.Response(text='row,reason,first\n7,no size,"<b>1</b>"\n', content_type="text/csv")
        return await says(DONE | of)(request)

    behind.numbers.answers = answer
    page = (await ines.get(LOADED)).text
    assert all(said in page for said in ("bought", "Refused rows", "no size", "&lt;b&gt;1&lt;/b&gt;"))


async def test_of_many_refused_rows_the_first_are_shown(behind: Behind, ines: Visitor) -> None:
    of = {"at": "2026-06-01T12:00:00Z", "who": "operator:ines@house.example", "why": "bought", "kind": "numbers"}
    rows = "row,reason,e164\n" + "".join(f"{n},no number,{n:09}\n" for n in range(9_000))

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/refused"):
            return web.Response(text=rows, content_type="text/csv")
        return await says(DONE | of)(request)

    behind.numbers.answers = answer
    page = (await ines.get(LOADED)).text
    assert (page.count("no number"), "000000099" in page, "000000100" in page) == (100, True, False)
