"""An inventory manager loads whole lists from CSV: streamed, with progress, and as often as it likes."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from numbers_service import handlers
from patchbay_chassis.database import Database
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.blocks import BlockStated

from .listed import BLOCKS, FIRST, HOME, NUMBERS, counts, load_list, numbers, reasons, refused_file
from .managing import WHY, ask, block, blocks, load, log
from .serving import Served


async def test_a_list_of_blocks_is_loaded_with_progress(served: Served) -> None:
    rows = "".join(f"+{FIRST + at * 100},100,{HOME}\n" for at in range(2_500))
    lines = await load_list(served, "blocks", BLOCKS + rows)
    assert [counts(line) for line in lines] == [
        ("loading", 1_000, 1_000, 0, 0),
        ("loading", 2_000, 2_000, 0, 0),
        ("loading", 2_500, 2_500, 0, 0),
        ("done", 2_500, 2_500, 0, 0),
    ]
    assert len({one.block for one in served.kafka.said if isinstance(one, BlockStated)}) == 2_500
    assert await log(served) == [("ann", "list loaded", WHY)]
    shown = await ask(served, "GET", f"/loads/{lines[-1]['load']}")
    assert (counts(shown), shown["who"], shown["why"], shown["kind"]) == (counts(lines[-1]), "ann", WHY, "blocks")


async def test_numbers_in_a_row_make_the_largest_blocks_that_are_whole(served: Served) -> None:
    content = NUMBERS + numbers((FIRST - 200, 200), (FIRST, 10_000), (FIRST + 10_000, 1_100))
    lines = await load_list(served, "numbers", content)
    assert counts(lines[-1]) == ("done", 11_300, 11_300, 0, 0)
    assert await blocks(served) == [
        (FIRST - 200, 100),
        (FIRST - 100, 100),
        (FIRST, 10_000),
        (FIRST + 10_000, 1_000),
        (FIRST + 11_000, 100),
    ]


async def test_numbers_of_different_pools_and_countries_make_blocks_of_their_own(served: Served) -> None:
    content = (
        NUMBERS
        + numbers((FIRST, 500))
        + numbers((FIRST + 500, 500), home="44,0,Manchester,reseller,acme")
        + numbers((4721001000, 1_000), home="47,,Oslo,public,")
    )
    assert counts((await load_list(served, "numbers", content))[-1]) == ("done", 2_000, 2_000, 0, 0)
    rows = await served.rows("SELECT pool, owner, country, count(*) FROM block WHERE area <> 'x' GROUP BY 1, 2, 3")
    found = {(row.pool, row.owner, row.country): row.count for row in rows}
    assert found["public", "", "47"] == 1
    assert len(await blocks(served)) == 10


@pytest.mark.parametrize("kind", ["blocks", "numbers"])
async def test_the_same_list_again_is_there_already(served: Served, kind: str) -> None:
    content = BLOCKS + f"+{FIRST},1000,{HOME}\n" if kind == "blocks" else NUMBERS + numbers((FIRST, 1_000))
    first = (await load_list(served, kind, content))[-1]
    served.kafka.said.clear()
    again = (await load_list(served, kind, content))[-1]
    assert (again["loaded"], again["there_already"]) == (0, first["loaded"])
    assert served.kafka.said == []
    assert len(await log(served)) == 1
    (entry,) = (await ask(served, "GET", f"/log?number=%2B{FIRST + 999}"))["entries"]
    assert (entry["what"], entry["detail"]["load"]) == ("list loaded", first["load"])
    assert again["load"] != first["load"]


async def test_a_last_row_that_lacks_nothing_but_its_line_break_is_loaded(served: Served) -> None:
    (*_, last) = await load_list(served, "numbers", (NUMBERS + numbers((FIRST, 100)))[:-1])
    assert counts(last) == ("done", 100, 100, 0, 0)


async def test_columns_in_another_order_and_with_quotes_are_read_by_their_names(served: Served) -> None:
    content = "\ufeffOWNER,pool,area,trunk,country,e164\r\n" + "".join(
        f',public,"Newcastle, ""Tyne""",0,44,{n}\r\n' for n in range(FIRST, FIRST + 100)
    )
    (*_, last) = await load_list(served, "numbers", content)
    assert counts(last) == ("done", 100, 100, 0, 0)
    (row,) = await served.rows("SELECT area FROM block WHERE first = $1", FIRST)
    assert row.area == 'Newcastle, "Tyne"'


