"""Whoever runs Patchbay sees a service that stands, by what waits for it, and that it has caught up."""

from tests.documents import Document, load
from tests.suite import Suite, eventually


async def test_a_service_that_stands_is_behind_until_it_goes_on(suite: Suite) -> None:
    async with suite.client(suite.stack.around.inventory_key) as operations:

        async def lag(group: str) -> Document:
            answer = await operations.get("/v1/operations/lag")
            assert answer.status_code == 200, answer.text
            (found,) = (one for one in answer.json()["groups"] if one["topic"] == f"{group}.commands.v1")
            return dict(found)

        async def is_behind() -> bool:
            return bool((await lag("notifier"))["records"] == 0 and (await lag("customer"))["behind_ms"])

        async def is_level() -> bool:
            answer = (await operations.get("/v1/operations/lag")).json()
            return not any(one["records"] for one in (*answer["groups"], *answer["read_models"]))

        suite.stack.freeze("customer")
        try:
            await suite.offer(load(20))
            await eventually(is_behind)
        finally:
            suite.stack.thaw("customer")
        await suite.balanced()
        await eventually(is_level)
        steps = (await operations.get("/v1/operations/steps")).json()
        assert {"queue", "customer", "numbers", "billing", "services", "order"} <= {
            one["step"] for one in steps["steps"]
        }
        assert all(one["p50_ms"] <= one["p99_ms"] <= one["max_ms"] for one in steps["steps"])
        replicas = (await operations.get("/v1/operations/replicas")).json()
    assert {one["service"] for one in replicas["services"]} == set(suite.databases)
    assert [one["state"] for one in replicas["search"]] == ["answers"]
