"""What billing says about prices over HTTP: those of a list that is in force and open to the reseller, or why not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from billing_service.http import app
from billing_service.settings import settings
from patchbay_chassis import fresh
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from patchbay_contracts.prices import Prices

from .conftest import add_prices


@pytest_asyncio.fixture
async def billing(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    fresh.forget_all()
    async with database.transaction() as db:
        await add_prices(db)
        await db.execute("INSERT INTO price VALUES ('house', 'sip-trunk', '', 25, 14), ('house', 'fax', 'gold', 1, 1)")
    api = app(Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://billing") as client:
        yield client


async def asked(billing: httpx.AsyncClient, price_list: str, reseller: str = "acme", **more: str) -> httpx.Response:
    return await billing.post("/prices", json={"reseller": reseller, "price_list": price_list} | more)


async def prices(billing: httpx.AsyncClient, price_list: str, reseller: str = "acme", **more: str) -> Prices:
    answer = await asked(billing, price_list, reseller, **more)
    assert answer.status_code == 200, answer.text
    return Prices.model_validate_json(answer.content)


def fault(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (found,) = answer.json()["errors"]
    return dict(found)


async def test_a_service_costs_something_and_each_grade_of_its_numbers_besides(billing: httpx.AsyncClient) -> None:
    answer = await asked(billing, "house", service_type="voice-line")
    assert answer.json() == {
        "price_list": "house",
        "currency": "GBP",
        "valid_from": "2020-01-01",
        "valid_to": None,
        "services": [
            {
                "service_type": "voice-line",
                "service": price("5.0000", "8.5000"),
                "grades": {"gold": price("75.0000", "5.0000"), "standard": price("0.0000", "1.1000")},
            }
        ],
    }


def price(setup: str, monthly: str) -> dict[str, Any]:
    return {"setup": {"amount": setup, "currency": "GBP"}, "monthly": {"amount": monthly, "currency": "GBP"}}


async def test_all_that_can_be_bought_is_listed_when_no_service_type_is_named(billing: httpx.AsyncClient) -> None:
    found = await prices(billing, "house")
    assert [one.service_type for one in found.services] == ["sip-trunk", "voice-line"]
    assert found.services[0].grades == {}


async def test_a_price_has_the_currency_of_its_list(billing: httpx.AsyncClient) -> None:
    found = await prices(billing, "euro")
    assert found.currency == "EUR"
    assert {one.service.setup.currency for one in found.services} == {"EUR"}


async def test_a_reseller_sees_its_own_list_and_nobody_elses(billing: httpx.AsyncClient) -> None:
    assert (await prices(billing, "theirs", "borealis")).price_list == "theirs"
    refused, unknown = fault(await asked(billing, "theirs", "acme")), fault(await asked(billing, "gone"))
    assert (refused["pointer"], refused["remedy"]) == ("/price_list", "choose one of yours")
    assert refused["message"] == unknown["message"].replace("gone", "theirs")


@pytest.mark.parametrize(
    ("query", "pointer", "message"),
    [
        ({"price_list": "gone"}, "/price_list", "no price list 'gone'"),
        ({"price_list": "past"}, "/price_list", "from 2020-01-01 to 2020-12-31"),
        ({"price_list": "future"}, "/price_list", "from 2099-01-01 to further notice"),
        ({"price_list": "house", "service_type": "teleport"}, "/service_type", "no price for service type 'teleport'"),
        ({"price_list": "house", "service_type": "fax"}, "/service_type", "no price for service type 'fax'"),
        ({"price_list": "A B"}, "/price_list", "as it should be"),
        ({"price_list": "house", "colour": "red"}, "/colour", "no such field"),
    ],
)
async def test_what_has_no_price_is_a_problem_that_names_the_field(
    billing: httpx.AsyncClient, query: dict[str, str], pointer: str, message: str
) -> None:
    found = fault(await asked(billing, **query))
    assert found["pointer"] == pointer
    assert message in found["message"]
    assert found["remedy"]
