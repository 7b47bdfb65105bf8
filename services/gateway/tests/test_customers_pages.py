"""Customers as operators see them: of their resellers only, found, downloaded, and shown with all about them."""

import csv
import io
from uuid import UUID, uuid4

import pytest

from patchbay_contracts.v1.orders import OrderCompleted

from .behind import Behind
from .conftest import Gateway
from .operators import BEN, Visitor, add_operator
from .posted import new
from .registry import ADA, DETAILS, HTML, SERVICE, Registry
from .test_reading import place, told

GRACE = UUID("00000000-0000-7000-8000-00000000c0b0")
PARTS = ("", "/edit", "/services", "/orders", "/charges", "/mails", "/pin", "/log")


@pytest.fixture(autouse=True)
def registry(behind: Behind) -> Registry:
    registry = Registry(behind)
    registry.customers[GRACE] = registry.record("borealis", DETAILS | {"name": "Grace Hopper"}, GRACE)
    return registry


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))))


async def test_an_operator_sees_the_customers_of_his_resellers_only(anna: Visitor) -> None:
    page = (await anna.get("/customers")).text
    assert f'href="/customers/{ADA}">Ada Lovelace</a>' in page
    assert "Grace" not in page
    assert (await anna.get("/customers?reseller=borealis")).status_code == 422


