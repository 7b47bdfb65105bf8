"""SQL that reads and changes customers one by one, with the log of what was done, in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from customer_service.changing import Logged, differences, verb
from customer_service.names import SEPARATOR, lexemes
from patchbay_chassis.database import Connection, Row
from patchbay_contracts.customers import ChangeCustomer, CustomerRecord, Details, FieldChanged, LogEntry
from patchbay_contracts.order import Address, Contact
from patchbay_contracts.words import Organisation

_CONTACTS = TypeAdapter(tuple[Contact, ...])
_OTHERS = TypeAdapter(tuple[Organisation, ...])
_CHANGES = TypeAdapter(tuple[FieldChanged, ...])

_COLUMNS = """
    c.id, c.reseller, c.version, c.state, c.name, c.email, c.address, c.phone, c.reference, c.others, c.created_at,
    c.order_id, c.pin_hash, t.wrong, t.locked_until, clock_timestamp() AS now"""
_FROM = f"SELECT {_COLUMNS} FROM customer c LEFT JOIN pin_tries t ON t.customer_id = c.id"  # noqa: S608 - ours
_MINE = "c.reseller = ANY($2::text[]) AND c.state <> 'withdrawn'"
_GET = f"{_FROM} WHERE c.id = ANY($1::uuid[]) AND {_MINE}"
_LOCKED = f"{_FROM} WHERE c.id = $1 AND {_MINE} FOR UPDATE OF c"
_THERE = f"SELECT order_id, created_at FROM customer c WHERE c.id = $1 AND {_MINE}"  # noqa: S608 - ours
_CHANGE = """
    UPDATE customer SET name = $3, email = $4, address = $5, phone = $6, reference = $7, others = $8, state = $9,
        words = array_to_tsvector(string_to_array($10, E'\\x1f')), version = version + 1
    WHERE id = $1 AND reseller = $2"""
_PIN = "UPDATE customer SET pin_hash = $3 WHERE id = $1 AND reseller = $2"
_TRIES = """
    INSERT INTO pin_tries (customer_id, wrong, locked_until) VALUES ($1, $2, $3)
    ON CONFLICT (customer_id) DO UPDATE SET wrong = excluded.wrong, locked_until = excluded.locked_until"""
_NOTE = """
    INSERT INTO customer_log (customer_id, by, what, version, changes, why) VALUES ($1, $2, $3, $4, $5, $6)"""
_LOG = """
    SELECT id, at, by, what, version, changes, why FROM customer_log
    WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"""


class ReferenceTaken(Exception):
    """Another customer of the reseller has the reference."""


@dataclass(frozen=True)
class Known:
    """A customer, and what only the service knows of it. `now` is the database's time."""

    record: CustomerRecord
    pin_hash: bytes
    wrong: int
    locked_until: datetime | None
    now: datetime


async def get(db: Connection, resellers: Sequence[str], ids: Iterable[UUID]) -> dict[UUID, CustomerRecord]:
    """Those that are there, and theirs."""
    return {row.id: _known(row).record for row in await db.fetch(_GET, list(ids), resellers)}


async def locked(db: Connection, resellers: Sequence[str], id_: UUID) -> Known | None:
    """The customer, which nobody else changes until the transaction ends."""
    row = await db.fetchrow(_LOCKED, id_, resellers)
    return _known(row) if row else None


async def change(db: Connection, old: CustomerRecord, asked: ChangeCustomer) -> CustomerRecord:
    """The customer as it shall be; noted. What is so already is not changed. Raises ReferenceTaken."""
    details, state = asked.details or old.details, asked.state or old.state
    if (details, state) == (old.details, old.state):
        return old
    new = old.model_copy(update={"details": details, "state": state, "version": old.version + 1})
    words = SEPARATOR.join(lexemes(old.reseller, details.name, details.email, details.reference))
    address = details.address.model_dump_json() if details.address else None
    others = _OTHERS.dump_json(
        tuple(Organisation(kind=c.kind, name=c.name, email=c.email) for c in details.contacts)
    ).decode()
    own = (details.name, details.email, address, details.phone, details.reference, others, state, words)
    try:
        await db.execute(_CHANGE, old.id, old.reseller, *own)
    except asyncpg.UniqueViolationError as error:
        raise ReferenceTaken from error
    await note(db, new, Logged(asked.by, verb(old, new), asked.why, differences(old, new)))
    return new


async def set_pin(db: Connection, record: CustomerRecord, pin_hash: bytes) -> None:
    """A new PIN, of which nobody has tried a wrong one yet."""
    await db.execute(_PIN, record.id, record.reseller, pin_hash)
    await count(db, record.id, 0, None)


async def count(db: Connection, id_: UUID, wrong: int, locked_until: datetime | None) -> None:
    """How many wrong PINs were tried in a row."""
    await db.execute(_TRIES, id_, wrong, locked_until)


async def note(db: Connection, record: CustomerRecord, logged: Logged) -> None:
    """What was done, in the customer's log."""
    changes = _CHANGES.dump_json(logged.changes).decode()
    await db.execute(_NOTE, record.id, logged.by, logged.what, record.version, changes, logged.why)


async def log(
    db: Connection, resellers: Sequence[str], id_: UUID, before: int, most: int
) -> tuple[list[LogEntry], int | None] | None:
    """Entries from the newest on, and where to go on, if there is more. None: no such customer.

    The creation has no entry of its own, as orders are many: it is read from the customer.
    """
    there = await db.fetchrow(_THERE, id_, resellers)
    if there is None:
        return None
    rows = await db.fetch(_LOG, id_, before, most)
    entries = [
        LogEntry(
            at=row.at, by=row.by, what=row.what, version=row.version, why=row.why,
            changes=_CHANGES.validate_json(row.changes),
        )
        for row in rows
    ]  # fmt: skip
    if len(rows) == most:
        return entries, rows[-1].id
    by = f"order:{there.order_id}" if there.order_id else "import"
    return [*entries, LogEntry(at=there.created_at, by=by, what="created", version=1)], None


def _known(row: Row) -> Known:
    details = Details(
        name=row.name,
        email=row.email,
        address=Address.model_validate_json(row.address) if row.address else None,
        phone=row.phone,
        reference=row.reference,
        contacts=_CONTACTS.validate_json(row.others),
    )
    until = row.locked_until if row.locked_until and row.locked_until > row.now else None
    record = CustomerRecord(
        id=row.id, reseller=row.reseller, version=row.version, state=row.state, details=details,
        created_at=row.created_at, order_id=row.order_id, pin_locked_until=until,
    )  # fmt: skip
    return Known(record, row.pin_hash, row.wrong or 0, row.locked_until, row.now)
