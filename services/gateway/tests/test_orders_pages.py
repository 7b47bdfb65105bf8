"""Orders as operators see them: of their resellers only, found, downloaded, shown whole; and the mails about them."""

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service import changing
from patchbay_contracts.services import ServiceChange, Suspend
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderDelayed, OrderFailed

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .operators import BEN, Visitor, add_operator
from .posted import CUSTOMER, line, new, order
from .registry import ADA, SERVICE, Registry
from .test_reading import place, told

pytestmark = pytest.mark.usefixtures("registry")


async def place_of_borealis(gateway: Gateway) -> UUID:
    answer = await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": BOREALIS})
    return UUID(answer.json()["id"])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))))


async def found(visitor: Visitor, query: str = "") -> set[str]:
    """The orders that the CSV has, which are those that the list has."""
    page, answer = await visitor.get(f"/orders?{query}"), await visitor.get(f"/orders.csv?{query}")
    assert (page.status_code, answer.status_code) == (200, 200)
    ids = {row["order"] for row in rows(answer.text)}
    assert all(f"/orders/{id_}" in page.text for id_ in ids)
    return ids


async def test_an_operator_sees_the_orders_of_his_resellers_only(gateway: Gateway, anna: Visitor) -> None:
    mine, theirs = await place(gateway), await place_of_borealis(gateway)
    assert await found(anna) == {str(mine)}
    assert (await anna.get(f"/orders/{mine}")).status_code == 200
    foreign, none = await anna.get(f"/orders/{theirs}"), await anna.get(f"/orders/{uuid4()}")
    assert (foreign.status_code, none.status_code) == (404, 404)
    assert (await anna.get("/orders?reseller=borealis")).status_code == 422


async def test_who_works_for_all_resellers_sees_all_orders(gateway: Gateway, registry: Registry) -> None:
    await add_operator(gateway, BEN, roles=("operator",), resellers=("*",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    mine, theirs = await place(gateway), await place_of_borealis(gateway)
    assert await found(ben) == {str(mine), str(theirs)}
    assert await found(ben, "reseller=borealis") == {str(theirs)}


async def test_whose_an_order_is_is_said_by_name_in_one_question_for_all(
    gateway: Gateway, anna: Visitor, registry: Registry
) -> None:
    for _ in range(2):
        await told(gateway, OrderCompleted(order_id=await place(gateway), reseller="acme", customer_id=ADA))
    page = (await anna.get("/orders")).text
    assert page.count(f'<a href="/customers/{ADA}">Ada Lovelace</a>') == 2
    assert len(registry.asked["/customers/get"]) == 1
    whose = [(row["customer_name"], row["customer_reference"]) for row in rows((await anna.get("/orders.csv")).text)]
    assert whose == [("Ada Lovelace", "A-1")] * 2


async def test_orders_are_found_by_state_reference_and_day(gateway: Gateway, anna: Visitor) -> None:
    waits, failed, done = [await place(gateway, reference=f"PO-{n}") for n in range(3)]
    await told(gateway, OrderFailed(order_id=failed, reseller="acme", step="billing", reason="x", detail="y"))
    await told(gateway, OrderCompleted(order_id=done, reseller="acme", customer_id=ADA))
    assert await found(anna, "state=accepted") == {str(waits)}
    assert await found(anna, "state=failed") == {str(failed)}
    assert await found(anna, "state=completed") == {str(done)}
    assert await found(anna, "reference=PO-1") == {str(failed)}
    assert await found(anna, "reference=PO-1&state=completed") == set()
    assert await found(anna, "from=2026-01-01&to=2199-01-01") == {str(waits), str(failed), str(done)}
    assert await found(anna, "to=2026-01-01") == set()
    assert await found(anna, "from=2199-01-01") == set()


async def test_orders_are_found_by_whose_they_are_by_id_reference_and_number(
    gateway: Gateway, anna: Visitor, registry: Registry
) -> None:
    adas, made, other = [await place(gateway, reference=f"PO-{n}", labels={"n": str(n)}) for n in range(3)]
    await told(gateway, OrderCompleted(order_id=adas, reseller="acme", customer_id=ADA))
    asked_for = {"lines": [line(numbers={"exact": ["+441134960007"]})]}
    failed, refused = await place(gateway, **asked_for), await place(gateway)
    for id_, detail in ((failed, "x"), (refused, "the network does not take +441514960001")):
        await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="billing", reason="x", detail=detail))
    under_way = await place(gateway, **asked_for)
    theirs, registry.orders = await place_of_borealis(gateway), [made]
    assert await found(anna, "find=lovelace") == {str(adas)}
    assert await found(anna, f"find={ADA}") == {str(adas)}
    assert await found(anna, f"find={other}") == {str(other)}
    assert await found(anna, "find=PO-2") == {str(other)}
    for number in ("0121%20496%200000", "%2B44%20121496", "0044121496"):
        assert await found(anna, f"find={number}") == {str(made)}
    assert await found(anna, "find=0113 4960007") == {str(failed), str(under_way)}
    assert await found(anna, "find=0151496") == {str(refused)}
    assert await found(anna, "find=0121496&label=n:1&state=accepted") == {str(made)}
    assert await found(anna, "find=0121496&label=n:2") == set()
    assert await found(anna, "find=0121496&reference=PO-2") == set()
    for nothing in ("find=nobody", "find=01632", f"find={theirs}"):
        assert await found(anna, nothing) == set()
    assert f"/orders/{adas}" in (await anna.get(f"/customers/{ADA}/orders?find=PO-0")).text
    assert "No order is like that" in (await anna.get(f"/customers/{ADA}/orders?find=PO-2")).text
    registry.many = 201
    page = await anna.get("/orders?find=Customer")
    assert (page.status_code, "More than 200 customers are like that: type more of it" in page.text) == (422, True)


