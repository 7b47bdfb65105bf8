"""Quotes over the API: asked of billing for the caller's own reseller."""

from typing import Any
from uuid import uuid4

import pytest

from .behind import Behind, refuses
from .conftest import BOREALIS, NUMBERS_ONLY, Gateway
from .owners import Owners

LINE = {"service_type": "voice-line", "price_list": "standard-gbp", "services": 1, "numbers": {"gold": 2}}


def owner() -> dict[str, Any]:
    return {"kind": "customer", "id": str(uuid4())}


async def test_a_quote_is_made_for_the_callers_reseller_and_shown_again(behind: Behind, gateway: Gateway) -> None:
    Owners(behind)
    made = await gateway.client.post("/v1/quotes", json={"lines": [LINE], "owner": owner()})
    assert made.status_code == 200, made.text
    assert (made.json()["reseller"], made.json()["state"]) == ("acme", "open")
    shown = await gateway.client.get(f"/v1/quotes/{made.json()['id']}")
    assert shown.json() == made.json()


@pytest.mark.parametrize(("path", "more"), [("preview", {}), ("compare", {"instead": ["wholesale-gbp"]})])
async def test_prices_are_asked_without_a_lock(
    behind: Behind, gateway: Gateway, path: str, more: dict[str, Any]
) -> None:
    Owners(behind)
    answer = await gateway.client.post(f"/v1/quotes/{path}", json={"lines": [LINE], **more})
    assert answer.status_code == 200, answer.text
    assert "locked_until" not in answer.json()


async def test_nobody_names_the_reseller_that_is_asked_for(behind: Behind, gateway: Gateway) -> None:
    Owners(behind)
    body = {"lines": [LINE], "owner": owner(), "reseller": "borealis"}
    refused = await gateway.client.post("/v1/quotes", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reseller")
    other = await gateway.client.post(
        "/v1/quotes", json={"lines": [LINE], "owner": owner()}, headers={"X-API-Key": BOREALIS}
    )
    assert other.json()["reseller"] == "borealis"


async def test_a_quote_that_is_not_there_is_404(behind: Behind, gateway: Gateway) -> None:
    fault = {"pointer": "/id", "message": "there is no such quote", "remedy": "quote again"}
    behind.billing.answers = refuses(fault, status=404)
    assert (await gateway.client.get(f"/v1/quotes/{uuid4()}")).status_code == 404


async def test_more_numbers_than_an_order_has_are_refused(gateway: Gateway) -> None:
    lines = [LINE | {"numbers": {"gold": 600}}] * 2
    refused = await gateway.client.post("/v1/quotes/preview", json={"lines": lines})
    assert refused.status_code == 422
    assert "more than 1000 numbers" in refused.json()["errors"][0]["message"]


async def test_a_key_for_numbers_alone_quotes_nothing(gateway: Gateway) -> None:
    refused = await gateway.client.post("/v1/quotes/preview", json={"lines": []}, headers={"X-API-Key": NUMBERS_ONLY})
    assert refused.status_code == 403
