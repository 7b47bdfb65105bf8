"""What is no service order of the TM Forum breaks nothing."""

import pytest

from .behind import Behind
from .conftest import Gateway
from .tmf import ORDERS, Owners


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"serviceOrderItem": []}',
        b'{"serviceOrderItem": [1]}',
        b'{"serviceOrderItem": [{"id": "1", "action": "sell", "service": {}}]}',
        b'{"serviceOrderItem": [{"id": "1", "action": "add"}]}',
        b'{"orderItem": [], "serviceOrderItem": []}',
        b"[" * 10_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
    ],
)
async def test_what_is_no_service_order_is_a_bad_request(gateway: Gateway, body: bytes) -> None:
    answer = await gateway.client.post(ORDERS, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["@type"]) == (400, "Error")
