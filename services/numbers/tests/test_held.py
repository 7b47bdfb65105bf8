"""What drafts and baskets of a reseller hold, listed."""

from typing import Any

from numbers_service import handlers
from services.numbers.tests.asking import exact
from services.numbers.tests.asking import hold as order
from services.numbers.tests.holding import Draft
from services.numbers.tests.serving import Served

A, B, C = 441214960001, 441214960002, 441214960003


async def test_a_reseller_lists_what_its_drafts_and_baskets_hold_in_the_order_of_the_numbers(served: Served) -> None:
    draft, basket = Draft(served), Draft(served, kind="basket")
    await draft.hold(B, A)
    await basket.hold(C)
    await Draft(served, "borealis").hold(441214960004)
    command = order(exact(441214960005))
    async with served.running.turn() as turn:
        await handlers.router.routes[type(command)].handler([command], turn.db)

    async def found(**query: Any) -> list[tuple[str, str]]:
        asked = {"reseller": "acme", "query": {"count": 2} | query}
        page = (await served.client.post("/holds/search", json=asked)).json()
        return [(one["e164"], one["owner"]["id"]) for one in page["numbers"]] + ([("more", "")] if page["more"] else [])

    mine, other = draft.owner["id"], basket.owner["id"]
    assert await found() == [(f"+{A}", mine), (f"+{B}", mine), ("more", "")]
    assert await found(after=f"+{B}") == [(f"+{C}", other)]
    assert await found(number=str(C)) == [(f"+{C}", other)]
    await served.do("UPDATE number SET held_until = now() - interval '1 second' WHERE e164 = ANY($1)", [A, B])
    assert await found() == [(f"+{C}", other)]


async def test_what_drafts_do_not_hold_any_more_is_named_for_many_at_once_with_whether_somebody_else_has_it(
    served: Served,
) -> None:
    draft, basket, rival = Draft(served), Draft(served, kind="basket"), Draft(served, "borealis")
    await draft.hold(A, B, C)
    await basket.hold(441214960004)
    await served.do("UPDATE number SET held_until = now() - interval '1 second' WHERE e164 = ANY($1)", [A, B])
    await rival.hold(A)

    async def missed(*of: tuple[Draft, list[int]]) -> list[tuple[str, str, bool]]:
        holds = [
            {"reseller": one.reseller, "owner": one.owner, "numbers": [f"+{n}" for n in numbers]} for one, numbers in of
        ]
        answer = await served.client.post("/holds/missed", json={"holds": holds})
        found = [(one["owner"]["id"], one["e164"], one["taken"]) for one in answer.json()["numbers"]]
        return sorted(found, key=lambda one: one[1])

    mine, other = draft.owner["id"], basket.owner["id"]
    assert await missed((draft, [A, B, C]), (basket, [C, 441214960004]), (rival, [A])) == [
        (mine, f"+{A}", True),
        (mine, f"+{B}", False),
        (other, f"+{C}", True),
    ]
    await draft.release(C)
    assert await missed((draft, [C])) == [(mine, f"+{C}", False)]
    assert await missed() == []
