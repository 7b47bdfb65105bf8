"""Numbers are searched, held and ordered over HTTP: nobody sees or gets what is another's, whoever dies meanwhile."""

import asyncio
from uuid import uuid4

import orjson
import pytest

from tests.documents import Document, line, order
from tests.inventory import PREFIX, agreed, ask, compared, found
from tests.suite import Suite

pytestmark = pytest.mark.timeout(240)


def basket() -> Document:
    """Somebody who holds numbers."""
    return {"kind": "basket", "id": str(uuid4())}


def numbers(answer: Document, what: str = "numbers") -> list[str]:
    """The numbers in an answer."""
    return [number["e164"] for number in answer[what]]


async def hold(suite: Suite, owner: Document, wanted: list[str], key: str | None = None) -> Document:
    """Hold them and nothing else."""
    return await ask(suite, "holds", {"owner": owner, "numbers": wanted, "instead": "nothing"}, key)


async def test_numbers_that_were_found_held_and_ordered_are_found_no_more(suite: Suite) -> None:
    owner, wanted = basket(), numbers(await found(suite, prefix=PREFIX[0], method="run", count=10, aligned=10))
    assert numbers(await hold(suite, owner, wanted), "held") == wanted
    document = order(line(numbers={"exact": wanted}, grouping="each"), held_by=owner["id"])
    shown = await suite.ended(document)
    assert shown["state"] == "completed", shown["outcome"]
    assert sorted(n for service in shown["outcome"]["services"] for n in service["numbers"]) == wanted
    assert not set(wanted) & set(numbers(await found(suite, prefix=PREFIX[0], count=1000)))
    assert (await ask(suite, "holds/list", {"owner": owner}))["held"] == []
    await suite.balanced()


async def test_what_one_reseller_has_another_neither_finds_nor_holds(suite: Suite) -> None:
    other = suite.stack.api_key_2
    owner, own = basket(), numbers(await found(suite, pools=["reseller"], count=2))
    public = numbers(await found(suite, prefix=PREFIX[0], count=2))
    assert numbers(await hold(suite, owner, own + public), "held") == own + public
    theirs = await found(suite, other, pools=["reseller"], count=10_000)
    assert not set(own) & set(numbers(theirs))
    assert not set(public) & set(numbers(await found(suite, other, prefix=PREFIX[0], count=1000)))
    lost = (await hold(suite, basket(), own + public, other))["lost"]
    assert {one["e164"]: one["reason"] for one in lost} == dict.fromkeys(own, "unknown") | dict.fromkeys(
        public, "taken"
    )
    assert (await ask(suite, "holds/list", {"owner": owner}, other))["held"] == []
    assert (await ask(suite, "holds/release", {"owner": owner}, other))["numbers"] == []
    assert (await ask(suite, "holds/release", {"owner": owner}))["numbers"] == sorted(own + public)


async def test_a_killed_replica_starts_from_its_snapshot_and_agrees_with_the_authority(suite: Suite) -> None:
    await suite.restart("numbers", PATCHBAY_CHECKS="200")
    owner, free = basket(), await agreed(suite)
    await hold(suite, owner, free[:5])
    await asyncio.to_thread(suite.stack.kill, "search")
    await ask(suite, "holds/release", {"owner": owner, "numbers": free[:2]})
    await hold(suite, owner, free[5:10])
    suite.start("search")
    await suite.ready("search")
    assert await agreed(suite) == free[:2] + free[10:]
    await compared(suite)
    log = [orjson.loads(line) for line in suite.stack.log("search", lines=1000).splitlines()]
    assert [entry["how"] for entry in log if entry["event"] == "search.begun"][-1] == "snapshot"
    await ask(suite, "holds/release", {"owner": owner})


async def test_the_authority_dies_amid_holds_and_the_replica_agrees_with_it_afterwards(suite: Suite) -> None:
    owner, before = basket(), await agreed(suite)
    pairs = [numbers(await found(suite, prefix=prefix, count=100)) for prefix in PREFIX]
    await suite.restart("numbers", PATCHBAY_CRASH_AT="after_some_acks:30")

    async def held(wanted: list[str]) -> list[str]:
        async with suite.client() as client:
            answer = await client.post("/v1/numbers/holds", json={"owner": owner, "numbers": wanted})
        return numbers(answer.json(), "held") if answer.status_code == 200 else []

    holding = asyncio.gather(*(held(list(pair)) for pair in zip(*pairs, strict=True)))
    await suite.died("numbers")
    confirmed = {number for pair in await holding for number in pair}
    await suite.restart("numbers", PATCHBAY_CHECKS="200")
    kept = set(numbers(await ask(suite, "holds/list", {"owner": owner}), "held"))
    assert kept >= confirmed
    assert kept
    assert set(await agreed(suite)) == set(before) - kept
    await compared(suite)
    await ask(suite, "holds/release", {"owner": owner})
    assert await agreed(suite) == before
