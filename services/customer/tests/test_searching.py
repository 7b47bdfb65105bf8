"""Finding resellers and customers: by words, e-mail and reference, page by page, and nobody else's."""

import asyncio
from uuid import uuid4

import pytest

from customer_service import searching

from .serving import Served

HOSTILE = [
    "'; DROP TABLE customer; --",
    "<script>alert(1)</script>",
    "a' | 'b",
    "\\",
    "':*",
    "%",
    "(((",
    "!",
    "& | !",
    "ﷺ" * 40,
]


async def names_of(served: Served, **asked: object) -> list[str]:
    answer = await served.client.post("/resellers/list", json=asked)
    assert answer.status_code == 200, answer.text
    return [reseller["id"] for reseller in answer.json()["resellers"]]


async def test_resellers_are_found_among_those_that_may_be_used(served: Served) -> None:
    assert await names_of(served) == ["acme", "borealis", "closed"]
    assert await names_of(served, text="vo bor") == ["borealis"]
    assert await names_of(served, text="voice", resellers=["acme", "closed"]) == []
    assert await names_of(served, resellers=["closed"]) == ["closed"]


async def test_a_list_of_resellers_says_that_there_are_more(served: Served) -> None:
    answer = await served.client.post("/resellers/list", json={"limit": 2})
    assert ([r["id"] for r in answer.json()["resellers"]], answer.json()["more"]) == (["acme", "borealis"], True)
    answer = await served.client.post("/resellers/get", json={"ids": ["closed", "nobody"]})
    assert [(r["id"], r["state"]) for r in answer.json()["resellers"]] == [("closed", "blocked")]


@pytest.mark.parametrize(
    "text",
    ["mill", "Mill Bak", "bakery mill", "MILL-LANE", "Zoe", "zoë's", "ltd mill", "zoe@mill.example", "Zoe@M", "PO 7/b"],
)
async def test_a_customer_is_found_by_the_beginnings_of_what_is_known_of_it(served: Served, text: str) -> None:
    name = "Zoë's Mill-Lane Bakery Ltd"
    await served.created(name, email="Zoe@mill.example", reference="PO 7/B", contacts=[])
    await served.created("Zoes Garage", email="other@mill.example")
    assert name in await served.found(text)


@pytest.mark.parametrize("text", ["ill", "mill garage", "zoe@mill.example.com", "lane bakery station"])
async def test_what_is_not_known_of_a_customer_does_not_find_it(served: Served, text: str) -> None:
    await served.created("Mill Lane Bakery", email="zoe@mill.example")
    assert await served.found(text) == []


@pytest.mark.parametrize("text", ["", "mill", "zoe@mill.example", "C-1"])
async def test_another_resellers_customer_is_never_found(served: Served, text: str) -> None:
    await served.created("Mill", "borealis", email="zoe@mill.example", reference="C-1")
    assert await served.found(text, "acme", "closed") == []
    assert await served.found(text, "acme", "borealis") == ["Mill"]


async def test_a_search_by_state_and_time_finds_those_alone(served: Served) -> None:
    old, new = await served.created("Old"), await served.created("New")
    async with served.database.transaction() as db:
        await db.execute("UPDATE customer SET created_at = '2020-02-01T00:00Z', state = 'blocked' WHERE id = $1", old)
        await db.execute("UPDATE customer SET created_at = '2020-03-01T00:00Z' WHERE id = $1", new)
    assert await served.found(states=["blocked"]) == ["Old"]
    assert await served.found(created_from="2020-03-01T00:00Z") == ["New"]
    assert await served.found(created_before="2020-03-01T00:00Z") == ["Old"]


async def test_a_withdrawn_customer_is_not_found(served: Served) -> None:
    id_ = await served.created("Mill")
    async with served.database.transaction() as db:
        await db.execute("UPDATE customer SET state = 'withdrawn'")
    assert await served.found() == await served.found("mill") == []
    assert (await served.ask("/customers/get", ids=[str(id_)]))["customers"] == []


@pytest.mark.parametrize("text", ["", "Mill"])
@pytest.mark.parametrize("newest", [1, 3, searching.NEWEST])
async def test_pages_show_each_customer_once_though_others_come_meanwhile(
    served: Served, monkeypatch: pytest.MonkeyPatch, text: str, newest: int
) -> None:
    monkeypatch.setattr(searching, "NEWEST", newest)
    monkeypatch.setattr(searching, "LEAST", newest)
    for n in range(7):
        await served.created(f"Mill {n}", "borealis" if n % 3 else "acme")
    shown: list[str] = []
    after = None
    while True:
        page = await served.ask("/customers/search", ("acme", "borealis"), text=text, limit=2, after=after)
        shown += [customer["name"] for customer in page["customers"]]
        if (after := page["next"]) is None:
            break
        await served.created("Mill meanwhile")
    assert shown == [f"Mill {n}" for n in (6, 5, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_is_looked_for_and_nothing_else(served: Served, text: str) -> None:
    await served.created("Mill")
    assert await served.found(text) == []
    await served.created(text, reference=text, email="a'|!\\b@example.com")
    assert text in await served.found()
    assert await served.found("a'|!\\b@example.com") == [text]


async def test_a_text_with_control_characters_is_refused_with_the_remedy(served: Served) -> None:
    answer = await served.post("/customers/search", text="a\0b")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/text"


@pytest.mark.parametrize("after", ["x", "2020-01-01T00:00:00/1", f"2020-01-01T00:00:00/{uuid4()}", "'"])
async def test_a_cursor_that_is_not_ours_is_refused(served: Served, after: str) -> None:
    answer = await served.post("/customers/search", after=after)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")


async def test_new_words_are_filed_while_others_come(served: Served) -> None:
    async with served.database.transaction() as db:
        filing = asyncio.gather(served.created("Mill"), served.created("Mill 2"))
        await searching.file_new_words(db)
        await filing
    assert sorted(await served.found("mill")) == ["Mill", "Mill 2"]


async def test_while_the_words_index_is_made_anew_nothing_is_filed_and_nothing_ends(served: Served) -> None:
    await served.created("Mill")
    async with served.database.transaction() as db:
        await db.execute("ALTER INDEX customer_words RENAME TO customer_words_made_anew")
        await searching.file_new_words(db)
        await db.execute("ALTER INDEX customer_words_made_anew RENAME TO customer_words")
    assert await served.found("mill") == ["Mill"]
