"""Services are found by what they are and shown whole, and nobody sees another reseller's."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
import pytest_asyncio

from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from patchbay_contracts.numbers_in_service import NumbersQuery, OrdersQuery
from patchbay_contracts.services import ServiceQuery
from provisioning_service import finding_services, numbers_in_service
from provisioning_service.http import app
from provisioning_service.settings import settings

from .serving import CUSTOMER, OTHER, Asked, have_service

A, B, C = 441214960001, 441214960002, 442079460001


@pytest_asyncio.fixture
async def asked(database: Database) -> AsyncIterator[Asked]:
    api = app(Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://provisioning") as client:
        yield Asked(client)


@pytest_asyncio.fixture
async def there(database: Database) -> list[UUID]:
    """Five services, the newest first: of two customers of acme, and of borealis."""
    async with database.transaction() as db:
        return [
            await have_service(db, A, B, days=5),
            await have_service(db, C, days=4, customer_id=OTHER),
            await have_service(db, days=3, service_type="sip-trunk", state="suspended"),
            await have_service(db, 441214960003, days=2, reseller="borealis"),
            await have_service(db, 441214960004, days=1, state="ended"),
        ]


async def test_a_reseller_finds_its_services_newest_first(asked: Asked, there: list[UUID]) -> None:
    first, second, third, theirs, fifth = there
    assert await asked.ids() == [first, second, third, fifth]
    assert await asked.ids(("borealis",)) == [theirs]
    assert await asked.ids(("borealis", "acme")) == there


async def test_services_are_found_by_what_they_are(asked: Asked, there: list[UUID], database: Database) -> None:
    first, second, third, _, fifth = there
    async with database.connection() as db:
        order_id = await db.fetchval("SELECT order_id FROM service WHERE id = $1", second)
    assert await asked.ids(customer_id=str(CUSTOMER)) == [first, third, fifth]
    assert await asked.ids(customer_id=str(CUSTOMER), state="active") == [first]
    assert await asked.ids(service_type="sip-trunk") == [third]
    assert await asked.ids(state="suspended") == [third]
    assert await asked.ids(state="ended") == [fifth]
    assert await asked.ids(order_id=str(order_id)) == [second]
    assert await asked.ids(created_from="2026-01-04T00:00:00Z", created_before="2026-01-06T00:00:00Z") == [
        second,
        third,
    ]


async def test_services_are_found_by_a_number_or_how_it_begins(asked: Asked, there: list[UUID]) -> None:
    first, second, _, theirs, fifth = there
    assert await asked.ids(number=f"+{B}") == [first]
    assert await asked.ids(number="+44121496") == [first, fifth]
    assert await asked.ids(number="44") == [first, fifth, second]
    assert await asked.ids(number="+44121496", state="ended") == [fifth]
    assert await asked.ids(("acme", "borealis"), number="44121") == [first, theirs, fifth]
    assert await asked.ids(number="4412149600010") == []


async def test_a_number_that_left_its_service_finds_it_no_more(
    asked: Asked, there: list[UUID], database: Database
) -> None:
    assert await asked.ids(number=f"+{A}") == [there[0]]
    async with database.transaction() as db:
        await db.execute("UPDATE service SET numbers = $1 WHERE id = $2", [B], there[0])
    assert await asked.ids(number=f"+{A}") == []


async def test_a_service_is_found_when_it_is_more_than_planned(asked: Asked, database: Database) -> None:
    async with database.transaction() as db:
        await have_service(db, A, state="planned", verb="activate")
    assert await asked.ids() == await asked.ids(number=f"+{A}") == []


async def test_a_service_is_shown_whole_to_its_reseller_alone(asked: Asked, database: Database) -> None:
    both = {"settings": {"voicemail": True}, "settings_by_number": {f"+{A}": {"voicemail": False}}}
    async with database.transaction() as db:
        id_ = await have_service(db, A, B)
        await db.execute("UPDATE service SET settings = $1", orjson.dumps(both).decode())
    (shown,) = (await asked.says("/services/get", resellers=["acme"], ids=[str(id_), str(uuid4())]))["services"]
    assert shown.pop("created_at").startswith("2026-01-01")
    assert shown.pop("order_id")
    assert shown == both | {
        "id": str(id_),
        "version": 1,
        "reseller": "acme",
        "customer_id": str(CUSTOMER),
        "line": 0,
        "service_type": "voice-line",
        "type_version": None,
        "price_list": "standard-gbp",
        "price_list_to_come": None,
        "state": "active",
        "numbers": [f"+{A}", f"+{B}"],
        "changing": None,
        "network": {"to_do": None, "tries": 0, "detail": ""},
    }
    assert (await asked.says("/services/get", resellers=["borealis"], ids=[str(id_)]))["services"] == []


async def test_a_price_list_whose_date_has_come_is_in_force(asked: Asked, database: Database) -> None:
    async with database.transaction() as db:
        ids = [
            await have_service(db, next_price_list="wholesale-gbp", next_from=day)
            for day in [await db.fetchval("SELECT current_date"), await db.fetchval("SELECT current_date + 1")]
        ]
    shown = (await asked.says("/services/get", resellers=["acme"], ids=list(map(str, ids))))["services"]
    assert [one["price_list"] for one in shown] == ["wholesale-gbp", "standard-gbp"]
    assert [one["price_list_to_come"] is None for one in shown] == [True, False]


async def test_a_customer_is_found_by_a_number_that_is_in_service(asked: Asked, there: list[UUID]) -> None:
    async def found(number: str, *resellers: str) -> list[tuple[str, str]]:
        answer = await asked.says("/customers/by-number", resellers=resellers, number=number)
        return [(one["customer_id"], one["e164"]) for one in answer["customers"]]

    assert await found("+44", "acme") == [(str(CUSTOMER), f"+{A}"), (str(OTHER), f"+{C}")]
    assert await found(f"+{C}", "acme") == [(str(OTHER), f"+{C}")]
    assert await found("+441214960004", "acme") == []
    assert await found(f"+{C}", "borealis") == []


@pytest.mark.parametrize(
    ("path", "wrong", "pointer"),
    [
        ("/services/search", {"after": "nonsense!"}, "/after"),
        ("/services/search", {"after": "A" * 11}, "/after"),
        ("/services/search", {"number": "0121496"}, "/number"),
        ("/services/search", {"count": 0}, "/count"),
        ("/services/search", {"resellers": []}, "/resellers"),
        ("/services/search", {"colour": "red"}, "/colour"),
        ("/services/get", {"ids": []}, "/ids"),
        ("/customers/by-number", {"number": "x"}, "/number"),
    ],
)
async def test_what_cannot_be_meant_is_refused_at_its_field(
    asked: Asked, path: str, wrong: dict[str, object], pointer: str
) -> None:
    answer = await asked.post(path, **({"resellers": ["acme"]} | wrong))
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (ServiceQuery(resellers=("acme",)), "service_of_reseller"),
        (ServiceQuery(resellers=("acme",), customer_id=CUSTOMER), "service_of_customer"),
        (ServiceQuery(resellers=("acme",), customers=(CUSTOMER,)), "service_of_customer"),
        (ServiceQuery(resellers=("acme",), service_type="rare"), "service_of_type"),
        (ServiceQuery(resellers=("acme",), state="suspended"), "service_in_state"),
        (ServiceQuery(resellers=("acme",), number="+44121"), "service_number_pkey"),
        (NumbersQuery(resellers=("acme",)), "service_number_pkey"),
        (NumbersQuery(resellers=("acme",), customer_id=CUSTOMER), "service_of_customer"),
        (NumbersQuery(resellers=("acme",), service_id=OTHER), "service_pkey"),
    ],
)
async def test_each_search_has_its_index_among_many_services(
    database: Database, query: ServiceQuery | NumbersQuery, index: str
) -> None:
    async with database.transaction() as db:
        await db.execute(
            "INSERT INTO service (id, order_id, line, siblings, reseller, customer_id, service_type, price_list,"
            " numbers, settings, state, created_at) SELECT gen_random_uuid(), gen_random_uuid(), 0, 1, 'acme',"
            " gen_random_uuid(), 'type-' || n % 5, 'l', ARRAY[440000000000 + n], '{}', 'active',"
            " now() - n * interval '1 s' FROM generate_series(1, 5000) n"
        )
        await db.execute("INSERT INTO service_number SELECT reseller, numbers[1], id FROM service")
        await db.execute("ANALYZE service, service_number")
        plans = list[str]()

        class Explained:
            async def fetch(self, statement: str, *values: object) -> list[object]:
                plans.extend(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
                return []

        page: Any = finding_services.page if isinstance(query, ServiceQuery) else numbers_in_service.page
        await page(Explained(), query)
    assert any(index in line for line in plans), "\n".join(plans)
    assert not any("Seq Scan on service" in line for line in plans), "\n".join(plans)


async def test_a_reseller_lists_its_numbers_in_service_in_their_order(asked: Asked, there: list[UUID]) -> None:
    async def found(reseller: str = "acme", **query: str) -> list[tuple[str, str]]:
        shown, after = list[tuple[str, str]](), None
        while True:
            page = await asked.says("/numbers/search", resellers=[reseller], count=2, after=after, **query)
            shown += [(one["e164"], one["service_id"]) for one in page["numbers"]]
            if not page["more"]:
                return shown
            after = shown[-1][0]

    first, second, _, theirs, _ = map(str, there)
    assert await found() == [(f"+{A}", first), (f"+{B}", first), (f"+{C}", second)]
    assert await found(number="+4420") == [(f"+{C}", second)]
    assert await found(number=str(B)) == [(f"+{B}", first)]
    assert await found("borealis") == [("+441214960003", theirs)]
    assert await found(service_id=first) == [(f"+{A}", first), (f"+{B}", first)]
    assert await found(service_id=first, number=str(B)) == [(f"+{B}", first)]
    assert await found(customer_id=str(CUSTOMER)) == [(f"+{A}", first), (f"+{B}", first)]
    assert await found(customer_id=str(CUSTOMER), service_id=second) == []
    assert await found("borealis", service_id=first) == await found(customer_id=first) == []


@pytest.mark.parametrize("sorted_", [0, 5_000])
async def test_orders_are_found_by_a_number_of_what_they_made_the_newest_first(
    there: list[UUID], database: Database, monkeypatch: pytest.MonkeyPatch, sorted_: int
) -> None:
    """Few are put in order; of many the newest are looked through."""
    monkeypatch.setattr(numbers_in_service, "SORTED", sorted_)
    first, second, _, theirs, fifth = there
    async with database.transaction() as db:
        order_of = {row.id: row.order_id for row in await db.fetch("SELECT id, order_id FROM service")}
        await have_service(db, 441214960009, order_id=order_of[fifth])
        await have_service(db, 441214960010, state="planned")
        both = sorted((order_of[first], order_of[fifth]), reverse=True)
        for number, ids in (("+44121496", both), ("+441214960002", [order_of[first]]), ("+44207", [order_of[second]])):
            found = await numbers_in_service.orders(db, OrdersQuery(resellers=("acme",), number=number))
            assert (list(found.ids), found.more) == (ids, False)
        page = OrdersQuery(resellers=("acme",), number="+44121496", count=1)
        newest = await numbers_in_service.orders(db, page)
        older = await numbers_in_service.orders(db, page.model_copy(update={"before": both[0]}))
        assert (newest.ids, newest.more, older.ids, older.more) == ((both[0],), True, (both[1],), False)
        of_them = await numbers_in_service.orders(db, OrdersQuery(resellers=("borealis",), number="+44"))
        assert of_them.ids == (order_of[theirs],)
