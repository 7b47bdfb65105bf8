"""Pages outside of the wizard while a service behind them is away: a clear message and a way on, and what was typed is
sent again by one press."""

import re
from html import unescape
from typing import get_args

import httpx
import pytest
import pytest_asyncio

from gateway_service.upstream import Owner

from .behind import Behind
from .conftest import Gateway
from .everybody import Everybody
from .operators import Visitor, add_operator, clerk_of_acme
from .registry import ADA, Registry
from .test_customer_changes import FIELDS, PAGE

PAGES = {
    "customer": ("/customers", f"/customers/{ADA}", f"/customers/{ADA}/edit"),
    "numbers": ("/services", "/customers"),
    "billing": ("/price-lists", f"/customers/{ADA}/charges", "/services"),
    "provisioning": ("/services", "/catalogue", f"/customers/{ADA}/services"),
    "notifier": ("/templates", f"/customers/{ADA}/mails", "/orders"),
}
"""By owner: pages of its own, and some that do not need it."""
HIDDEN = re.compile(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', re.DOTALL)


def is_said(answer: httpx.Response, owner: str) -> bool:
    """Whether the page says who is away and what to do; if not, it is the page itself."""
    assert answer.status_code in {200, 503}, answer.text[:2000]
    if answer.status_code == 200:
        return False
    assert f"The {owner} service did not answer" in answer.text
    assert "Try Again" in answer.text
    assert "Go to the home page" in answer.text
    return True


@pytest_asyncio.fixture
async def anna(behind: Behind, gateway: Gateway) -> Visitor:
    Everybody(behind)
    await add_operator(gateway)
    visitor = Visitor(gateway)
    await visitor.sign_in()
    return visitor


@pytest.mark.parametrize("owner", get_args(Owner))
async def test_a_page_whose_owner_is_away_says_so_and_others_are_as_ever(
    behind: Behind, anna: Visitor, owner: Owner
) -> None:
    await getattr(behind, owner).go()
    for path in ("/", "/wizard", "/orders", *PAGES[owner]):
        said = is_said(await anna.get(path), owner)
        assert not (said and path in {"/", "/wizard", "/orders"}), path
    if owner in {"customer", "billing", "provisioning", "notifier"}:
        assert is_said(await anna.get(PAGES[owner][0]), owner)


async def test_a_form_that_could_not_be_taken_is_sent_again_as_it_was_typed(behind: Behind, gateway: Gateway) -> None:
    registry = Registry(behind)
    anna = await clerk_of_acme(gateway)
    typed = FIELDS | {"why": '<"Married"> & glad', "name": "Ada </textarea>"}
    token = await anna.token(f"{PAGE}/edit")
    await behind.customer.go()
    refused = await anna.client.post(f"{PAGE}/edit", data={"csrf": token} | typed)
    assert is_said(refused, "customer")
    assert "Nothing that you typed is lost" in refused.text
    again = {unescape(name): unescape(value) for name, value in HIDDEN.findall(refused.text)}
    assert again == typed
    await behind.customer.come()
    answer = await anna.client.post(f"{PAGE}/edit", data={"csrf": token} | again)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    (asked,) = registry.asked["/customers/change"]
    assert asked["version"] == 3


async def test_secrets_do_not_come_back(behind: Behind, gateway: Gateway) -> None:
    Registry(behind)
    anna = await clerk_of_acme(gateway)
    token = await anna.token(f"{PAGE}/pin")
    await behind.customer.go()
    refused = await anna.client.post(f"{PAGE}/pin", data={"csrf": token, "pin": "90210", "again": "90210", "why": "x"})
    assert refused.status_code == 503
    assert "90210" not in refused.text
    assert "Try Again" not in refused.text
