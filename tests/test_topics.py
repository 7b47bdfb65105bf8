"""What travels is what was declared: each topic is written by those that its file names, and by nobody else."""

from patchbay_contracts import schemas
from patchbay_contracts.message import BY_TYPE
from patchbay_contracts.topics import load
from tests.documents import load as some_orders
from tests.suite import Suite
from tests.test_webhook_disabled import disabled
from tests.wire import records

schemas.load_all()


async def test_every_topic_is_written_by_its_producers_with_its_own_types(suite: Suite) -> None:
    await suite.offer(some_orders(20))
    await disabled(suite)
    await suite.balanced()
    prefix = len(suite.stack.around.topic_prefix)
    seen: dict[str, set[str]] = {}
    for record in await records(suite, *(topic.name for topic in load().values() if topic.consumers)):
        headers = {key: value.decode(errors="replace") for key, value in record.headers}
        if headers.get("ce_source", "").startswith("patchbay/"):
            seen.setdefault(record.topic[prefix:], set()).add(headers["ce_source"].removeprefix("patchbay/"))
            assert BY_TYPE[headers["ce_type"]].topic == record.topic[prefix:]
            of_the_house = headers["ce_type"].startswith("numbers.Block")
            assert headers["ce_reseller"] in (("-",) if of_the_house else ("acme", "borealis"))
    declared = {topic.name: set(topic.producers) for topic in load().values() if topic.consumers}
    assert seen == declared


async def test_records_of_an_order_lie_in_one_partition_of_each_topic(suite: Suite) -> None:
    id_ = (await suite.offer(some_orders(1)))[0]
    await suite.balanced()
    there = {(r.topic, r.partition) for r in await records(suite) if r.key == id_.encode()}
    assert len(there) == len({topic for topic, _ in there}) > 4
