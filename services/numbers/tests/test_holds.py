"""A tick is a hold: of many numbers each by itself, until a time, for one draft or basket of one reseller."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from numbers_service import handlers
from patchbay_contracts.message import Message
from patchbay_contracts.v1.blocks import BlockChanged, Freed
from services.numbers.tests.asking import completed, exact, numbers_of, reason_of, release
from services.numbers.tests.asking import hold as order
from services.numbers.tests.holding import Draft, held, lost
from services.numbers.tests.serving import Served

A, B, C = 441214960001, 441214960002, 441214960003
ACMES, CUSTOMERS, NOBODYS = 441314960000, 441134960000, 441999960000
CUSTOMER = UUID("00000000-0000-7000-8000-000000000001")


async def handled(served: Served, *commands: Any) -> list[Message]:
    """What orders are answered, each command in a turn of its own."""
    answers: list[Message] = []
    for command in commands:
        handler = handlers.router.routes[type(command)].handler
        async with served.running.turn() as turn:
            answers += [answer for answer in await handler([command], turn.db) if isinstance(answer, Message)]
    return answers


async def let_end(served: Served, *numbers: int) -> None:
    await served.do("UPDATE number SET held_until = now() - interval '1 second' WHERE e164 = ANY($1)", list(numbers))


async def test_each_number_is_held_by_itself_with_its_grade_its_pool_and_until_when(served: Served) -> None:
    before = datetime.now(UTC)
    holds = await Draft(served).hold(441214960123, A, ACMES, minutes=10)
    assert [(one.e164, one.grade, one.rule, one.pool) for one in holds.held] == [
        (441214960123, "silver", "four digits ascending", "public"),
        (A, "standard", "no pattern", "public"),
        (ACMES, "gold", "last four equal", "reseller"),
    ]
    assert holds.lost == ()
    for one in holds.held:
        assert before + timedelta(minutes=9) < one.held_until < datetime.now(UTC) + timedelta(minutes=11)


async def test_what_somebody_else_holds_is_lost_and_the_rest_is_held(served: Served) -> None:
    await Draft(served, "borealis").hold(B)
    holds = await Draft(served).hold(A, B, C)
    assert held(holds) == [A, C]
    assert lost(holds) == {B: "taken"}


async def test_what_is_in_no_block_and_what_is_in_anothers_pool_are_unknown_alike(served: Served) -> None:
    holds = await Draft(served, "borealis").hold(NOBODYS, ACMES, CUSTOMERS, A, customer_id=str(CUSTOMER))
    assert held(holds) == [A]
    assert lost(holds) == dict.fromkeys([NOBODYS, ACMES, CUSTOMERS], "unknown")
    assert all(one.offer is None for one in holds.lost)


async def test_a_customers_pool_is_open_to_a_draft_that_names_the_customer(served: Served) -> None:
    draft = Draft(served)
    assert lost(await draft.hold(CUSTOMERS)) == {CUSTOMERS: "unknown"}
    assert lost(await draft.hold(CUSTOMERS, customer_id=str(uuid4()))) == {CUSTOMERS: "unknown"}
    holds = await draft.hold(CUSTOMERS, customer_id=str(CUSTOMER))
    assert [(one.e164, one.pool) for one in holds.held] == [(CUSTOMERS, "customer")]
    await let_end(served, CUSTOMERS)
    assert lost(await draft.extend(CUSTOMERS)) == {CUSTOMERS: "taken"}


async def test_the_same_call_again_puts_the_end_off(served: Served) -> None:
    draft = Draft(served)
    (first,) = (await draft.hold(A, minutes=5)).held
    (again,) = (await draft.hold(A, minutes=60)).held
    assert again.held_until > first.held_until + timedelta(minutes=50)
    assert held(await draft.list()) == [A]


async def test_a_number_that_is_named_twice_is_held_once(served: Served) -> None:
    holds = await Draft(served).hold(A, B, A, NOBODYS, NOBODYS)
    assert held(holds) == [A, B]
    assert [one.e164 for one in holds.lost] == [NOBODYS]


async def test_a_hold_that_is_over_by_the_databases_time_is_anybodys(served: Served) -> None:
    draft, other = Draft(served), Draft(served, "borealis")
    await draft.hold(A, B)
    await let_end(served, A)
    assert held(await draft.list()) == [B]
    assert held(await other.hold(A, B)) == [A]
    assert lost(await draft.hold(A)) == {A: "taken"}


async def test_a_hold_is_extended_whole_or_in_part(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(A, B, minutes=5)
    soon = datetime.now(UTC) + timedelta(minutes=30)
    (only,) = (await draft.extend(B, minutes=60)).held
    assert (only.e164, only.held_until > soon) == (B, True)
    assert [one.held_until > soon for one in (await draft.list()).held] == [False, True]
    assert [one.held_until > soon for one in (await draft.extend(minutes=60)).held] == [True, True]


async def test_what_is_not_held_any_more_is_not_extended_and_not_held_again(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(A, B)
    await let_end(served, A)
    holds = await draft.extend(A, B, C, NOBODYS)
    assert held(holds) == [B]
    assert lost(holds) == {A: "taken", C: "taken", NOBODYS: "unknown"}
    assert held(await draft.list()) == [B]


async def test_what_is_released_is_free_at_once_and_only_what_was_held_is_named(served: Served) -> None:
    draft, other = Draft(served), Draft(served, "borealis")
    await draft.hold(A, B, C)
    await other.hold(441214960009)
    assert await draft.release(A, 441214960009, NOBODYS) == [A]
    assert await draft.release(A) == []
    assert held(await other.hold(A)) == [A]
    assert await draft.release() == [B, C]
    assert held(await draft.list()) == []
    assert held(await other.list()) == [A, 441214960009]


@pytest.mark.parametrize("kind", ["draft", "basket"])
async def test_another_reseller_knows_nothing_of_a_draft_even_by_its_name(served: Served, kind: str) -> None:
    draft = Draft(served, "acme", kind)
    thief = Draft(served, "borealis", kind, draft.owner["id"])
    await draft.hold(A, ACMES, minutes=5)
    until = [one.held_until for one in (await draft.list()).held]
    assert (await thief.list()).held == ()
    assert (await thief.extend(minutes=60)).held == ()
    assert lost(await thief.extend(A, ACMES)) == {A: "taken", ACMES: "unknown"}
    assert await thief.release() == []
    assert await thief.release(A, ACMES) == []
    assert lost(await thief.hold(A, ACMES)) == {A: "taken", ACMES: "unknown"}
    assert held(await thief.hold(B)) == [B]
    assert [one.held_until for one in (await draft.list()).held] == until
    assert held(await draft.list()) == [A, ACMES]
    assert held(await thief.list()) == [B]


async def test_a_draft_and_a_basket_of_the_same_name_are_strangers(served: Served) -> None:
    draft = Draft(served)
    basket = Draft(served, kind="basket", id_=draft.owner["id"])
    await draft.hold(A)
    assert lost(await basket.hold(A)) == {A: "taken"}
    assert await basket.release() == []
    assert held(await draft.list()) == [A]


async def test_an_order_takes_over_what_its_draft_holds(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(A, B)
    stranger, taking = order(exact(A)), order(exact(A), held_by=UUID(draft.owner["id"]))
    refused, got = await handled(served, stranger, taking)
    assert reason_of(refused) == "taken"
    assert numbers_of(got) == [[A]]
    assert held(await draft.list()) == [B]
    assert lost(await draft.extend(A)) == {A: "taken"}
    assert await draft.release() == [B]
    await handled(served, completed(taking, A))
    assert lost(await draft.hold(A)) == {A: "taken"}


async def test_the_reseller_that_had_a_number_last_holds_it_by_its_name_while_it_rests(served: Served) -> None:
    run = range(441214960100, 441214960200)
    command = order(exact(A, *run))
    await handled(served, command, completed(command, A, *run), release(command))
    wanted = (A, run[3], run[4])
    assert lost(await Draft(served, "borealis").hold(*wanted)) == dict.fromkeys(wanted, "taken")
    draft = Draft(served)
    assert held(await draft.hold(*wanted)) == list(wanted)
    assert await draft.release() == list(wanted)
    assert lost(await Draft(served, "borealis").hold(*wanted)) == dict.fromkeys(wanted, "taken")


async def test_the_feed_says_what_is_taken_and_freed_once_and_nothing_of_who_or_how_long(served: Served) -> None:
    draft = Draft(served)
    await draft.hold(A, B, ACMES)
    await draft.hold(A, B)
    await draft.extend()
    await Draft(served, "borealis").hold(A, B, instead="nothing")
    await draft.release(A, ACMES)
    assert served.kafka.said == [
        BlockChanged(block=441214960000, version=2, taken=((A, B),)),
        BlockChanged(block=441314960000, version=2, taken=((ACMES, ACMES),)),
        BlockChanged(block=441214960000, version=3, freed=(Freed(pool="public", ranges=((A, A),)),)),
        BlockChanged(
            block=441314960000, version=3, freed=(Freed(pool="reseller", owner="acme", ranges=((ACMES, ACMES),)),)
        ),
    ]


async def test_of_many_who_fight_over_the_same_numbers_one_wins_each(served: Served) -> None:
    numbers = list(range(441214960000, 441214960040))
    drafts = [Draft(served, reseller) for reseller in ("acme", "borealis") for _ in range(6)]

    async def fight(draft: Draft, at: int) -> list[int]:
        turned = numbers[at:] + numbers[:at]
        return held(await draft.hold(*(turned if at % 2 else reversed(turned)), instead="nothing"))

    won = await asyncio.gather(*(fight(draft, at) for at, draft in enumerate(drafts)))
    assert sorted(number for mine in won for number in mine) == numbers
    for draft, mine in zip(drafts, won, strict=True):
        assert held(await draft.list()) == sorted(mine)


async def test_ten_thousand_numbers_are_held_extended_and_released_in_one_call_each(served: Served) -> None:
    first = 442071000000
    await served.do("INSERT INTO block VALUES ($1, $2, '44', '0', 'London', 'public', '')", first, first + 9_999)
    draft, numbers = Draft(served), list(range(first, first + 10_000))
    assert held(await draft.hold(*numbers)) == numbers
    assert held(await draft.extend(*numbers)) == numbers
    assert held(await draft.list()) == numbers
    assert await draft.release(*numbers) == numbers
    assert held(await draft.list()) == []


@pytest.mark.parametrize(
    ("path", "query", "pointer", "remedy"),
    [
        ("/holds", {"numbers": []}, "/query/numbers", "give more of them"),
        ("/holds", {}, "/query/numbers", "add this field"),
        (
            "/holds",
            {"numbers": ["+44", f"+{A}"]},
            "/query/numbers/0",
            "write + and 7 to 15 digits, such as +441214960000",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "minutes": 1441},
            "/query/minutes",
            "keep to the bounds that the message names",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "minuets": 5},
            "/query/minuets",
            "call it minutes if that is what you mean, or remove it",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "instead": "any"},
            "/query/instead",
            "use one of the words that the message names",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "filter": {"prefix": "o121"}},
            "/query/filter/prefix",
            "write digits alone, such as 0121 or +44121",
        ),
        (
            "/holds",
            {"numbers": [f"+{A + n}" for n in range(10_001)]},
            "/query/numbers",
            "leave some out, or ask in parts",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "customer_id": str(CUSTOMER), "filter": {"customer_id": str(uuid4())}},
            "/query/customer_id",
            "name one, or hold for each by itself",
        ),
        (
            "/holds",
            {"numbers": [f"+{A}"], "owner": {"kind": "order", "id": str(uuid4())}},
            "/query/owner/kind",
            "use one of the words that the message names",
        ),
        ("/holds/extend", {"minutes": 0}, "/query/minutes", "keep to the bounds that the message names"),
        ("/holds/release", {"numbers": f"+{A}"}, "/query/numbers", "give a list"),
        (
            "/holds/list",
            {"owner": {"kind": "draft", "id": "mine"}},
            "/query/owner/id",
            "give the id as you got it from Patchbay",
        ),
    ],
)
async def test_what_is_wrong_in_a_call_is_pointed_at_with_the_remedy(
    served: Served, path: str, query: dict[str, Any], pointer: str, remedy: str
) -> None:
    answer = await Draft(served).post(path, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(error["pointer"], error["remedy"]) for error in answer.json()["errors"]] == [(pointer, remedy)]
    assert await served.rows("SELECT FROM number") == []


async def test_a_body_that_is_no_json_is_refused(served: Served) -> None:
    answer = await served.client.post("/holds", content=b"{")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"] == "send one JSON object in UTF-8"
