"""Administrators look after API keys on a page."""

import re
from typing import Any

import pytest

from gateway_service import key_form

from .behind import Behind, says
from .conftest import ACME, Gateway
from .operators import BEN, Visitor, add_operator
from .posted import order

ACME_ALONE = {"resellers": [{"id": "acme", "name": "Acme", "email": "orders@acme.example", "state": "active"}]}
NEW = {
    "reseller": "acme",
    "name": "Nightly import",
    "scopes": ["orders", "keys"],
    "expires": "2035-01-31",
    "limits": "",
}


@pytest.fixture
async def anna(behind: Behind, gateway: Gateway) -> Visitor:
    """An administrator who works for acme."""
    behind.customer.answers = says(ACME_ALONE)
    await add_operator(gateway, resellers=("acme",))
    visitor = Visitor(gateway)
    await visitor.sign_in()
    return visitor


def shown(text: str) -> str:
    found = re.search(key_form.PATTERN, text)
    assert found is not None
    return found[0]


async def works(gateway: Gateway, key: str) -> bool:
    return (await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": key})).status_code == 202


async def test_a_key_is_made_shown_once_and_listed(anna: Visitor, gateway: Gateway) -> None:
    form: dict[str, Any] = NEW | {"id": "0123456789ab"}
    page = await anna.post("/api-keys/new", form)
    key = shown(page.text)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert await works(gateway, key)
    again = await anna.post("/api-keys/new", form)
    assert (again.status_code, again.headers["location"]) == (303, "/api-keys/0123456789ab?done=made")
    assert await works(gateway, key)
    listed = (await anna.get("/api-keys")).text
    assert "Nightly import" in listed
    assert key not in listed + (await anna.get("/api-keys/0123456789ab")).text
    await gateway.do("UPDATE reseller_key SET expires_at = now() WHERE id = '0123456789ab'")
    for place in ("/api-keys", "/api-keys/0123456789ab"):
        assert "expired" in (await anna.get(place)).text


async def test_a_key_is_changed_rotated_and_revoked_and_its_history_tells(anna: Visitor, gateway: Gateway) -> None:
    first = shown((await anna.post("/api-keys/new", NEW)).text)
    page = f"/api-keys/{key_form.id_in(first)}"
    changed = NEW | {"name": "Import", "limits": "2 per hour"}
    assert (await anna.post(page, changed)).status_code == 303
    second = shown((await anna.post(f"{page}/rotate", {"hours": "1"}, on=page)).text)
    assert [await works(gateway, key) for key in (first, second)] == [True, True]
    assert not await works(gateway, second)  # its limit
    assert (await anna.post(f"{page}/end-former", {}, on=page)).status_code == 303
    assert (await anna.post(f"{page}/revoke", {}, on=page)).status_code == 303
    answer = await gateway.client.get("/v1/orders", headers={"X-API-Key": second})
    assert answer.status_code == 401
    history = re.findall(r"<td>(made|changed|rotated|former secret ended|revoked)</td>", (await anna.get(page)).text)
    assert history == ["revoked", "former secret ended", "rotated", "changed", "made"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("scopes", []),
        ("expires", "2001-01-01"),
        ("expires", "soon"),
        ("limits", "often"),
        ("reseller", "borealis"),
    ],
)
async def test_what_is_wrong_with_a_key_is_said_at_its_field(anna: Visitor, field: str, value: Any) -> None:
    page = await anna.post("/api-keys/new", NEW | {field: value})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text


async def test_keys_of_resellers_that_are_not_ones_own_are_not_there(anna: Visitor, gateway: Gateway) -> None:
    (row,) = await gateway.rows("SELECT id FROM reseller_key WHERE reseller = 'borealis'")
    assert (await anna.get(f"/api-keys/{row.id}")).status_code == 404
    assert (await anna.post(f"/api-keys/{row.id}/revoke", {}, on="/api-keys/new")).status_code == 404


async def test_only_administrators_see_keys(behind: Behind, gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    assert (await ben.get("/api-keys")).status_code == 403
    assert await works(gateway, ACME)
