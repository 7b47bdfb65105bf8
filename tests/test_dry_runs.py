"""A dry run says beforehand what becomes of orders, holds nothing for it, and an order may name it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson

from tests.documents import Document, existing, line, load, new_number, order
from tests.suite import Suite

SCHEMA = {"type": "object", "additionalProperties": False}


async def run_dry(suite: Suite, *documents: Document) -> list[dict[str, Any]]:
    content = b"".join(orjson.dumps(one) + b"\n" for one in documents)
    async with suite.client() as client:
        answer = await client.post(
            "/v1/orders/dry-run", content=content, headers={"Content-Type": "application/x-ndjson"}
        )
    assert answer.status_code == 200, answer.text
    return [orjson.loads(one) for one in answer.content.splitlines()]


async def one_dry(suite: Suite, document: Document) -> dict[str, Any]:
    async with suite.client() as client:
        answer = await client.post("/v1/orders/dry-run", json=document)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def errors(result: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in result["findings"] if finding["severity"] == "error"]


def reasons(result: dict[str, Any]) -> list[str | None]:
    return [finding["reason"] for finding in result["findings"] if finding["severity"] == "error"]


async def test_its_findings_have_the_reasons_that_their_orders_fail_with(suite: Suite) -> None:
    named = line(numbers={"exact": [new_number()]})
    await suite.ended(order(named))
    refused = [named, line(service_type="carrier-pigeon"), line(settings={"colour": "red"})]
    *results, _ = await run_dry(suite, *map(order, refused))
    ends = [(await suite.ended(order(one)))["outcome"]["reason"] for one in refused]
    assert [reasons(result)[0] for result in results] == ends == ["taken", "unknown_service_type", "bad_settings"]


async def test_what_it_says_would_be_refused_is_refused_for_that_and_the_rest_completes(suite: Suite) -> None:
    documents = [one for n, one in enumerate(load(40)) if n % 10 != 2]  # what a network refuses nobody knows beforehand
    *results, last = await run_dry(suite, *documents)
    assert last["summary"]["orders"] == len(documents)
    assert last["summary"]["would_be"]["refused"] == sum(one["would_be"] == "refused" for one in results) > 0
    for result, document in zip(results, documents, strict=True):
        shown = await suite.ended(document)
        assert shown["state"] == {"accepted": "completed", "refused": "failed"}[result["would_be"]], (result, shown)
        if shown["state"] == "failed":
            assert shown["outcome"]["reason"] in reasons(result), (result, shown["outcome"])


async def test_it_holds_nothing_and_gives_no_number_of_a_file_twice(suite: Suite) -> None:
    asked = [order(line(numbers={"count": 2, "prefix": "4430"}), customer=existing()) for _ in range(50)]
    before = await suite.rows("numbers", "SELECT count(*) FROM number")
    *results, _ = await run_dry(suite, *asked)
    given = [number["e164"] for result in results for number in result["numbers"][0]["given"]]
    assert len(set(given)) == 100
    assert await suite.rows("numbers", "SELECT count(*) FROM number") == before


async def test_a_number_that_two_orders_of_a_file_name_is_the_firsts(suite: Suite) -> None:
    twice = line(numbers={"exact": [new_number()]})
    first, second, _ = await run_dry(suite, order(twice), order(twice))
    assert errors(first) == []
    assert "numbers.named_twice" in errors(second)


async def test_a_number_that_somebody_else_has_is_replaced_as_it_is_in_the_order(suite: Suite) -> None:
    named = {"exact": [number := new_number()]}
    document = order(line(numbers=named | {"policy": "substitute"}))
    for before in ([order(line(numbers=named))], []):  # named by an order of the same file; then that is completed
        *_, seen, _ = await run_dry(suite, *before, document)
        assert (seen["would_be"], errors(seen)) == ("accepted", [])
        assert "numbers.substituted" in [finding["code"] for finding in seen["findings"]]
        (given,) = seen["numbers"][0]["given"]
        assert (given["instead_of"], given["e164"] != number) == (number, True)
        if before:
            await suite.ended(before[0])
    done = await suite.ended(document)
    assert list(done["lines"][0]["given"]["instead_of"]) == [number]
    assert done["outcome"]["monthly"] == [total["monthly"] for total in seen["prices"]["totals"]]


async def test_an_order_that_would_go_on_without_a_line_is_not_called_refused(suite: Suite) -> None:
    await suite.ended(order(line(numbers={"exact": [number := new_number()]})))
    lacking = line(numbers={"exact": [number]})
    other = line(numbers={"count": 1, "prefix": "4430", "grades": ["standard"]})
    document = order(lacking, other, failure="keep_what_worked")
    seen = await one_dry(suite, document)
    assert (seen["would_be"], errors(seen)) == ("accepted", [])
    assert [one["line"] for one in seen["prices"]["lines"]] == [1]
    assert ("order.line_left_out", "/lines/0") in [(one["code"], one["pointer"]) for one in seen["findings"]]
    done = await suite.ended(document)
    assert (done["state"], done["partly"]) == ("completed", True)
    assert done["outcome"]["monthly"] == [total["monthly"] for total in seen["prices"]["totals"]]
    whole = order(lacking, other)
    *_, last = await run_dry(suite, whole, document)
    assert last["summary"]["would_be"] == {"accepted": 1, "refused": 1}
    assert last["summary"]["totals"][0]["monthly"]["amount"] == seen["prices"]["totals"][0]["monthly"]["amount"]


async def test_a_line_is_given_and_priced_what_its_order_is_by_the_rules_and_prices_of_its_day(suite: Suite) -> None:
    type_, list_ = (f"{what}-{uuid4().hex[:8]}" for what in ("golden", "list"))
    today = datetime.now(UTC).date()
    golden = {"name": "Golden line", "settings_schema": SCHEMA, "resellers": ["acme"]}
    golden |= {"numbers": {"most": 2, "grades": ["gold"]}, "terms": {"version": "1", "text": "Pay."}}
    await publish(suite, f"/v1/service-types/{type_}", today, entry=golden)
    for version, day, monthly in ((1, today, "5.0000"), (2, today + timedelta(days=1), "7.0000")):
        each = [{"service_type": type_, "grade": grade, "setup": "0", "monthly": monthly} for grade in (None, "gold")]
        priced = {"name": "Own", "currency": "GBP", "reseller": "acme", "prices": each}
        await publish(suite, f"/v1/prices/{list_}", day, version, **priced)
    wanted = line(service_type=type_, price_list=list_)
    seen = await one_dry(suite, document := order(wanted))
    assert [one["grade"] for one in seen["numbers"][0]["given"]] == ["gold"]
    done = await suite.ended(document)
    assert done["state"] == "completed", done["outcome"]
    assert done["outcome"]["monthly"] == [total["monthly"] for total in seen["prices"]["totals"]]
    later = await one_dry(suite, order(wanted, start=(today + timedelta(days=2)).isoformat()))
    assert [total["monthly"]["amount"] for total in later["prices"]["totals"]] == ["14.0000"]
    await suite.balanced()


async def publish(suite: Suite, path: str, day: date, version: int = 1, **content: Any) -> None:
    """A version of a service type or price list, in force from that day on."""
    async with suite.client() as client:
        draft = await client.put(f"{path}/draft", json={"why": "new"} | content, headers={"If-Match": '"0"'})
        assert draft.status_code == 200, draft.text
        tag, when = {"If-Match": draft.headers["etag"]}, {"why": "new", "valid_from": day.isoformat()}
        done = await client.post(f"{path}/versions/{version}/publish", json=when, headers=tag)
        assert done.status_code == 200, done.text


async def test_an_order_that_names_its_preview_is_told_what_has_changed_since(suite: Suite) -> None:
    number = new_number()
    document = order(line(numbers={"exact": [number]}), customer=existing())
    seen = await one_dry(suite, document)
    assert seen["would_be"] == "accepted"
    async with suite.client() as client:
        same = document | {"preview": seen["preview"], "require_unchanged": True}
        first = await client.post("/v1/orders", json=same, headers={"Idempotency-Key": number})
        again = await client.post("/v1/orders", json=same, headers={"Idempotency-Key": number})
        assert first.json()["preview"]["unchanged"] is True
        assert again.json() == first.json()
        done = await suite.shows(first.json()["id"], "completed")
        for name in ("setup", "monthly"):
            amounts = [float(total[name]["amount"]) for total in seen["prices"]["totals"]]
            assert [float(money["amount"]) for money in done["outcome"][name]] == amounts
        refused = await client.post("/v1/orders", json=same, headers={"Idempotency-Key": f"{number}-2"})
        told = await client.post("/v1/orders", json=document | {"preview": seen["preview"]})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["pointer"] == "/preview"
    assert told.status_code == 202
    assert "numbers.lost" in [one["code"] for one in told.json()["preview"]["changes"]["findings"]["new"]]
    await suite.balanced()
