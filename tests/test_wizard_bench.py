"""The wizard's bench goes through all tabs as an operator does, and its customers are like those of orders."""

from typing import cast

import asyncpg
import pytest

from bench import wizard, wizard_browser, wizard_data
from bench.wizard_pages import Times, Visitor
from bench.world import World, load_blocks
from customer_service.names import lexemes
from gateway_service.pages.wizard_ways import TABS
from patchbay_chassis.testing import Databases
from patchbay_local.runtime import Runtime
from patchbay_local.waiting import run_async
from tests.suite import Suite


async def _words(url: str) -> list[asyncpg.Record]:
    await wizard_data.add_customers(url, 2_000)
    db = await asyncpg.connect(url)
    rows = await db.fetch("SELECT reseller, name, email, reference, tsvector_to_array(words) AS words FROM customer")
    await db.execute("TRUNCATE customer, reseller CASCADE")
    await db.close()
    return list(rows)


def test_customers_of_the_bench_are_found_by_the_words_that_orders_give_theirs(databases: Databases) -> None:
    rows = run_async(_words(databases.workbench("customer_service").replace("+asyncpg", "")))
    assert len(rows) == 2_000
    assert {row["reseller"] for row in rows} > {"acme", "borealis", "reseller-000"}
    for row in rows:
        assert row["words"] == sorted(lexemes(row["reseller"], row["name"], row["email"], row["reference"]))


@pytest.fixture
async def signed_in(suite: Suite) -> list[wizard_data.SignedIn]:
    """Operators of the bench, and numbers for them."""
    stack = suite.stack
    await load_blocks(World(cast(Runtime, None), stack.url("gateway"), "", stack.inventory_key, "", ""), 1)
    return await wizard_data.sign_in(suite.databases["gateway"], 2)


async def test_operators_of_the_bench_create_what_they_went_for(
    suite: Suite, signed_in: list[wizard_data.SignedIn]
) -> None:
    url = suite.stack.url("gateway")
    one = await wizard.alone(url, signed_in[0])
    assert one["requests"]["to_finish"] > one["actions"]["to_finish"] > one["actions"]["to_create"]
    assert one["first_load_bytes"] > max(one["after_bytes"].values())
    both = await wizard.together(url, signed_in, seconds=0.1, think=0)
    assert (both["runs"], both["wrong"]) == (2, 0)
    assert set(both["tabs"]) >= {"start", *TABS}
    visitor = Visitor(url, signed_in[0].token, Times())
    assert all(took > 0 for took in await wizard_browser.adding_ms(url, signed_in[0], visitor, 2))
    await visitor.close()
