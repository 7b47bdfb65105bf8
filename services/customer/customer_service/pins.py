"""PINs: unsealed as they arrive and kept only as a keyed hash.

A PIN has too little entropy for any hash alone, so the hash is keyed (HMAC-SHA256) with a pepper that is not in
the database, and bound to its customer.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class PinUnreadable(Exception):
    """The sealed PIN was not made with our key for this id."""


@cache
def _cipher(key: str) -> AESGCM:
    return AESGCM(urlsafe_b64decode(key))


def unseal(sealed: str, bound_to: UUID, key: str) -> str:
    """The PIN inside urlsafe base64 of nonce (12 bytes) and AES-256-GCM ciphertext, bound to the id of an order, of a
    draft, or of a customer.

    Raises PinUnreadable.
    """
    try:
        raw = urlsafe_b64decode(sealed)
        return _cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.bytes).decode()
    except (ValueError, InvalidTag) as error:
        raise PinUnreadable from error


def keyed_hash(pin: str, customer_id: UUID, pepper: str) -> bytes:
    """What is stored instead of the PIN."""
    return hmac.digest(urlsafe_b64decode(pepper), customer_id.bytes + pin.encode(), hashlib.sha256)
