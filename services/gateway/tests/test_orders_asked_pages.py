"""What operators ask of an order on its page: to be taken back, or to wait otherwise for its numbers."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from patchbay_contracts.v1.orders import OrderAmended, OrderBegun, OrderCompleted, OrderFailed

from .conftest import Gateway
from .operators import BEN, Visitor, add_operator
from .page_forms import Page
from .posted import line
from .registry import ADA
from .test_amending import wishes
from .test_back_orders import BACK_ORDER, UNTIL, WANTED, back_ordered
from .test_cancelling import cancels
from .test_orders_pages import place_of_borealis
from .test_reading import place, shown, told

LATER = (UNTIL + timedelta(days=20)).date()
EXACT = ["+441217370001", "+441217370002"]


pytestmark = pytest.mark.usefixtures("registry")


async def waiting(gateway: Gateway) -> UUID:
    """An order of which the first and the last line wait."""
    lines = [line(numbers=WANTED), line(), line(numbers={"exact": EXACT})]
    id_ = await place(gateway, lines=lines, **BACK_ORDER)
    await back_ordered(gateway, id_, waiting=(0, 2))
    return id_


def fields(page: str) -> dict[str, str | list[str]]:
    """What a browser would send of the form that amends."""
    form = next(one for one in Page(page).forms if one.action.endswith("/amend"))
    return {name: values[0] if len(values) == 1 else values for name, values in form.sends().items()}


async def amend(visitor: Visitor, id_: UUID, **typed: str | list[str]) -> httpx.Response:
    sent = fields((await visitor.get(f"/orders/{id_}")).text) | {
        re.sub(r"_(\d)$", r"-\1", name): value for name, value in typed.items()
    }
    return await visitor.client.post(f"/orders/{id_}/amend", data=sent)


async def cancel(visitor: Visitor, id_: UUID, on: UUID | None = None, **typed: str) -> httpx.Response:
    return await visitor.post(f"/orders/{id_}/cancel", typed, on=f"/orders/{on or id_}")


async def test_an_order_under_way_is_taken_back_once_and_the_page_says_who_wanted_it(
    gateway: Gateway, anna: Visitor
) -> None:
    id_ = await place(gateway)
    for _ in range(2):
        assert (await cancel(anna, id_, why="ordered twice")).headers["location"] == f"/orders/{id_}"
    (wish,) = cancels(gateway)
    assert (wish.order_id, wish.reseller, wish.by, wish.why) == (
        id_,
        "acme",
        "operator:anna@acme.example",
        "ordered twice",
    )
    page = (await anna.get(f"/orders/{id_}")).text
    assert "because: ordered twice. It is being undone." in " ".join(page.replace("\n", " ").split())
    assert "Cancel the order" not in page
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="cancel", reason="cancelled", detail="so"))
    assert "It was taken back." in (await anna.get(f"/orders/{id_}")).text


async def test_whoever_takes_an_order_back_says_why_and_what_has_ended_stays(gateway: Gateway, anna: Visitor) -> None:
    id_, other = await place(gateway), await place(gateway)
    answer = await cancel(anna, id_, why=" ")
    assert (answer.status_code, 'id="why-error"' in answer.text) == (422, True)
    await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=ADA))
    assert "Cancel the order" not in (await anna.get(f"/orders/{id_}")).text
    answer = await cancel(anna, id_, on=other, why="too late")
    assert (answer.status_code, "The order is completed" in answer.text) == (422, True)
    assert cancels(gateway) == []


async def test_an_order_that_waits_is_amended_once_and_the_page_says_what_became_of_it(
    gateway: Gateway, anna: Visitor
) -> None:
    id_ = await waiting(gateway)
    sent = fields((await anna.get(f"/orders/{id_}")).text)
    assert (sent["count-0"], sent["prefix-0"], sent["exact-2"]) == ("3", "0121", "\n".join(EXACT))
    assert sent["until"] == UNTIL.date().isoformat()
    sent |= {"until": LATER.isoformat(), "prefix-0": "0161", "optional-2": "yes"}
    for _ in range(2):
        answer = await anna.client.post(f"/orders/{id_}/amend", data=sent)
        assert answer.headers["location"] == f"/orders/{id_}"
    (wish,) = wishes(gateway)
    assert (wish.order_id, wish.by) == (id_, "operator:anna@acme.example")
    assert wish.until == datetime.combine(LATER + timedelta(days=1), time.min, UTC)
    assert [(one.numbers.count, one.numbers.prefix, one.optional) for one in wish.lines] == [
        (3, "0161", False), (0, "", None), (0, "", True),
    ]  # fmt: skip
    assert "that is under way." in (await anna.get(f"/orders/{id_}")).text
    await told(gateway, OrderAmended(order_id=id_, reseller="acme", id=wish.id))
    assert "so it is now." in (await anna.get(f"/orders/{id_}")).text
    assert (await shown(gateway, id_))["amend"]["state"] == "done"


async def test_a_line_may_want_others_by_name_or_others_that_match(gateway: Gateway, anna: Visitor) -> None:
    id_ = await waiting(gateway)
    named = {"exact_0": "+44 121 496 0001\n0044 121 496 0002", "count_0": "", "prefix_0": ""}
    matching = {"exact_2": "", "count_2": "2", "segments_2": "77 12", "in_order_2": "yes", "grades_2": "gold"}
    sent = named | matching | {"policy_2": "substitute", "pool_2": "reseller"}
    assert (await amend(anna, id_, **sent)).status_code == 303
    (wish,) = wishes(gateway)
    assert (wish.until, wish.notify) == (None, None)
    first, _, last = (one.numbers for one in wish.lines)
    assert (first.exact, first.count) == ((441214960001, 441214960002), 0)
    assert (last.exact, last.count, last.segments, last.in_order) == ((), 2, ("77", "12"), True)
    assert (last.grades, last.policy, last.pool) == (("gold",), "substitute", "reseller")


async def test_the_pools_of_a_line_stay_in_their_order_or_become_others(gateway: Gateway, anna: Visitor) -> None:
    id_ = await waiting(gateway)
    assert (await amend(anna, id_, count_0="3", pool_0="reseller public")).status_code == 303
    (first,) = wishes(gateway)
    assert (first.lines[0].numbers.pools, first.lines[0].numbers.pool) == (("reseller", "public"), "public")
    await told(gateway, OrderAmended(order_id=id_, reseller="acme", id=first.id))
    assert fields((await anna.get(f"/orders/{id_}")).text)["pool-0"] == "reseller public"
    assert (await amend(anna, id_, count_0="3", pool_0="customer")).status_code == 303
    assert wishes(gateway)[-1].lines[0].numbers.drawn_from == ("customer",)


async def test_others_may_be_written_to_when_it_is_done(gateway: Gateway, anna: Visitor) -> None:
    id_ = await waiting(gateway)
    assert fields((await anna.get(f"/orders/{id_}")).text)["notify"] == "customer"
    assert (await amend(anna, id_, notify=["reseller", "contact"])).status_code == 303
    (wish,) = wishes(gateway)
    assert (wish.notify, wish.lines) == (("reseller", "contact"), ())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"until": "soon"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "2199-01-01"}, "until"),
        ({"count_0": "many"}, "count-0"),
        ({"count_0": "0"}, "count-0"),
        ({"prefix_0": "x"}, "prefix-0"),
        ({"exact_2": "+441217370001, 0121"}, "exact-2"),
        ({"exact_2": "+441217370001, +441217370001"}, "exact-2"),
        ({"exact_0": "+441217370009"}, "exact-0"),
        ({"segments_0": "x"}, "segments-0"),
        ({"ends_with_2": "77"}, "ends_with-2"),
        ({"notify": "everybody"}, "notify"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_nothing_typed_is_lost(
    gateway: Gateway, anna: Visitor, typed: dict[str, Any], field: str
) -> None:
    id_ = await waiting(gateway)
    answer = await amend(anna, id_, **typed)
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert field == "notify" or fields(answer.text)[field] == typed[field.replace("-", "_")]
    assert wishes(gateway) == []


async def test_an_order_is_amended_from_what_was_seen_and_while_it_waits(gateway: Gateway, anna: Visitor) -> None:
    id_ = await waiting(gateway)
    assert (await amend(anna, id_)).headers["location"] == f"/orders/{id_}"
    answer = await amend(anna, id_, count_0="2", seen='"other"')
    assert (answer.status_code, "another one than you saw" in answer.text) == (422, True)
    assert fields(answer.text)["count-0"] == "2"
    sent = fields((await anna.get(f"/orders/{id_}")).text) | {"count-0": "2"}
    await told(gateway, OrderBegun(order_id=id_, reseller="acme"))
    answer = await anna.client.post(f"/orders/{id_}/amend", data=sent)
    assert (answer.status_code, "does not wait for numbers" in answer.text) == (422, True)
    assert wishes(gateway) == []


async def test_nobody_asks_anything_of_another_resellers_order(gateway: Gateway, anna: Visitor) -> None:
    mine, theirs = await waiting(gateway), await place_of_borealis(gateway)
    sent = fields((await anna.get(f"/orders/{mine}")).text) | {"why": "mine", "count-0": "2"}
    for asked in ("cancel", "amend"):
        assert (await anna.client.post(f"/orders/{theirs}/{asked}", data=sent)).status_code == 404
    await add_operator(gateway, BEN, roles=("inventory",), resellers=("acme",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    sent["csrf"] = await ben.token("/account")
    for asked in ("cancel", "amend"):
        assert (await ben.client.post(f"/orders/{mine}/{asked}", data=sent)).status_code == 403
    assert (cancels(gateway), wishes(gateway)) == ([], [])