@pytest.mark.parametrize(
    ("query", "of"),
    [
        ({"customer": "Lovelace"}, [0, 1]),
        ({"customer": str(ADA), "reference": "PO-1"}, [1]),
        ({"number": "0121 496"}, [1, 2]),
        ({"number": "+44121496", "customer": "Lovelace"}, [1]),
        ({"number": "0113 496 0007"}, [2]),
        ({"number": "01632"}, []),
        ({"customer": "nobody"}, []),
    ],
)
async def test_programs_find_orders_by_the_same(
    gateway: Gateway, registry: Registry, query: dict[str, str], of: list[int]
) -> None:
    ids = [await place(gateway, reference=f"PO-{n}") for n in range(2)]
    ids.append(await place(gateway, lines=[line(numbers={"exact": ["+441134960007"]})]))
    for id_ in ids[:2]:
        await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=ADA))
    registry.orders = ids[1:]
    answer = await gateway.client.get("/v1/orders", params=query)
    assert [one["id"] for one in answer.json()["orders"]] == [str(ids[n]) for n in reversed(of)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("find", "a%01b"),
        ("state", "gone"),
        ("reseller", "'; DROP TABLE orders; --"),
        ("reference", "x" * 201),
        ("reference", "PO%0d%0aBcc: x"),
        ("from", "yesterday"),
        ("to", "0001-01-01"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(gateway: Gateway, anna: Visitor, field: str, value: str) -> None:
    await place(gateway)
    page = await anna.get(f"/orders?{field}={value}")
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text or field == "reseller"
    assert "/orders.csv" not in page.text
    assert (await anna.get("/orders?after=no-cursor")).status_code == 422


async def test_the_list_goes_on_page_by_page_and_the_csv_has_all(
    gateway: Gateway, anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.pages.orders.PAGE", 2)
    monkeypatch.setattr("gateway_service.pages.orders.MANY", 2)
    ids = [await place(gateway, reference="=1+1") for _ in range(5)]
    assert [row["order"] for row in rows((await anna.get("/orders.csv")).text)] == [str(id_) for id_ in ids[::-1]]
    seen, address = list[str](), "/orders"
    while address:
        page = (await anna.get(address)).text
        seen += [str(id_) for id_ in ids[::-1] if f"/orders/{id_}" in page]
        _, _, rest = page.partition('rel="next" href="')
        address = rest.partition('"')[0].replace("&amp;", "&")
    assert seen == [str(id_) for id_ in ids[::-1]]
    assert {row["reference"] for row in rows((await anna.get("/orders.csv")).text)} == {"'=1+1"}


async def test_an_order_is_shown_with_what_it_made_and_whom_it_was_for(gateway: Gateway, anna: Visitor) -> None:
    id_ = await place(gateway, customer=new(name="<b>Ada</b>"))
    service = CreatedService(id=SERVICE, line=0, service_type="voice-line", numbers=(441214960000,))
    money = {"amount": "12.5", "currency": "GBP"}
    fact: dict[str, Any] = {"order_id": id_, "reseller": "acme", "customer_id": ADA, "setup": [money]}
    await told(gateway, OrderCompleted.model_validate(fact | {"services": [service]}))
    page = (await anna.get(f"/orders/{id_}")).text
    assert f'href="/services/{SERVICE}"' in page
    assert f'href="/customers/{ADA}">Ada Lovelace</a>' in page
    assert "£12.50" in page
    assert "<b>Ada</b>" not in page
    assert "hx-sse:connect" not in page
    assert "could not be sent" in page


async def test_a_change_of_a_service_is_shown_as_the_order_that_it_is(gateway: Gateway, anna: Visitor) -> None:
    change = ServiceChange(version=1, wanted=Suspend(), why="unpaid", reference="C-1")
    id_ = await changing.place(gateway.running, changing.accepted(change, SERVICE, "acme", "operator:x"))
    page = (await anna.get(f"/orders/{id_}")).text
    assert f'href="/services/{SERVICE}"' in page
    assert "Reason: unpaid" in page
    assert "change of a service" in (await anna.get("/orders")).text
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="services", reason="stale", detail="again"))
    assert "Nothing was changed: all is as it was" in (await anna.get(f"/orders/{id_}")).text
    assert await found(anna, "reference=C-1") == {str(id_)}


async def test_an_order_under_way_is_looked_at_again_until_it_ends(gateway: Gateway, anna: Visitor) -> None:
    id_ = await place(gateway)
    assert 'hx-sse:connect="' in (await anna.get(f"/orders/{id_}")).text
    await told(gateway, OrderDelayed(order_id=id_, reseller="acme", step="numbers", detail="asked again"))
    assert "numbers: asked again" in (await anna.get(f"/orders/{id_}")).text
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask"))
    page = (await anna.get(f"/orders/{id_}")).text
    assert "billing: ask (no_price)" in page
    assert "hx-sse:connect" not in page


async def test_an_order_is_shown_while_mails_and_customers_cannot_be_asked(
    gateway: Gateway, anna: Visitor, behind: Behind, registry: Registry
) -> None:
    id_ = await place(gateway)
    await behind.notifier.go()
    registry.refusals["/customers/get"] = (503, {})
    page = await anna.get(f"/orders/{id_}")
    assert page.status_code == 200
    assert "Mails cannot be shown just now" in page.text
    await behind.notifier.come()


async def test_orders_know_their_customers_by_what_was_posted_and_by_what_became_of_them(gateway: Gateway) -> None:
    existing, made = await place(gateway), await place(gateway, customer=new())
    await told(gateway, OrderCompleted(order_id=made, reseller="acme", customer_id=ADA))
    await told(gateway, OrderFailed(order_id=existing, reseller="acme", step="billing", reason="x", detail="y"))
    known = {row.id: row.customer_id for row in await gateway.rows("SELECT id, customer_id FROM orders")}
    assert known == {existing: UUID(CUSTOMER), made: ADA}


MAIL = f"/mails/{SERVICE}/service_created"
TO = "?to=ada%2Bo%27b%40example.com"


async def test_a_mail_is_shown_with_its_deliveries_and_nothing_of_it_is_carried_out(anna: Visitor) -> None:
    page = await anna.get(MAIL + TO)
    assert page.status_code == 200
    assert "550 no such user" in page.text
    assert "<script>alert" not in page.text
    attachment = await anna.get(f"{MAIL}/attachments/services.pdf{TO}")
    assert attachment.content == b"%PDF-1.7"
    assert attachment.headers["content-disposition"].startswith("attachment")
    assert (await anna.get(f"{MAIL}/attachments/other.pdf{TO}")).status_code == 404


@pytest.mark.parametrize("address", [f"/mails/{SERVICE}/x!{TO}", MAIL, f"{MAIL}?to=a%0d%0ab@c.de"])
async def test_what_is_no_mail_is_not_there(anna: Visitor, address: str) -> None:
    assert (await anna.get(address)).status_code == 404


async def test_another_resellers_mail_is_not_there(anna: Visitor, registry: Registry) -> None:
    registry.refusals["/mails/get"] = (404, {"errors": [{"pointer": "/key", "message": "none", "remedy": "search"}]})
    assert (await anna.get(MAIL + TO)).status_code == 404
    assert registry.asked["/mails/get"][0]["resellers"] == ["acme"]


async def test_a_mail_is_sent_again_for_a_reason_once(anna: Visitor, registry: Registry) -> None:
    request = str(uuid4())
    answer = await anna.post(f"{MAIL}/again{TO}", {"why": "She lost it", "request": request}, on=MAIL + TO)
    assert (answer.status_code, answer.headers["location"]) == (303, MAIL + TO)
    assert "sent once more" in (await anna.get(MAIL + TO)).text
    assert "sent once more" not in (await anna.get(MAIL + TO)).text
    asked = registry.asked["/mails/again"][0]
    assert (asked["request"], asked["by"]) == (request, "operator:anna@acme.example")


@pytest.mark.parametrize("why", ["", "x" * 201, "lost\r\nBcc: everybody@example.com"])
async def test_a_mail_is_not_sent_again_without_a_reason(anna: Visitor, registry: Registry, why: str) -> None:
    page = await anna.post(f"{MAIL}/again{TO}", {"why": why, "request": str(uuid4())}, on=MAIL + TO)
    assert page.status_code == 422
    assert 'id="why-error"' in page.text
    assert "/mails/again" not in registry.asked


async def test_a_mail_on_its_way_is_not_sent_again(anna: Visitor, registry: Registry) -> None:
    registry.refusals["/mails/again"] = (409, {})
    page = await anna.post(f"{MAIL}/again{TO}", {"why": "lost", "request": str(uuid4())}, on=MAIL + TO)
    assert page.status_code == 422
    assert "on its way already" in page.text
    assert 'value="lost"' in page.text
