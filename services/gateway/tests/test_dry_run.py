"""Dry runs: owners are asked once for many orders, and what cannot be understood or asked is said."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from .behind import Answers, Behind
from .conftest import Gateway
from .posted import CUSTOMER, PIN, line, new, order
from .posted import ndjson as lines

AS_OF = {"changes": 7, "at": "2026-06-01T12:00:00Z", "age_ms": 12}
NDJSON = {"Content-Type": "application/x-ndjson"}
COST = {"setup": {"amount": "5.00", "currency": "GBP"}, "monthly": {"amount": "2.00", "currency": "GBP"}}


class Owners:
    """The owners as dry runs meet them: what each finds about every order, and what each line is `given`."""

    def __init__(self, behind: Behind) -> None:
        self.findings: dict[str, list[dict[str, Any]]] = {}
        self.given: list[dict[str, Any]] = [{"e164": "+441217370000", "grade": "gold"}]
        self.missing = 0
        self.cost = COST
        self.narrowed = list[dict[str, Any]]()
        self.named, self.wanted, self.standing = list[Any](), list[Any](), list[Any]()
        self.rules, self.unwanted = dict[str, Any](), list[str]()
        for name in ("customer", "numbers", "provisioning", "billing"):
            getattr(behind, name).answers = self._of(name)
        for replica in behind.replicas:
            replica.answers = self._available

    def find(self, owner: str, code: str, pointer: str, severity: str = "error") -> None:
        tab = {"numbers": "numbers", "customer": "customer", "billing": "billing"}.get(owner, "settings")
        found = {"code": f"{owner}.{code}", "severity": severity, "tab": tab, "pointer": pointer}
        self.findings.setdefault(owner, []).append(found | {"message": "not so", "remedy": "do otherwise"})

    def _of(self, owner: str) -> Answers:
        async def answer(request: web.Request) -> web.StreamResponse:
            asked = json.loads(await request.read())
            if request.path == "/validity/narrowed":
                self.narrowed += asked["lines"]
                return web.json_response(
                    {"lines": [{"numbers": one["numbers"]} | self.rules for one in asked["lines"]]}
                )
            if request.path == "/availability/named":
                self.named += asked["lines"]
                return web.json_response({"lines": [self.standing for _ in asked["lines"]]})
            queries = asked["queries"]
            if request.path == "/quotes/preview/many":
                return web.json_response({"previews": [{"lines": [], "totals": [self.cost]} for _ in queries]})
            assert request.path == "/validity/many"
            found = {"findings": self.findings.get(owner, [])}
            return web.json_response({"answers": [found for _ in queries]})

        return answer

    async def _available(self, request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())["lines"]
        self.wanted += asked
        found = {"total": 5, "given": self.given, "missing": self.missing, "unwanted": self.unwanted}
        return web.json_response({"lines": [found for _ in asked], "as_of": AS_OF})


@pytest.fixture
def owners(behind: Behind) -> Owners:
    return Owners(behind)


def wanting(**changes: Any) -> dict[str, Any]:
    return order(lines=[line(numbers={"count": 1, "prefix": "0121"})], **changes)


async def preview(gateway: Gateway, document: dict[str, Any]) -> str:
    return str((await gateway.client.post("/v1/orders/dry-run", json=document)).json()["preview"])


async def place(gateway: Gateway, document: dict[str, Any], **changes: Any) -> Any:
    return await gateway.client.post("/v1/orders", json=document | changes)


async def test_one_order_is_answered_with_findings_prices_and_numbers(owners: Owners, gateway: Gateway) -> None:
    owners.find("billing", "mixed_currencies", "/lines/0/price_list", "warning")
    answer = await gateway.client.post("/v1/orders/dry-run", json=wanting())
    shown = answer.json()
    assert answer.status_code == 200
    assert shown["would_be"] == "accepted"
    assert [(one["code"], one["pointer"]) for one in shown["findings"]] == [
        ("billing.mixed_currencies", "/lines/0/price_list")
    ]
    assert shown["prices"]["totals"] == [COST]
    assert shown["numbers"] == [{"line": 0, "matching": 5, "at_least": False, "given": owners.given, "missing": 0}]
    assert shown["as_of"] == AS_OF
    assert await gateway.count() == 0


async def test_who_judges_grades_is_asked_with_those_of_named_numbers(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    named = order(lines=[line(numbers={"exact": ["+441217370000"]})])
    await gateway.client.post("/v1/orders/dry-run", json=named)
    (asked,) = json.loads(behind.provisioning.asked[-1].body)["queries"]
    assert asked["lines"][0]["grades"] == {"+441217370000": "gold"}


async def test_a_number_that_somebody_else_has_refuses_no_order_that_would_get_another(
    owners: Owners, gateway: Gateway
) -> None:
    gone, other = "+441217370009", "+441217370000"
    owners.find("numbers", "lost", "/lines/0/numbers/0")
    owners.standing = [{"e164": gone, "gone": True, "pool": "public", "prefix": "+44121737", "grade": "gold"}]
    owners.given = [{"e164": other, "grade": "gold", "instead_of": gone}]
    document = order(lines=[line(numbers={"exact": [gone], "policy": "substitute"})])
    shown = (await gateway.client.post("/v1/orders/dry-run", json=document)).json()
    (found,) = shown["findings"]
    assert (shown["would_be"], found["code"], found["severity"]) == ("accepted", "numbers.substituted", "info")
    assert found["message"] == f"{gone}: the order would get {other} in place of it"
    assert shown["numbers"][0]["given"] == owners.given
    assert [of["numbers"] for of in owners.named] == [[gone]]
    assert owners.wanted[0]["named"] == owners.standing
    owners.given, owners.missing = [], 1
    assert (await gateway.client.post("/v1/orders/dry-run", json=document)).json()["would_be"] == "refused"


async def test_numbers_are_looked_for_as_the_service_takes_them_and_prices_are_of_the_day(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    owners.rules = {"rules": {"most": 9, "countries": ["33", "49"]}, "least": 2}
    owners.unwanted = ["+441217370000"]
    shown = (await gateway.client.post("/v1/orders/dry-run", json=wanting(start=day))).json()
    (alike,) = owners.narrowed
    assert (alike["service_type"], alike["day"], alike["numbers"]["prefix"]) == ("voice-line", day, "0121")
    asked = [json.loads(one.body) for replica in behind.replicas for one in replica.asked]
    assert [(one["rules"]["countries"], one["least"]) for (one,) in (of["lines"] for of in asked)] == [
        (["33", "49"], 2)
    ]
    (finding,) = shown["findings"]
    assert (finding["code"], finding["pointer"]) == ("numbers.wrong_prefix", "/lines/0/numbers")
    assert finding["remedy"] == "choose numbers that begin with +33 or +49"
    previews = [json.loads(one.body)["queries"] for one in behind.billing.asked if "preview" in one.path]
    assert [one["day"] for one in previews[0]] == [day]


async def test_findings_point_into_the_order_as_it_was_posted(owners: Owners, gateway: Gateway) -> None:
    owners.find("numbers", "lost", "/lines/0/numbers/1")
    owners.find("numbers", "not_held", "/lines/0/numbers/0", "warning")
    owners.find("customer", "city_wrong", "/customer/city")
    owners.find("provisioning", "wrong_prefix", "/lines/0/numbers/prefix")
    shown = (await gateway.client.post("/v1/orders/dry-run", json=wanting(customer=new()))).json()
    assert shown["would_be"] == "refused"
    assert [one["pointer"] for one in shown["findings"]] == [
        "/customer/address/city", "/lines/0/numbers/exact/1", "/lines/0/numbers/prefix",
    ]  # fmt: skip


async def test_a_file_asks_each_owner_once_for_hundreds_of_orders(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    content = lines(*(wanting() for _ in range(501)))
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=NDJSON)
    *results, last = [json.loads(one) for one in answer.content.splitlines()]
    assert [one["line"] for one in results] == list(range(1, 502))
    assert len({one["preview"] for one in results}) == 501
    assert last["summary"]["totals"][0]["setup"] == {"amount": "2505.00", "currency": "GBP"}
    assert [len(service.asked) for service in (behind.customer, behind.numbers, behind.provisioning)] == [2, 2, 3]
    assert len(behind.billing.asked) == 4
    assert sum(behind.searches()) == 1


async def test_lines_that_are_no_orders_are_answered_beside_those_that_are(owners: Owners, gateway: Gateway) -> None:
    content = b"nonsense\n" + lines(wanting(), order(customer=new(pin="1")))
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=NDJSON)
    *results, last = [json.loads(one) for one in answer.content.splitlines()]
    assert [one["would_be"] for one in results] == ["refused", "accepted", "refused"]
    assert results[2]["error"]["errors"][0]["pointer"] == "/customer/pin"
    assert last["summary"]["would_be"] == {"accepted": 1, "refused": 2}


async def test_a_csv_is_run_dry_as_well(owners: Owners, gateway: Gateway) -> None:
    content = f"customer.id,service_type,price_list,numbers.count\n{CUSTOMER},voice-line,standard-gbp,1\n"
    headers = {"Content-Type": "text/csv"}
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=headers)
    assert [json.loads(one).get("line") for one in answer.content.splitlines()] == [2, None]


async def test_too_few_numbers_are_an_error_at_the_line(owners: Owners, gateway: Gateway) -> None:
    owners.given, owners.missing = [], 1
    shown = (await gateway.client.post("/v1/orders/dry-run", json=wanting())).json()
    assert [(one["code"], one["severity"], one["pointer"]) for one in shown["findings"]] == [
        ("numbers.too_few", "error", "/lines/0/numbers")
    ]


async def test_references_that_a_file_gives_twice_are_found(owners: Owners, gateway: Gateway) -> None:
    content = lines(*(wanting(customer=new(reference="C-1")) for _ in range(2)))
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=NDJSON)
    first, second, _ = [json.loads(one) for one in answer.content.splitlines()]
    assert (first["findings"], second["findings"][0]["code"]) == ([], "customer.reference_taken")


async def test_times_are_refused_in_the_words_of_the_order(owners: Owners, gateway: Gateway) -> None:
    late = wanting(start="2020-01-01"), wanting(failure="back_order", until="2020-01-01")
    for document in late:
        dry, placed = [await gateway.client.post(f"/v1/orders{path}", json=document) for path in ("/dry-run", "")]
        assert (dry.status_code, dry.json()["errors"]) == (placed.status_code, placed.json()["errors"])
        assert dry.status_code == 422
    answer = await gateway.client.post("/v1/orders/dry-run", content=lines(*late, wanting()), headers=NDJSON)
    *results, last = [json.loads(one) for one in answer.content.splitlines()]
    assert [one["error"]["errors"][0]["pointer"] for one in results[:2]] == ["/start", "/until"]
    assert last["summary"]["would_be"] == {"accepted": 1, "refused": 2}


async def test_a_reference_that_is_to_be_unique_and_is_not_is_found(owners: Owners, gateway: Gateway) -> None:
    unique = {"unique_reference": True}
    first = (await place(gateway, wanting(), **unique)).json()["id"]
    content = lines(wanting(), wanting(**unique), wanting(reference="PO-2"), wanting(reference="PO-2", **unique))
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=NDJSON)
    *results, _ = [json.loads(one) for one in answer.content.splitlines()]
    assert [one["would_be"] for one in results] == ["accepted", "refused", "accepted", "refused"]
    had, again = [one for result in results for one in result["findings"]]
    assert (had["code"], had["pointer"], again["code"]) == ("order.reference_in_use", "/reference", had["code"])
    assert had["message"] == (await place(gateway, wanting(), **unique)).json()["errors"][0]["message"]
    assert "in the file" in again["message"]
    await gateway.do("UPDATE orders SET state = 'failed' WHERE id = $1", UUID(first))
    assert (await gateway.client.post("/v1/orders/dry-run", json=wanting(**unique))).json()["findings"] == []


async def test_terms_are_looked_at_by_the_day_on_which_the_order_begins(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    terms = [{"service_type": "voice-line", "version": "1", "hash": "0" * 64}]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await gateway.client.post("/v1/orders/dry-run", json=wanting(terms=terms, start=tomorrow.isoformat()))
    *_, asked = behind.provisioning.asked
    (query,) = json.loads(asked.body)["queries"]
    assert (query["terms"], query["begins"]) == (terms, str(tomorrow.date()))


async def test_an_owner_that_is_away_is_said_and_nothing_is_guessed(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    await behind.provisioning.go()
    assert (await gateway.client.post("/v1/orders/dry-run", json=wanting())).status_code == 503


async def test_a_file_that_is_too_long_is_refused(owners: Owners, gateway: Gateway) -> None:
    content = lines(order(lines=[])) * 10_001
    answer = await gateway.client.post("/v1/orders/dry-run", content=content, headers=NDJSON)
    assert answer.status_code == 413


async def test_no_pin_is_kept_of_a_dry_run(owners: Owners, behind: Behind, gateway: Gateway) -> None:
    await preview(gateway, wanting(customer=new()))
    (kept,) = await gateway.rows("SELECT * FROM preview")
    assert PIN not in str(kept)
    (asked,) = behind.customer.asked
    assert PIN not in asked.body.decode()
