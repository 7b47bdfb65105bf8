"""What a service could not take is shown to whoever runs Patchbay, and replayed when the cause is gone: once."""

from typing import Any
from uuid import uuid4

import httpx
import orjson

from patchbay_chassis.envelope import mint
from tests.documents import Document, line, order
from tests.suite import Suite, eventually
from tests.wire import Intruder

PATH = "/v1/operations/dead-letters"
WHY = {"reason": "the cause is gone"}


async def found(client: httpx.AsyncClient, reason: str, **said: Any) -> Document:
    """The letter of that reason of which that is so, once it is there."""

    async def there() -> Document | None:
        answer = await client.get(PATH, params={"reason": reason, "limit": 200})
        assert answer.status_code == 200, answer.text
        return next((one for one in answer.json()["dead_letters"] if said.items() <= one.items()), None)

    letter = await eventually(there)
    assert letter is not None
    return letter


async def redelivered(suite: Suite) -> float:
    """How many messages provisioning found that it knew already."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{suite.stack.url('provisioning')}/metrics")).text
    return next(float(m.split()[-1]) for m in metrics.splitlines() if m.startswith("messaging_redelivered_messages_"))


async def test_an_order_that_was_set_aside_is_replayed_when_the_cause_is_gone_and_made_once(suite: Suite) -> None:
    document = order(line())
    mended, cause = "ALTER TABLE saga_move DROP CONSTRAINT IF EXISTS not_yet", f"'%{document['reference']}%'"
    broken = f"ALTER TABLE saga_move ADD CONSTRAINT not_yet CHECK (facts NOT LIKE {cause}) NOT VALID"
    await suite.rows("provisioning", broken)
    try:
        id_ = await suite.place(document)
        async with suite.client(suite.stack.around.inventory_key) as operations:
            letter = await found(operations, "handler_failed", key=id_)
            own = letter["links"]["self"]
            assert (letter["service"], letter["topic"]) == ("provisioning", "provisioning.commands.v1")
            assert id_ in (await operations.get(own)).json()["body"]["text"]
            assert (await suite.show(id_))["state"] == "accepted"
            await suite.rows("provisioning", mended)
            assert (await operations.post(f"{own}/replay", json=WHY)).status_code == 200
            assert (await suite.shows(id_, "completed", "failed"))["state"] == "completed"
            assert (await operations.post(f"{own}/replay", json=WHY)).status_code == 409
            known = await redelivered(suite)
            assert (await operations.post(f"{own}/replay", json=WHY | {"force": True})).status_code == 200

            async def is_known() -> bool:
                return await redelivered(suite) > known

            await eventually(is_known)
            assert (await operations.get(own)).json()["came_back"] == []
    finally:
        await suite.rows("provisioning", mended)
    async with suite.client() as reseller:
        for answer in (await reseller.get(own), await reseller.post(f"{own}/replay", json=WHY)):
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope_missing")
    await suite.once_each([id_], [document])
    await suite.balanced()


async def test_poison_that_is_replayed_is_set_aside_again_and_counted(suite: Suite) -> None:
    body = {"order_id": str(uuid4()), "reseller": "acme", "wants": [{"line": 99_999, "numbers": {"count": 1}}]}
    headers = {"ce_id": str(mint()).encode(), "ce_type": b"numbers.HoldNumbers.v1"}
    async with Intruder(suite) as intruder, suite.client(suite.stack.around.inventory_key) as operations:
        await intruder.put("numbers.commands.v1", orjson.dumps(body), b"k", headers)
        letter = await found(operations, "handler_failed", message_id=headers["ce_id"].decode(), times=1)
        for times in (2, 3):
            assert (await operations.post(f"{letter['links']['self']}/replay", json=WHY)).status_code == 200
            again = await found(operations, "handler_failed", message_id=letter["message_id"], times=times)
            assert (again["replay_of"], again["partition"]) == (letter["id"], letter["partition"])
            assert (await operations.get(letter["links"]["self"])).json()["came_back"] == [again["id"]]
            letter = again
    await suite.balanced()
