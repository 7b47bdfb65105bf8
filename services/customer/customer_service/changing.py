"""Rules about changes of a customer without IO: what is different, and how many PINs may be tried."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from patchbay_contracts.customers import CustomerRecord, FieldChanged, What
from patchbay_contracts.order import Address, Contact


@dataclass(frozen=True)
class Logged:
    """What the log says of something that was done."""

    by: str
    what: What
    why: str | None = None
    changes: tuple[FieldChanged, ...] = ()


@dataclass(frozen=True)
class Tried:
    """What became of a PIN that was tried, with the wrong ones in a row and the lock that come of it."""

    right: bool
    wrong: int
    locked_until: datetime | None
    what: What


def verb(old: CustomerRecord, new: CustomerRecord) -> What:
    """What the change is called."""
    if old.state == new.state:
        return "changed"
    return "blocked" if new.state == "blocked" else "unblocked"


def differences(old: CustomerRecord, new: CustomerRecord) -> tuple[FieldChanged, ...]:
    """What is different, field by field, and contact by contact."""
    was, is_ = old.details, new.details
    fields = (
        ("state", old.state, new.state),
        ("name", was.name, is_.name),
        ("email", was.email, is_.email),
        ("address", _written(was.address), _written(is_.address)),
        ("phone", was.phone, is_.phone),
        ("reference", was.reference, is_.reference),
    )
    changed = [FieldChanged(field=f, before=before, after=after) for f, before, after in fields if before != after]
    before, after = Counter(map(_contact, was.contacts)), Counter(map(_contact, is_.contacts))
    changed += [FieldChanged(field="contacts", before=gone) for gone in (before - after).elements()]
    changed += [FieldChanged(field="contacts", after=come) for come in (after - before).elements()]
    return tuple(changed)


def tried(
    right: bool, wrong: int, *, locked_until: datetime | None, now: datetime, most: int, lockout: timedelta
) -> Tried:
    """What a try comes to. While it is locked nothing counts, not even the right PIN; after that counting begins
    anew."""
    if locked_until is not None:
        if now < locked_until:
            return Tried(False, wrong, locked_until, "pin_locked")
        wrong = 0
    if right:
        return Tried(True, 0, None, "pin_right")
    wrong += 1
    return Tried(False, wrong, now + lockout if wrong >= most else None, "pin_wrong")


def _written(address: Address | None) -> str | None:
    if address is None:
        return None
    parts = (*address.lines, address.city, address.postcode, address.country)
    return ", ".join(part for part in parts if part) or None


def _contact(contact: Contact) -> str:
    return f"{contact.kind}: {contact.name} <{contact.email}>"
