"""Whatever the wizard is sent, it breaks nothing: garbage in fields and addresses, drafts that are none or gone."""

from typing import Any
from uuid import uuid4

import pytest

from .clerk import Clerk

TABS = ("customer", "service", "numbers", "settings", "billing", "creation", "notifications")

GARBAGE: tuple[dict[str, Any], ...] = (
    {"version": "abc"},
    {"version": None},
    {"version": "9" * 5_000},
    {"version": "-1"},
    {"version": "١"},
    {"id": "xyz"},
    {"contacts": "9999999"},
    {"contacts": "x" * 10},
    {"first": "-1"},
    {"first": "9" * 5_000},
    {"mails": "1000000000"},
    {"mails": "many"},
    {"mails": "2", "mails-0-kind": "nobody", "mails-0-purpose": "x" * 3_000},
    {"shown": ["²", "9" * 5_000, "1"]},
    {"service": "no-such"},
    {"service": "NO SUCH\r\nX: y"},
    {"service_type": "\r\nSet-Cookie: a=b"},
    {"count": "9" * 1_900},
    {"aligned": "²"},
    {"grades": ["gold"] * 7},
    {"pools": ["nowhere"]},
    {"kind": "neither"},
    {"reseller": "nobody"},
    {"reseller": "\r\n"},
    {"grouping": "no way"},
    {"price_list-s1": "a\r\nSet-Cookie: x=y"},
    {"price_list-s1": "x" * 3_000},
    {"after": "x" * 3_000},
    {"report": "<b>", "hash": ["x"], "agree": "yes"},
    {"go": "//elsewhere.example"},
)
ACTS = ("update", "choose", "search", "add:1", "add:x", "remove:x", "remove:1", "instead:999999999999999", "change")
MORE_ACTS = ("everywhere:x", "everywhere:1", "copy:1", "import", "waive:x", "unwaive:x", "preview:99999", "preview:²")


@pytest.mark.parametrize("tab", TABS)
async def test_garbage_breaks_nothing_and_the_draft_can_still_be_opened(clerk: Clerk, tab: str) -> None:
    await clerk.fill()
    await clerk.go(tab)
    for sent in [*({"act": "update"} | one for one in GARBAGE), *({"act": act} for act in ACTS + MORE_ACTS)]:
        answer = await clerk.send(**{"version": str((await clerk.draft()).version)} | sent)
        assert answer.status_code in {303, 404, 409, 412, 422}, (sent, answer.text)
        assert "set-cookie: x" not in str(answer.headers).lower()
        if answer.status_code == 303:
            assert answer.headers["location"].startswith(f"/wizard/{clerk.id}/"), sent
    for one in TABS:
        assert (await clerk.go(one)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "?service=%00%0d%0a",
        "?service=new&first=-1",
        "?first=" + "9" * 5_000,
        "?find=%00%0a%e2%80%ae&find_reseller=%00%0a",
        "?find=" + "x" * 500,
        "?find_reseller=" + "x" * 500,
        "?after=%00" + "x" * 500,
        "?lost=%00&lost=1-x-y-2&lost=-&lost=" + "9" * 500,
        "?instead_of=%0d%0a&of=nothing",
        "?instead_of=standard-gbp&of=s9",
        "?preview=" + "9" * 5_000,
        "?preview=-1&log=x&log=agreement&log=report",
        "?report=full&terms=1",
    ],
)
async def test_addresses_that_nobody_would_write_break_nothing(clerk: Clerk, query: str) -> None:
    await clerk.fill()
    await clerk.go("customer")
    await clerk.press("update", kind="existing")
    for tab in TABS:
        assert (await clerk.go(tab, query)).status_code in {200, 422}, tab


@pytest.mark.parametrize(
    "path", ["/wizard/x/customer", "/wizard/x", f"/wizard/{uuid4()}", f"/wizard/{uuid4()}/numbers"]
)
async def test_a_draft_that_is_none_is_a_page_that_says_so(clerk: Clerk, path: str) -> None:
    answer = await clerk.visitor.get(path)
    assert answer.status_code in {404, 422}
    assert "<h1" in answer.text


async def test_beginning_with_an_id_that_is_none_begins_a_draft(clerk: Clerk) -> None:
    answer = await clerk.visitor.post("/wizard", {"id": "xyz"}, on="/wizard")
    assert answer.status_code == 303


async def test_a_discarded_draft_is_gone_from_every_tab(clerk: Clerk) -> None:
    await clerk.fill()
    kept = clerk.form
    asked = (await clerk.visitor.get(f"/wizard/{clerk.id}/discard")).text
    assert "Discard this draft?" in asked
    assert (await clerk.go("customer")).status_code == 200, "to be asked discards nothing"
    await clerk.visitor.post(f"/wizard/{clerk.id}/discard", {}, on=f"/wizard/{clerk.id}/discard")
    for tab in TABS:
        assert (await clerk.go(tab)).status_code == 404, tab
        clerk.form = kept
        assert (await clerk.send("update")).status_code == 404, tab
    first, second = [(await clerk.visitor.get("/wizard")).text for _ in range(2)]
    assert ("was discarded" in first, "was discarded" in second) == (True, False)
