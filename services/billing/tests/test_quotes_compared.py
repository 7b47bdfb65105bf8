"""Quotes compared: what lines cost by another price list, by the version before, and beside what is locked."""

import httpx

from patchbay_chassis.database import Connection

from .test_quotes import dearer, quoted, wanted


async def test_a_comparison_says_what_another_price_list_makes_of_each_line(
    billing: httpx.AsyncClient, db: Connection
) -> None:
    await db.execute(
        "INSERT INTO price_list (id, name, currency, valid_from) VALUES ('half', 'H', 'GBP', '2020-01-01')"
    )
    await db.execute(
        "INSERT INTO price (price_list, service_type, setup, monthly) VALUES ('half', 'voice-line', 1, 4.2501)"
    )
    body = {"reseller": "acme", "lines": [wanted(), wanted()], "instead": ["half", None]}
    answer = (await billing.post("/quotes/compare", json=body)).json()
    assert [found["difference"]["monthly"]["amount"] for found in answer["lines"]] == ["-4.2499", "0.0000"]
    assert [(d["setup"]["amount"], d["monthly"]["amount"]) for d in answer["differences"]] == [("-4.0000", "-4.2499")]


async def test_a_list_that_stays_is_compared_with_the_version_that_it_replaced(
    billing: httpx.AsyncClient, db: Connection
) -> None:
    await db.execute(
        "INSERT INTO price_list (id, version, name, currency, valid_from, state) VALUES"
        " ('house', 2, 'New', 'GBP', '2021-01-01', 'published'), ('house', 3, 'Next', 'GBP', '2099-01-01', 'published')"
    )
    await db.execute(
        "INSERT INTO price (price_list, version, service_type, setup, monthly) VALUES"
        " ('house', 2, 'voice-line', 1, 4.2501), ('house', 3, 'voice-line', 1, 1)"
    )
    body = {"reseller": "acme", "lines": [wanted(), wanted()], "instead": [None, "euro"]}
    compared = (await billing.post("/quotes/compare", json=body | {"versions_before": True})).json()
    first, second = compared["lines"]
    assert (first["before"]["version"], first["after"]["version"], first["after"]["name"]) == (2, 1, "House")
    assert first["after"]["valid_to"] == "2020-12-31", "the day before the present one began"
    assert first["difference"]["monthly"]["amount"] == "4.2499"
    assert second["after"]["price_list"] == "euro"
    first, _ = (await billing.post("/quotes/compare", json=body)).json()["lines"]
    assert first["before"] == first["after"], "only if that is asked for"


async def test_while_a_quote_locks_prices_they_are_what_is_compared(billing: httpx.AsyncClient, db: Connection) -> None:
    quote = await quoted(billing, wanted(), wanted())
    await dearer(db)
    body = {"reseller": "acme", "lines": [wanted()] * 2, "instead": ["euro", None], "versions_before": True}
    for locked_for, monthly in (("1 hour", "8.5000"), ("0", "17.0000")):
        await db.execute("UPDATE quote SET locked_until = now() + $1::text::interval", locked_for)
        found = (await billing.post("/quotes/compare", json=body | {"quote": str(quote.id)})).json()["lines"]
        assert {(one["before"]["total"]["monthly"]["amount"], one["after"]["version"]) for one in found} == {
            (monthly, 1)
        }


async def test_a_list_that_replaced_none_is_compared_with_itself(billing: httpx.AsyncClient) -> None:
    body = {"reseller": "acme", "lines": [wanted()], "instead": [None], "versions_before": True}
    (line,) = (await billing.post("/quotes/compare", json=body)).json()["lines"]
    assert line["before"] == line["after"]