async def test_who_works_for_all_resellers_sees_all_customers(gateway: Gateway, registry: Registry) -> None:
    await add_operator(gateway, BEN, roles=("operator",), resellers=("*",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    page = (await ben.get("/customers")).text
    assert "Ada" in page
    assert "Grace" in page
    assert "Ada" not in (await ben.get("/customers?reseller=borealis")).text
    assert (await ben.get(f"/customers/{GRACE}")).status_code == 200
    assert registry.asked["/resellers/list"][-1]["resellers"] is None


async def test_without_resellers_or_the_role_there_is_nothing_to_see(gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator",), resellers=())
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    assert "You have no resellers yet" in (await ben.get("/customers")).text
    await add_operator(gateway, roles=("billing",))
    anna = Visitor(gateway)
    await anna.sign_in()
    assert (await anna.get("/customers")).status_code == 403
    assert (await anna.get(f"/customers/{ADA}")).status_code == 403
    assert (await anna.get("/customers.csv")).status_code == 403


@pytest.mark.parametrize("part", PARTS)
async def test_a_foreign_customer_is_like_one_that_is_not_there(anna: Visitor, part: str) -> None:
    foreign, none = await anna.get(f"/customers/{GRACE}{part}"), await anna.get(f"/customers/{uuid4()}{part}")
    assert (foreign.status_code, none.status_code) == (404, 404)
    assert "Grace" not in foreign.text


@pytest.mark.parametrize("part", ["/edit", "/state", "/pin", "/pin/verify", "/add-services"])
async def test_nobody_changes_a_foreign_customer(anna: Visitor, registry: Registry, part: str) -> None:
    fields = {"name": "x", "why": "x", "act": "block", "pin": "4711x", "again": "4711x", "said": "4711x"}
    answer = await anna.post(f"/customers/{GRACE}{part}", fields, on="/customers")
    assert answer.status_code == 404
    assert not {"/customers/change", "/customers/pin", "/customers/pin/verify"} & registry.asked.keys()


async def test_what_is_filtered_is_asked_of_the_owner_whole(anna: Visitor, registry: Registry) -> None:
    await anna.get("/customers?text=Ada+L&state=blocked&reseller=acme&from=2026-06-01&to=2026-06-30")
    assert registry.asked["/customers/search"][0] == {
        "resellers": ["acme"],
        "text": "Ada L",
        "states": ["blocked"],
        "created_from": "2026-06-01T00:00:00+01:00",
        "created_before": "2026-07-01T00:00:00+01:00",
        "after": None,
        "limit": 50,
    }


async def test_a_customer_is_found_by_its_number(anna: Visitor, registry: Registry) -> None:
    page = (await anna.get("/customers?text=0121+496")).text
    assert "Ada Lovelace" in page
    assert registry.asked["/customers/by-number"][0]["number"] == "+44121496"
    assert "Ada" not in (await anna.get("/customers?text=0121+496&state=blocked")).text
    assert "Ada" in (await anna.get("/customers.csv?text=0121+496")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * 201),
        ("text", "a%0d%0ab"),
        ("state", "gone"),
        ("from", "1.6.2026"),
        ("to", "=1+1"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(anna: Visitor, registry: Registry, field: str, value: str) -> None:
    page = await anna.get(f"/customers?{field}={value}")
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert (await anna.get(f"/customers.csv?{field}={value}")).status_code == 303
    assert "/customers/search" not in registry.asked


async def test_what_is_looked_for_is_shown_and_not_carried_out(anna: Visitor) -> None:
    page = await anna.get("/customers?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E';DROP TABLE customer;--")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


async def test_the_csv_has_all_pages_and_no_formula(anna: Visitor, registry: Registry) -> None:
    registry.many = 450
    answer = await anna.get("/customers.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="customers.csv"'
    found = rows(answer.text)
    assert [row["name"] for row in found] == [f"'=Customer {n}" for n in range(450)]
    assert [call["after"] for call in registry.asked["/customers/search"]] == [None, "200", "400"]


async def test_the_list_goes_on_page_by_page(anna: Visitor, registry: Registry) -> None:
    registry.many = 60
    first = (await anna.get("/customers?text=x")).text
    assert 'href="/customers?text=x&amp;after=50"' in first
    second = (await anna.get("/customers?text=x&after=50")).text
    assert "=Customer 59" in second
    assert 'href="/customers?text=x"' in second
    registry.refusals["/customers/search"] = (422, {"errors": [{"pointer": "/after", "message": "no", "remedy": "no"}]})
    assert (await anna.get("/customers?after=nonsense")).status_code == 422


async def test_a_download_that_cannot_begin_is_a_page_that_says_so(anna: Visitor, behind: Behind) -> None:
    await behind.customer.go()
    assert (await anna.get("/customers.csv")).status_code == 503
    await behind.customer.come()


async def test_a_customer_is_shown_with_its_address_and_contacts(anna: Visitor) -> None:
    page = (await anna.get(f"/customers/{ADA}")).text
    assert "1 St James&#39;s Square\nLondon\nSW1Y 4LB\nGB" in page
    assert "Babbage &amp; Co" in page


async def test_all_about_a_customer_is_asked_for_its_reseller(
    gateway: Gateway, anna: Visitor, registry: Registry
) -> None:
    id_ = await place(gateway, customer=new())
    await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=ADA))
    assert f'href="/services/{SERVICE}"' in (await anna.get(f"/customers/{ADA}/services")).text
    assert f'href="/orders/{id_}"' in (await anna.get(f"/customers/{ADA}/orders")).text
    charges = (await anna.get(f"/customers/{ADA}/charges")).text
    assert "£10.00" in charges
    assert "£7.00" in charges
    assert "could not be sent" in (await anna.get(f"/customers/{ADA}/mails")).text
    log = (await anna.get(f"/customers/{ADA}/log")).text
    assert "E-mail address: ada@example.org → &lt;script&gt;" in log
    assert HTML not in log
    assert f'href="/customers/{ADA}/log?after=7"' in log
    for path in ("/services/search", "/charges/search", "/mails/search", "/customers/log"):
        assert registry.asked[path][0]["resellers"] == ["acme"]


@pytest.mark.parametrize("part", ["services", "charges", "mails", "log", "orders"])
async def test_a_cursor_that_is_none_leads_to_no_page(anna: Visitor, registry: Registry, part: str) -> None:
    for path in ("/services/search", "/charges/search", "/mails/search", "/customers/log"):
        registry.refusals[path] = (422, {"errors": [{"pointer": "/after", "message": "no", "remedy": "no"}]})
    for after in ("nonsense!", "x" * 300):
        assert (await anna.get(f"/customers/{ADA}/{part}?after={after}")).status_code == 404
