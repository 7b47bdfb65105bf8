"""Secrets of the gateway's own: answers are kept sealed, requests compared by a keyed hash, tokens signed."""

import hashlib
import os
from base64 import urlsafe_b64decode
from functools import cache
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway_service.settings import Settings, settings

Purpose = Literal["answers", "requests", "tokens"]


@cache
def _derived(secret: str, purpose: Purpose) -> bytes:
    """One secret for each purpose: who learns one knows nothing of the others."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"patchbay gateway " + purpose.encode())
    return kdf.derive(urlsafe_b64decode(secret))


_made: dict[Purpose, tuple[Settings, tuple[bytes, ...]]] = {}


def secrets_for(purpose: Purpose) -> tuple[bytes, ...]:
    """The secret in force, and the one before it while that is configured."""
    told = settings()
    known = _made.get(purpose)
    if known is None or known[0] is not told:
        known = _made[purpose] = told, _secrets(told, purpose)
    return known[1]


def _secrets(told: Settings, purpose: Purpose) -> tuple[bytes, ...]:
    now = told.access_key or told.pin_transport_key
    both = (now, told.access_key_before) if told.access_key_before else (now,)
    return tuple(_derived(secret.get_secret_value(), purpose) for secret in both)


def hash_of(*parts: bytes) -> bytes:
    """What is kept of a request. It is keyed because a PIN in it has too little entropy for any hash alone."""
    return _keyed(secrets_for("requests")[0], parts)


def hashes_of(*parts: bytes) -> tuple[bytes, ...]:
    """The same under each secret that may have been in force."""
    return tuple(_keyed(secret, parts) for secret in secrets_for("requests"))


def _keyed(secret: bytes, parts: tuple[bytes, ...]) -> bytes:
    """BLAKE2 takes its key at once, and costs a fraction of an HMAC."""
    return hashlib.blake2b(b"".join(parts), key=secret, digest_size=32).digest()


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
