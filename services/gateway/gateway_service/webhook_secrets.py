"""Secrets of webhooks: made here, shown once, kept sealed, and what is sent is signed with them (Standard Webhooks)."""

import os
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from standardwebhooks import Webhook

from gateway_service import sealing

PREFIX = "whsec_"


def made() -> str:
    """A new secret, as its owner gets it: 32 random bytes in base64."""
    return PREFIX + b64encode(os.urandom(32)).decode()


def seal(secret: str, webhook: UUID) -> bytes:
    """The secret for the database, bound to its webhook."""
    return sealing.sealed(secret.encode(), _bound(webhook))


def unseal(sealed: bytes, webhook: UUID) -> str | None:
    """What was sealed; None if it was under a key that is not ours any more."""
    secret = sealing.unsealed(sealed, _bound(webhook))
    return None if secret is None else secret.decode()


def _bound(webhook: UUID) -> bytes:
    return b"webhook " + webhook.bytes


def signed(secrets: Sequence[str], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows the event and who sent it: signed with each secret that is in force."""
    text = body.decode()
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(_signer(secret).sign(id_, at, text) for secret in secrets),
    }


@cache
def _signer(secret: str) -> Webhook:
    return Webhook(secret)
