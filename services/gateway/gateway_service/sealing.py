"""Secrets of the gateway's own: answers are kept sealed, requests compared by a keyed hash, tokens signed."""

import hmac
import os
from base64 import urlsafe_b64decode
from functools import cache
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway_service.settings import settings

Purpose = Literal["answers", "requests", "tokens"]


@cache
def _derived(secret: str, purpose: Purpose) -> bytes:
    """One secret for each purpose: who learns one knows nothing of the others."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"patchbay gateway " + purpose.encode())
    return kdf.derive(urlsafe_b64decode(secret))


def secrets_for(purpose: Purpose) -> tuple[bytes, ...]:
    """The secret in force, and the one before it while that is configured."""
    told = settings()
    now = told.access_key or told.pin_transport_key
    both = (now, told.access_key_before) if told.access_key_before else (now,)
    return tuple(_derived(secret.get_secret_value(), purpose) for secret in both)


def hash_of(*parts: bytes) -> bytes:
    """What is kept of a request. It is keyed because a PIN in it has too little entropy for any hash alone."""
    return hmac.digest(secrets_for("requests")[0], b"".join(parts), "sha256")


def hashes_of(*parts: bytes) -> tuple[bytes, ...]:
    """The same under each secret that may have been in force."""
    return tuple(hmac.digest(secret, b"".join(parts), "sha256") for secret in secrets_for("requests"))


def sealed(content: bytes, bound_to: bytes) -> bytes:
    """The content for whoever has our secret, and only in that place."""
    nonce = os.urandom(12)
    return nonce + AESGCM(secrets_for("answers")[0]).encrypt(nonce, content, bound_to)


def unsealed(kept: bytes, bound_to: bytes) -> bytes | None:
    """What was sealed for that place; None if it was under a secret that is not ours any more."""
    for secret in secrets_for("answers"):
        try:
            return AESGCM(secret).decrypt(kept[:12], kept[12:], bound_to)
        except InvalidTag:
            continue
    return None
