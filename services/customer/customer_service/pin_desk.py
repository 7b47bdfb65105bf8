"""PINs at the operator's desk: set anew, and compared with what a caller says, a few times at the most."""

import hmac
from collections.abc import Iterator
from uuid import UUID

from customer_service import changing, model, pins, records
from customer_service.pin_rules import accepted, weak
from customer_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import Details, PinSet, PinVerified, SetPin, VerifyPin


async def put(db: Connection, known: records.Known, asked: SetPin) -> PinSet:
    """The PIN is in force, and noted; the same again changes nothing. Raises Problem 422 for one that no order could
    have."""
    pin, record = _opened(asked.sealed_pin, asked.id), known.record
    if (wrong := accepted(pin)) is not None:
        raise _refused(wrong.message, wrong.remedy)
    hashed = _hashed(pin, record.id)
    if known.wrong or not hmac.compare_digest(hashed, known.pin_hash):
        await records.set_pin(db, record, hashed)
        await records.note(db, record, changing.Logged(asked.by, "pin_set", asked.why))
    found = weak(pin, others_know(record.details), "/sealed_pin")
    return PinSet(id=record.id, findings=() if found is None else (found,))


async def verify(db: Connection, known: records.Known, asked: VerifyPin) -> PinVerified:
    """Whether it is the PIN; noted, and counted if it is not."""
    pin, record, most = _opened(asked.sealed_pin, asked.id), known.record, settings().pin_tries
    right = hmac.compare_digest(_hashed(pin, record.id), known.pin_hash)
    outcome = changing.tried(
        right, known.wrong, locked_until=known.locked_until, now=known.now, most=most, lockout=settings().pin_lockout
    )
    if (outcome.wrong, outcome.locked_until) != (known.wrong, known.locked_until):
        await records.count(db, record.id, outcome.wrong, outcome.locked_until)
    await records.note(db, record, changing.Logged(asked.by, outcome.what))
    left = 0 if outcome.locked_until else most - outcome.wrong
    return PinVerified(right=outcome.right, tries_left=left, locked_until=outcome.locked_until)


def others_know(details: Details) -> Iterator[str]:
    """What a PIN should be no part of."""
    given = (details.name, details.email, details.phone, details.reference)
    address = details.address
    where = (*address.lines, address.postcode) if address else ()
    return (text for text in (*given, *where) if text)


def _opened(sealed: str, id_: UUID) -> str:
    try:
        return pins.unseal(sealed, id_, settings().pin_transport_key.get_secret_value())
    except pins.PinUnreadable:
        unreadable = model.pin_unreadable()
        raise _refused(unreadable.message, "seal it for this customer, and send it again") from None


def _refused(message: str, remedy: str) -> Problem:
    fault = {"pointer": "/sealed_pin", "message": message, "remedy": remedy}
    return Problem(422, "This PIN will not do", errors=[fault], code="pin_refused")


def _hashed(pin: str, id_: UUID) -> bytes:
    return pins.keyed_hash(pin, id_, settings().pin_pepper.get_secret_value())
