"""Quotes found by what they are: everything that is asked for has to be true of a quote."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from billing_service import quote_queries
from billing_service.handlers import forget_quotes
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.quotes import QuotesQuery

from .test_quotes import line, opening, quoted, wanted


async def test_quotes_are_found_by_what_they_are(billing: httpx.AsyncClient, deliver: Deliver, db: Connection) -> None:
    made = [
        await quoted(billing, wanted()),
        await quoted(billing, wanted(), kind="customer", id=str(customer := uuid4())),
        await quoted(billing, wanted(), wanted("euro")),
    ]
    await deliver(opening(made[1].id, line(), customer=customer))
    await db.execute("UPDATE quote SET locked_until = now() - interval '1 s' WHERE id = $1", made[0].id)
    await db.executemany(
        "UPDATE quote SET quoted_at = quoted_at + $2 * interval '1 s' WHERE id = $1",
        [(quote.id, n) for n, quote in enumerate(made)],
    )
    one, two, three = [shown for one in made if (shown := await quote_queries.get(db, one.id, "acme"))]
    found: list[tuple[dict[str, Any], str]] = [
        ({}, "321"),
        ({"price_list": "house"}, "321"),
        ({"price_list": "euro"}, "3"),
        ({"price_list": "euro", "state": "used"}, ""),
        ({"price_list": "nobodys"}, ""),
        ({"state": "open"}, "3"),
        ({"state": "ended"}, "1"),
        ({"state": "used"}, "2"),
        ({"customer_id": customer}, "2"),
        ({"customer_id": three.owner.id}, ""),  # it is a draft's
        ({"owner_id": three.owner.id}, "3"),
        ({"used_by": two.used_by}, "2"),
        ({"quoted_from": two.quoted_at}, "32"),
        ({"quoted_before": two.quoted_at}, "1"),
        ({"quoted_from": two.quoted_at, "quoted_before": three.quoted_at}, "2"),
        ({"quoted_from": three.quoted_at + timedelta(days=1)}, ""),
    ]
    for asked, numbers in found:
        for reseller, expected in (("acme", numbers), ("borealis", "")):
            page = await quote_queries.page(db, QuotesQuery(reseller=reseller, **asked))
            assert "".join(str([one.id, two.id, three.id].index(q.id) + 1) for q in page.quotes) == expected, asked


async def test_a_page_of_a_price_list_ends_where_the_next_one_begins(
    billing: httpx.AsyncClient, db: Connection
) -> None:
    made = [(await quoted(billing, wanted())).id for _ in range(3)]
    first = await quote_queries.page(db, QuotesQuery(reseller="acme", price_list="house", count=2))
    await quoted(billing, wanted())
    rest = await quote_queries.page(db, QuotesQuery(reseller="acme", price_list="house", count=2, after=first.next))
    assert [quote.id for quote in (*first.quotes, *rest.quotes)] == made[::-1]
    assert rest.next is None


async def test_a_quote_that_is_forgotten_is_not_found_by_its_price_list(
    billing: httpx.AsyncClient, db: Connection
) -> None:
    await quoted(billing, wanted())
    await db.execute("UPDATE quote SET locked_until = now() - interval '31 days'")
    await forget_quotes(db)
    assert await db.fetchval("SELECT count(*) FROM quote_by_list") == 0


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "quote_of_reseller"),
        ({"state": "open"}, "quote_unused"),
        ({"customer_id": uuid4()}, "quote_by_owner"),
        ({"used_by": uuid4()}, "quote_used_by"),
        ({"price_list": "rare"}, "quote_by_list_pkey"),
    ],
)
async def test_each_search_has_its_index_among_many_quotes(db: Connection, query: dict[str, Any], index: str) -> None:
    await db.execute(
        "INSERT INTO quote (id, reseller, owner_kind, owner_id, quoted_at, locked_until, used_by, lines)"
        " SELECT gen_random_uuid(), (ARRAY['acme', 'borealis'])[1 + n % 2], 'draft', gen_random_uuid(), now(), now(),"
        " gen_random_uuid(), '[]'"
        " FROM generate_series(1, 5000) n"
    )
    await db.execute("INSERT INTO quote_by_list SELECT reseller, 'house', id FROM quote")
    await db.execute("ANALYZE quote, quote_by_list")
    plans = list[str]()

    class Explained:
        async def fetch(self, statement: str, *values: object) -> list[object]:
            plans.extend(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
            return []

    await quote_queries.page(Explained(), QuotesQuery(reseller="acme", **query))  # type: ignore[arg-type]
    assert any(index in row for row in plans), "\n".join(plans)
    assert not any("Seq Scan" in row for row in plans), "\n".join(plans)
