"""Quotes: what was shown is what is charged, for one order, until the last second."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from billing_service.handlers import forget_quotes
from billing_service.settings import settings
from patchbay_chassis import fresh
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.quotes import Quote
from patchbay_contracts.v1.billing import BilledLine, BillingOpened, BillingRefused, OpenBilling, VoidBilling
from patchbay_contracts.words import Grade, HeldNumber


def wanted(price_list: str = "house", services: int = 1, **numbers: int) -> dict[str, Any]:
    return {"service_type": "voice-line", "price_list": price_list, "services": services, "numbers": numbers}


async def quoted(billing: httpx.AsyncClient, *lines: dict[str, Any], **owner: str) -> Quote:
    of = {"kind": "draft", "id": str(uuid4())} | owner
    answer = await billing.post("/quotes", json={"reseller": "acme", "owner": of, "lines": lines})
    assert answer.status_code == 200, answer.text
    return Quote.model_validate_json(answer.content)


def line(*grades: Grade, at: int = 0, **other: Any) -> BilledLine:
    numbers = tuple(HeldNumber(e164=441214960000 + n, grade=grade, rule="a rule") for n, grade in enumerate(grades))
    given = {"line": at, "service_type": "voice-line", "price_list": "house", "services": 1, "numbers": numbers}
    return BilledLine(**(given | other))


def opening(
    quote: UUID | None, *lines: BilledLine, reseller: str = "acme", customer: UUID | None = None
) -> OpenBilling:
    return OpenBilling(order_id=uuid4(), reseller=reseller, customer_id=customer or uuid4(), lines=lines, quote=quote)


async def dearer(db: Connection) -> None:
    """A new version, begun today, at twice the prices."""
    await db.execute(
        """INSERT INTO price_list (id, version, name, currency, valid_from)
        VALUES ('house', 2, 'House', 'GBP', (now() AT TIME ZONE 'UTC')::date)"""
    )
    await db.execute(
        """INSERT INTO price (price_list, version, service_type, grade, setup, monthly)
        SELECT 'house', 2, service_type, grade, setup * 2, monthly * 2 FROM price WHERE price_list = 'house'"""
    )
    fresh.forget_all()


def refused(answers: list[Any], reason: str) -> str:
    (answer,) = answers
    assert isinstance(answer, BillingRefused), answer
    assert answer.reason == reason
    return answer.detail


async def test_a_quote_shows_each_part_of_a_line_and_what_all_comes_to(billing: httpx.AsyncClient) -> None:
    quote = await quoted(billing, wanted(services=3, gold=1, standard=2), wanted("euro"))
    assert [(p.grade, p.quantity, p.total.setup.amount, p.total.monthly.amount) for p in quote.lines[0].parts] == [
        (None, 3, Decimal("15.0000"), Decimal("25.5000")),
        ("gold", 1, Decimal("75.0000"), Decimal("5.0000")),
        ("standard", 2, Decimal("0.0000"), Decimal("2.2000")),
    ]
    assert [(t.setup.currency, t.setup.amount, t.monthly.amount) for t in quote.totals] == [
        ("EUR", Decimal("5.0000"), Decimal("8.5000")),
        ("GBP", Decimal("90.0000"), Decimal("32.7000")),
    ]
    assert (quote.state, quote.lines[0].version) == ("open", 1)
    assert quote.locked_until - quote.quoted_at == settings().quote_holds


async def test_an_order_is_charged_what_its_quote_shows_though_a_new_version_is_in_force(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    quote = await quoted(billing, wanted(gold=1))
    await dearer(db)
    (by_list,) = await deliver(opening(None, line("gold")))
    (by_quote,) = await deliver(opening(quote.id, line("gold")))
    assert isinstance(by_list, BillingOpened)
    assert isinstance(by_quote, BillingOpened)
    assert by_list.monthly[0].amount == 2 * by_quote.monthly[0].amount
    assert by_quote.monthly == (quote.totals[0].monthly,)
    noted = await db.fetch("SELECT DISTINCT price_list, version, setup FROM charge ORDER BY setup")
    assert [(row.price_list, row.version) for row in noted] == [("house", 1), ("house", 2), ("house", 1), ("house", 2)]


@pytest.mark.parametrize(("left", "holds"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
async def test_a_quote_holds_to_its_last_moment_by_the_databases_time(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection, left: timedelta, holds: bool
) -> None:
    quote = await quoted(billing, wanted())
    await db.execute("UPDATE quote SET locked_until = now() + $1::interval", left)
    answers = await deliver(opening(quote.id, line()))
    assert isinstance(answers[0], BillingOpened) == holds
    if not holds:
        assert "/quote: " in refused(answers, "quote_ended")
        assert "quote again" in refused(answers, "quote_ended")


async def test_a_quote_does_for_one_order_and_the_other_is_told(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    quote = await quoted(billing, wanted())
    first, second = await deliver(opening(quote.id, line()), opening(quote.id, line()))
    assert isinstance(first, BillingOpened)
    assert refused([second], "quote_used")
    assert refused(await deliver(opening(quote.id, line())), "quote_used")


async def test_an_order_that_is_undone_gives_its_quote_back(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    quote = await quoted(billing, wanted())
    await deliver(first := opening(quote.id, line()))
    await deliver(VoidBilling(order_id=first.order_id, reseller="acme"))
    assert isinstance((await deliver(opening(quote.id, line())))[0], BillingOpened)


async def test_an_order_that_is_refused_leaves_its_quote_for_the_next(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    quote = await quoted(billing, wanted())
    refused(await deliver(opening(quote.id, line("gold"))), "quote_differs")
    assert isinstance((await deliver(opening(quote.id, line())))[0], BillingOpened)


@pytest.mark.parametrize(
    ("ordered", "detail"),
    [
        (line("gold", "gold"), "/lines/0/numbers: 2 gold numbers, 1 in the quote"),
        (line("standard"), "/lines/0/numbers: 1 standard numbers, 0 in the quote"),
        (line(services=2), "/lines/0/numbers: 2 services, 1 in the quote"),
        (line(price_list="euro"), "/lines/0/price_list: the quote is for 'house', not for 'euro'"),
        (line(service_type="sip-trunk"), "/lines/0/service_type: the quote is for 'voice-line', not for 'sip-trunk'"),
        (line(at=1), "/lines/1/service_type: the quote has no such line"),
    ],
)
async def test_what_was_not_shown_is_not_charged(
    billing: httpx.AsyncClient, deliver: Deliver, ordered: BilledLine, detail: str
) -> None:
    quote = await quoted(billing, wanted(gold=1))
    assert detail in refused(await deliver(opening(quote.id, ordered)), "quote_differs")


async def test_fewer_than_were_quoted_are_charged_as_fewer(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    quote = await quoted(billing, wanted(standard=5))
    (opened,) = await deliver(opening(quote.id, line("standard")))
    assert isinstance(opened, BillingOpened)
    assert opened.monthly[0].amount == Decimal("9.6000")


async def test_somebody_elses_quote_is_as_unknown_as_none(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    quote = await quoted(billing, wanted())
    theirs = refused(await deliver(opening(quote.id, line(), reseller="borealis")), "unknown_quote")
    none = refused(await deliver(opening(UUID(int=7), line())), "unknown_quote")
    assert theirs == none.replace(str(UUID(int=7)), str(quote.id))
    answer = await billing.post("/quotes/get", json={"reseller": "borealis", "id": str(quote.id)})
    assert answer.status_code == 404


async def test_a_customers_quote_is_for_that_customer_alone(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    customer = uuid4()
    quote = await quoted(billing, wanted(), kind="customer", id=str(customer))
    refused(await deliver(opening(quote.id, line())), "unknown_quote")
    assert isinstance((await deliver(opening(quote.id, line(), customer=customer)))[0], BillingOpened)


async def test_nothing_is_locked_when_a_line_has_no_price(billing: httpx.AsyncClient, db: Connection) -> None:
    body = {"reseller": "acme", "owner": {"kind": "draft", "id": str(uuid4())}, "lines": [wanted(), wanted("theirs")]}
    answer = await billing.post("/quotes", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/lines/1/price_list"]
    assert await db.fetchval("SELECT count(*) FROM quote") == 0


async def test_a_preview_prices_what_it_can_and_stores_nothing(billing: httpx.AsyncClient, db: Connection) -> None:
    body = {"reseller": "acme", "lines": [wanted(gold=2), wanted("gone"), wanted(platinum=1)]}
    answer = (await billing.post("/quotes/preview", json=body)).json()
    assert [found["total"]["monthly"]["amount"] for found in answer["lines"]] == ["18.5000"]
    assert [found["reason"] for found in answer["unpriced"]] == ["unknown_price_list", "no_price"]
    assert await db.fetchval("SELECT count(*) FROM quote") == 0


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        (wanted(services=-1), "/lines/0/services"),
        (wanted(services=1001), "/lines/0/services"),
        (wanted("<script>"), "/lines/0/price_list"),
        (wanted("a\0b"), "/lines/0/price_list"),
        (wanted(brass=1), "/lines/0/numbers/brass"),
    ],
)
async def test_lines_that_cannot_be_meant_are_refused_by_field(
    billing: httpx.AsyncClient, line: dict[str, Any], pointer: str
) -> None:
    answer = await billing.post("/quotes/preview", json={"reseller": "acme", "lines": [line]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_credit_is_not_exceeded_not_even_by_two_orders_at_once(
    deliver: Deliver, db: Connection, prices: None
) -> None:
    await deliver(first := opening(None, line()))
    await db.execute("UPDATE account SET credit_limit = 17.00, credit_currency = 'GBP'")
    second, third = await deliver(
        opening(None, line(), customer=first.customer_id), opening(None, line(), customer=first.customer_id)
    )
    assert isinstance(second, BillingOpened)
    assert "25.50 GBP a month in all, 17.00 is the customer's limit" in refused([third], "credit_exceeded")


async def test_quotes_that_ended_long_ago_are_forgotten_unless_they_were_used(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    used, unused, fresh_one = [await quoted(billing, wanted()) for _ in range(3)]
    await deliver(opening(used.id, line()))
    await db.execute("UPDATE quote SET locked_until = now() - interval '31 days' WHERE id <> $1", fresh_one.id)
    await forget_quotes(db)
    left = {row.id for row in await db.fetch("SELECT id FROM quote")}
    assert left == {used.id, fresh_one.id}
    assert unused.id not in left


async def test_a_reseller_lists_its_quotes_newest_first_page_by_page(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    one, two, three = [await quoted(billing, wanted()) for _ in range(3)]
    await deliver(opening(two.id, line()))

    async def found(reseller: str = "acme", **query: Any) -> list[tuple[UUID, str]]:
        shown, after = list[tuple[UUID, str]](), None
        while True:
            asked = {"reseller": reseller, "count": 2, "after": after} | query
            page = (await billing.post("/quotes/search", json=asked)).json()
            shown += [(UUID(quote["id"]), quote["state"]) for quote in page["quotes"]]
            if (after := page["next"]) is None:
                return shown

    assert await found() == [(three.id, "open"), (two.id, "used"), (one.id, "open")]
    assert await found(state="used") == [(two.id, "used")]
    assert await found(owner_id=str(one.owner.id)) == [(one.id, "open")]
    assert await found("borealis") == []
