"""What an order's steps said, sealed PINs among it, is forgotten long after its end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import earliest_id
from provisioning_service import handlers
from provisioning_service.settings import settings

DAY = timedelta(days=1)


async def saga(db: Connection, age: timedelta, status: str = "completed", moved: timedelta | None = None) -> UUID:
    at = datetime.now(UTC) - age
    id_ = UUID(int=earliest_id(at).int | 1)
    await db.execute(
        "INSERT INTO saga (id, reseller, name, version, status, open, state, moved_at)"
        " VALUES ($1, 'acme', 'order', 1, $2, $3, '{}', $4)",
        id_, status, status in ("running", "stuck"), datetime.now(UTC) - (age if moved is None else moved),
    )  # fmt: skip
    await db.execute("INSERT INTO saga_move VALUES ($1, 0, 'sealed', 'log'), ($1, 1, '', 'log')", id_)
    return id_


async def test_ended_orders_are_forgotten_after_their_time_and_open_ones_never(db: Connection) -> None:
    keep = settings().keep_sagas
    await saga(db, keep + DAY)
    kept = {
        await saga(db, keep - DAY),
        await saga(db, keep + 2 * DAY, "stuck"),
        await saga(db, keep + 3 * DAY, "failed", moved=DAY),  # it was undone only yesterday
    }
    assert await handlers.forget_old_sagas(db) == []
    assert {id_ for (id_,) in await db.fetch("SELECT id FROM saga")} == kept
    assert {id_ for (id_,) in await db.fetch("SELECT saga FROM saga_move")} == kept
