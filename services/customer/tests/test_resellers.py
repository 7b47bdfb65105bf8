"""Resellers are added by whoever runs Patchbay, also below one another."""

import pytest

from customer_service import resellers
from customer_service.settings import settings

from .serving import Served


async def test_a_reseller_is_added_below_another_and_found_with_it(
    served: Served, keys: pytest.MonkeyPatch, workbench: str
) -> None:
    keys.setenv("PATCHBAY_DATABASE", workbench)
    settings.cache_clear()
    await resellers.add("cedar", "Cedar Comms", "orders@cedar.example", "acme")
    for _ in range(2):
        await resellers.add("cedar", "Cedar", "orders@cedar.example", "acme")
    found = (await served.client.post("/resellers/get", json={"ids": ["cedar", "acme"]})).json()["resellers"]
    assert [(one["id"], one["name"], one["parent"]) for one in found] == [
        ("acme", "Acme Telecom", None),
        ("cedar", "Cedar", "acme"),
    ]


@pytest.mark.parametrize(
    ("id_", "email", "parent", "why"),
    [
        ("cedar", "orders@cedar.example", "nobody", "no reseller nobody"),
        ("acme", "orders@acme.example", "acme", "itself below acme"),
        ("cedar", "cedar", None, "email"),
        ("Cedar!", "orders@cedar.example", None, "id"),
    ],
)
async def test_what_is_wrong_with_a_reseller_is_said_and_nothing_is_added(
    served: Served, keys: pytest.MonkeyPatch, workbench: str, id_: str, email: str, parent: str | None, why: str
) -> None:
    keys.setenv("PATCHBAY_DATABASE", workbench)
    settings.cache_clear()
    with pytest.raises(SystemExit, match=why):
        await resellers.add(id_, "Cedar", email, parent)
    assert (await served.client.post("/resellers/get", json={"ids": ["cedar"]})).json()["resellers"] == []
