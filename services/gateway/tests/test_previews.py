"""An order that names the dry run that it was seen with is told what has changed since."""

import pytest

from .conftest import BOREALIS, Gateway
from .test_dry_run import COST, Owners, owners, place, preview, wanting

__all__ = ["owners"]  # a fixture


async def test_an_order_as_it_was_previewed_says_that_nothing_has_changed(owners: Owners, gateway: Gateway) -> None:
    id_ = await preview(gateway, wanting())
    told = (await place(gateway, wanting(), preview=id_, require_unchanged=True)).json()["preview"]
    assert (told["id"], told["unchanged"], told["changes"]) == (id_, True, {})


async def test_prices_findings_and_availability_that_changed_are_told(owners: Owners, gateway: Gateway) -> None:
    id_ = await preview(gateway, wanting())
    owners.cost = COST | {"setup": {"amount": "6.00", "currency": "GBP"}}
    owners.find("customer", "email_known", "/customer/email", "warning")
    owners.given = [{"e164": "+441217370001", "grade": "silver"}]
    changes = (await place(gateway, wanting(), preview=id_)).json()["preview"]["changes"]
    assert changes["prices"]["now"] == [owners.cost]
    assert [one["code"] for one in changes["findings"]["new"]] == ["customer.email_known"]
    assert changes["availability"][0]["now"]["grades"] == {"silver": 1}
    refused = await place(gateway, wanting(), preview=id_, require_unchanged=True)
    assert refused.status_code == 409
    assert len(refused.json()["errors"]) == 3
    assert await gateway.count() == 1


async def test_another_number_of_the_same_kind_is_no_change(owners: Owners, gateway: Gateway) -> None:
    id_ = await preview(gateway, wanting())
    owners.given = [{"e164": "+441217370009", "grade": "gold"}]
    assert (await place(gateway, wanting(), preview=id_)).json()["preview"]["unchanged"] is True


async def test_another_order_than_was_previewed_is_told_so(owners: Owners, gateway: Gateway) -> None:
    id_ = await preview(gateway, wanting())
    changes = (await place(gateway, wanting(reference="PO-2"), preview=id_)).json()["preview"]["changes"]
    assert list(changes) == ["order"]


async def test_an_order_sent_again_under_its_key_is_told_the_same(owners: Owners, gateway: Gateway) -> None:
    document = wanting() | {"preview": await preview(gateway, wanting()), "require_unchanged": True}
    first, again = [
        await gateway.client.post("/v1/orders", json=document, headers={"Idempotency-Key": "k"})
        for owners.missing in (0, 1)
    ]
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", [None, BOREALIS], ids=["unknown", "another's"])
async def test_a_preview_that_is_not_there_is_a_fault_at_its_field(
    owners: Owners, gateway: Gateway, key: str | None
) -> None:
    id_ = "0199a7c2-8f3e-7b5a-9c1d-2e4f60718293" if key is None else await preview(gateway, wanting())
    headers = {} if key is None else {"X-API-Key": key}
    answer = await gateway.client.post("/v1/orders", json=wanting(preview=id_), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/preview"


async def test_nothing_may_have_changed_since_what(owners: Owners, gateway: Gateway) -> None:
    assert (await place(gateway, wanting(), require_unchanged=True)).status_code == 422
