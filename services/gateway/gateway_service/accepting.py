"""Accepting: from a posted document to the row that is stored and the message that places the order."""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway_service import sealing
from gateway_service.settings import settings
from patchbay_chassis.bodies import too_large
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.order import (
    MOST_AHEAD,
    CustomerDetails,
    ExistingCustomer,
    NewCustomer,
    OrderDocument,
    SealedCustomer,
)
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.provisioning import PlaceOrder

_DETAILS = tuple(CustomerDetails.model_fields)
WITHOUT_PIN = {"customer": {"pin"}}


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order as it is stored, and as it is placed."""

    id: UUID
    document: str
    placed: PlaceOrder
    labels: Mapping[str, str] | None = None
    is_unique: bool = False
    """Whether its reference is to be its own."""
    told: str | None = None
    """What has changed since the preview that it names."""


@dataclass(frozen=True, slots=True)
class AcceptedChange:
    """A change of a service as it is stored, and as it is placed."""

    id: UUID
    document: str
    placed: PlaceChange


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key as it is kept, and the hash of the request that it came with.

    `plain` is the key as it was sent and `written` the request itself. By them keys are recognised that an older
    version kept: those were the same for all clients of a reseller, and tied to a hash without a secret.
    """

    name: str
    request: bytes
    plain: str = ""
    written: bytes = b""

    def is_of(self, request: bytes) -> bool:
        """Whether a request that came with the key before, of which this hash was kept, is the same."""
        return request == self.request or (
            bool(self.written) and request in {*sealing.hashes_of(self.written), hashlib.sha256(self.written).digest()}
        )


def accepted(document: OrderDocument, reseller: str, now: datetime, id_: UUID | None = None) -> Accepted:
    """Give the order its id, and seal its PIN before anything is stored or sent.

    Raises Problem 413 for one that is short as posted but long as it is written: `1e15` has more digits than letters.
    """
    written = document.__pydantic_serializer__.to_json(document, exclude=WITHOUT_PIN)
    if len(written) > settings().most_body_bytes:
        raise too_large(settings().most_body_bytes, "order")
    start, until = times(document, now)
    id_ = id_ or mint()
    customer: SealedCustomer | ExistingCustomer = (
        _sealed(document.customer, id_) if isinstance(document.customer, NewCustomer) else document.customer
    )
    placed = PlaceOrder(
        order_id=id_,
        reseller=reseller,
        reference=document.reference,
        customer=customer,
        lines=document.lines,
        notify=document.notify,
        held_by=document.held_by,
        quote=document.quote,
        watched=document.watched,
        failure=document.failure,
        terms=document.terms,
        start=start,
        until=until,
        accepted_at=now,
    )
    return Accepted(id_, written.decode(), placed, document.labels, document.unique_reference)


def times(document: OrderDocument, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the order begins, None for now, and until when it waits for numbers, if it does. Raises Problem 422."""
    start = None if document.start is None else started(document.start, now)
    return start, None if document.until is None else waits_until(document.until, start or now, now)


def started(start: datetime | date, now: datetime) -> datetime | None:
    """When the order begins; None for one that is to begin today, whenever. Raises Problem 422 for what is over, or is
    too far ahead."""
    if not isinstance(start, datetime):
        if start == now.astimezone(UTC).date():
            return None
        start = datetime.combine(start, time.min, UTC)
    if now < start <= now + MOST_AHEAD:
        return start
    over = start <= now
    message = "it is over" if over else f"an order starts within {MOST_AHEAD.days} days, or it is not placed yet"
    fault = {
        "pointer": "/start",
        "message": message,
        "remedy": "leave it out, to begin now" if over else "give an earlier one",
    }
    raise Problem(422, "The order is not valid", "Nothing was accepted.", [fault], code="invalid_order")


def waits_until(until: datetime | date, begins: datetime, now: datetime) -> datetime:
    """How long numbers are waited for: a day is waited for to its end. Raises Problem 422 for what is over, now or
    before the order begins, or is too far behind that."""
    if not isinstance(until, datetime):
        if until == date.max:
            raise _bad_until("it is too far ahead", "give an earlier one")
        until = datetime.combine(until + timedelta(days=1), time.min, UTC)
    if until <= max(begins, now):
        raise _bad_until("it is over by now, or before the order begins", "give a later one")
    if until > begins + settings().longest_back_order:
        days = settings().longest_back_order.days
        raise _bad_until(f"numbers are waited for up to {days} days from when the order begins", "give an earlier one")
    return until


def _bad_until(message: str, remedy: str) -> Problem:
    fault = {"pointer": "/until", "message": message, "remedy": remedy}
    return Problem(422, "The order is not valid", "Nothing was accepted.", [fault], code="invalid_order")


def _sealed(customer: NewCustomer, order_id: UUID) -> SealedCustomer:
    pin = sealed(customer.pin.get_secret_value(), order_id)
    return SealedCustomer(**{field: getattr(customer, field) for field in _DETAILS}, sealed_pin=pin)


def sealed(pin: str, bound_to: UUID) -> str:
    """The PIN, sealed with a nonce of its own."""
    return seal(pin, bound_to, settings().pin_transport_key.get_secret_value(), os.urandom(12))


def unsealed(pin: str | None, bound_to: UUID) -> str | None:
    """What was sealed for that id: from a draft to its order, which seals it anew. None for what is none."""
    if pin is None:
        return None
    raw = urlsafe_b64decode(pin)
    cipher = _cipher(settings().pin_transport_key.get_secret_value())
    return cipher.decrypt(raw[:12], raw[12:], bound_to.bytes).decode()


@cache
def _cipher(key: str) -> AESGCM:
    return AESGCM(urlsafe_b64decode(key))


def seal(pin: str, order_id: UUID, key: str, nonce: bytes) -> str:
    """The PIN as urlsafe base64 of nonce (12 bytes) and AES-256-GCM ciphertext, bound to the order's id.

    The customer service alone opens it.
    """
    return urlsafe_b64encode(nonce + _cipher(key).encrypt(nonce, pin.encode(), order_id.bytes)).decode()