@pytest.mark.parametrize("between", [";", "\t"])
async def test_a_list_may_have_semicolons_or_tabs_between_its_columns(served: Served, between: str) -> None:
    content = (NUMBERS + numbers((FIRST, 101))).replace(",", between)
    (*_, last) = await load_list(served, "numbers", content)
    assert counts(last) == ("done", 101, 100, 0, 1)
    file = await refused_file(served, last["load"])
    assert f",+{FIRST + 100},{HOME}\n" in file  # with commas, to be corrected and loaded


async def test_what_came_before_the_caller_went_away_stays_and_the_list_again_loads_the_rest(served: Served) -> None:
    content = (NUMBERS + numbers((FIRST, 20_000))).encode()
    received: list[dict[str, Any]] = [
        {"type": "http.request", "body": content[: len(content) * 3 // 4], "more_body": True}
    ]
    messages = iter([*received, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    query = f"kind=numbers&who=ann&why={WHY.replace(' ', '%20')}".encode()
    scope = {"type": "http", "method": "POST", "path": "/inventory/loads", "query_string": query, "headers": []}
    await served.app(scope, receive, send)
    last = json.loads(sent[-2]["body"])
    assert counts(last) == ("cut_off", 10_000, 10_000, 0, 0)
    assert (await ask(served, "GET", f"/loads/{last['load']}"))["state"] == "cut_off"
    assert await blocks(served) == [(FIRST, 10_000)]
    again = await load_list(served, "numbers", content)
    assert counts(again[-1]) == ("done", 20_000, 10_000, 10_000, 0)


async def test_it_does_not_matter_into_which_pieces_the_network_cuts_a_list(served: Served) -> None:
    content = (NUMBERS + numbers((FIRST, 300), home="44,0,Mühlhausen,public,")).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 7):
            yield content[at : at + 7]

    assert counts((await load_list(served, "numbers", pieces()))[-1]) == ("done", 300, 300, 0, 0)


async def test_numbers_beside_blocks_that_are_there_fill_what_is_left(served: Served) -> None:
    await load(served, block(FIRST + 300, 100), block(FIRST + 500, 100, pool="reseller", owner="acme"))
    (*_, last) = await load_list(served, "numbers", NUMBERS + numbers((FIRST, 1_000)))
    assert counts(last) == ("done", 1_000, 800, 100, 100)
    assert all("in the reseller pool of acme" in why for why in (await reasons(served, last["load"])).values())


async def test_the_order_of_rows_does_not_matter_within_a_few_ten_thousands(served: Served) -> None:
    rows = numbers((FIRST, 10_000), (FIRST + 20_000, 1_000), (4721001000, 1_000)).splitlines()
    rows = [row.replace(",44,0,Manchester", ",47,,Oslo") if row.startswith("+47") else row for row in rows]
    random.Random(4).shuffle(rows)
    (*_, last) = await load_list(served, "numbers", NUMBERS + "\n".join(rows) + "\n")
    assert counts(last) == ("done", 12_000, 12_000, 0, 0)
    assert await blocks(served) == [(FIRST, 10_000), (FIRST + 20_000, 1_000)]


async def test_a_load_that_lost_its_database_says_so_and_the_same_list_again_loads_the_rest(
    served: Served, postgres: str, database_url: str
) -> None:
    content = (NUMBERS + numbers((FIRST, 20_000))).encode()
    name = database_url.rpartition("/")[2]
    admin = await Database(f"{postgres}/postgres", "tests").connect()

    async def pieces() -> AsyncIterator[bytes]:
        yield content[: len(content) * 3 // 4]
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        yield content[len(content) * 3 // 4 :]

    (*_, last) = await load_list(served, "numbers", pieces())
    assert counts(last) == ("stopped", 10_000, 10_000, 0, 0)
    assert last["detail"] == "the database cannot be reached: load the same list again"
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await admin.close()
    again = await load_list(served, "numbers", content)
    assert counts(again[-1]) == ("done", 20_000, 10_000, 10_000, 0)


async def test_a_list_that_another_manager_was_in_the_way_of_is_loaded_all_the_same(served: Served) -> None:
    async def is_waiting() -> bool:
        query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO block%'"
        return bool(await served.rows(query))

    insert = "INSERT INTO block VALUES ($1::bigint, $1 + 99, '44', '0', 'Manchester', 'public', '')"
    other = await served.database.connect()
    await other.execute("SET deadlock_timeout = '1 h'")
    await other.execute("BEGIN")
    await other.execute(insert, FIRST + 100)
    content = BLOCKS + f"+{FIRST},100,{HOME}\n+{FIRST + 100},100,{HOME}\n"
    loading = asyncio.create_task(load_list(served, "blocks", content))
    await eventually(is_waiting)
    await other.execute(insert, FIRST)  # now each waits for the other, and the list gives way
    await other.execute("ROLLBACK")
    assert counts((await loading)[-1]) == ("done", 2, 2, 0, 0)
    assert await blocks(served) == [(FIRST, 100), (FIRST + 100, 100)]
    await other.close()


async def test_a_load_whose_process_was_killed_is_shown_and_recorded_as_broken_off(served: Served) -> None:
    content = NUMBERS + numbers((FIRST, 300))
    (*_, last) = await load_list(served, "numbers", content)
    await served.do("UPDATE load SET state = 'loading', progress_at = now() - interval '9 minutes'")
    assert (await ask(served, "GET", f"/loads/{last['load']}"))["state"] == "loading"
    await served.do("UPDATE load SET progress_at = now() - interval '11 minutes'")
    shown = await ask(served, "GET", f"/loads/{last['load']}")
    assert counts(shown) == ("broken_off", 300, 300, 0, 0)
    assert "load the same list again, which loads what is missing" in shown["detail"]
    async with served.running.turn() as turn:
        await handlers.break_off_loads_without_progress(turn.db)
    assert [row.state for row in await served.rows("SELECT state FROM load")] == ["broken_off"]


async def test_each_batch_of_a_load_is_progress(served: Served) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield (NUMBERS + numbers((FIRST, 1_000))).encode()
        await served.do("UPDATE load SET state = 'broken_off', progress_at = now() - interval '1 day'")
        yield numbers((FIRST + 1_000, 1_000)).encode()

    (*_, last) = await load_list(served, "numbers", pieces())
    assert (await ask(served, "GET", f"/loads/{last['load']}"))["state"] == "done"
    (row,) = await served.rows("SELECT now() - progress_at AS age FROM load")
    assert row.age < timedelta(hours=1)


async def test_refused_rows_are_kept_for_a_time_and_then_said_to_be_gone(served: Served) -> None:
    old = (await load_list(served, "numbers", f"{NUMBERS}?\n?\n"))[-1]["load"]
    await served.do("UPDATE load SET progress_at = now() - interval '91 days'")
    new = (await load_list(served, "numbers", f"{NUMBERS}?\n"))[-1]["load"]
    async with served.running.turn() as turn:
        await handlers.forget_refused_rows(turn.db)
    assert set(await reasons(served, new)) == {2}
    gone = await served.client.get(f"/inventory/loads/{old}/refused")
    assert (gone.status_code, gone.json()["title"]) == (410, "The refused rows are not kept any more")
