"""PINs: unsealed as the gateway seals them, hashed under a pepper and a customer."""

from base64 import urlsafe_b64encode
from uuid import UUID

import pytest

from customer_service.pins import PinUnreadable, keyed_hash, unseal
from customer_service.settings import Settings

KEY = urlsafe_b64encode(bytes(range(32))).decode()
ORDER = UUID("00000000-0000-7000-8000-000000000000")
# AES-256-GCM of "4711" under KEY with a nonce of 12 zero bytes, bound to ORDER; the gateway is held to the same.
SEALED = "AAAAAAAAAAAAAAAAOouE76zMjWv6m6ZAuU5QY7NVuIU="


def test_a_pin_is_unsealed_as_the_gateway_seals_it() -> None:
    assert unseal(SEALED, ORDER, KEY) == "4711"


def test_a_sealed_pin_opens_for_no_other_order() -> None:
    with pytest.raises(PinUnreadable):
        unseal(SEALED, UUID(int=1), KEY)


def test_the_same_pin_of_two_customers_has_two_hashes() -> None:
    assert keyed_hash("4711", UUID(int=1), KEY) != keyed_hash("4711", UUID(int=2), KEY)


def test_another_pepper_makes_another_hash() -> None:
    other = urlsafe_b64encode(b"q" * 32).decode()
    assert keyed_hash("4711", UUID(int=1), KEY) != keyed_hash("4711", UUID(int=1), other)


@pytest.mark.parametrize("pepper", ["", "c2hvcnQ=", "not base64!"])
def test_the_service_does_not_start_with_a_pepper_that_is_no_key(monkeypatch: pytest.MonkeyPatch, pepper: str) -> None:
    monkeypatch.setenv("PATCHBAY_PIN_TRANSPORT_KEY", "a" * 43 + "=")
    monkeypatch.setenv("PATCHBAY_PIN_PEPPER", pepper)
    with pytest.raises(ValueError, match="pin_pepper"):
        Settings()
