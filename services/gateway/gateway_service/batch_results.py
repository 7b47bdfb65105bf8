"""What became of each line of a batch, streamed as NDJSON or CSV, page by page: in constant memory, however many."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

import orjson

from gateway_service import batch_queries
from gateway_service.settings_csv import guarded
from patchbay_chassis.database import Database
from patchbay_chassis.problems import TYPES

PAGE = 1_000
COLUMNS = ("position", "reference", "order", "state", "reason", "services", "numbers")


def result(row: Any) -> dict[str, Any]:
    """One line: the order that it made and what that came to, or why it made none."""
    if row.refusal is not None:
        error = orjson.loads(row.refusal)
        told = [f"{fault.get('pointer', '')} {fault['message']}".strip() for fault in error.get("errors", ())]
        why = {
            "code": error["type"].removeprefix(TYPES),
            "detail": "; ".join(told) or error.get("detail") or error["title"],
        }
        none: dict[str, Any] = {"reference": None, "order": None, "state": "refused", "reason": why}
        return {"position": row.position, **none, "services": [], "numbers": []}
    event = orjson.loads(row.event) if row.event else {}
    services = event.get("services", ())
    reason = {"code": event["reason"], "detail": event.get("detail", "")} if "reason" in event else None
    return {
        "position": row.position,
        "reference": row.reference,
        "order": str(row.id),
        "state": row.state,
        "reason": reason,
        "services": [service["id"] for service in services],
        "numbers": [number for service in services for number in service.get("numbers", ())],
    }


async def results(database: Database, reseller: str, id_: UUID, after: int, *, as_csv: bool) -> AsyncGenerator[bytes]:
    """The lines in the order of their positions, from behind one on."""
    if as_csv:
        yield _csv([COLUMNS])
    while True:
        async with database.connection() as db:
            rows = await batch_queries.results(db, reseller, id_, after, PAGE)
        if not rows:
            return
        found = [result(row) for row in rows]
        yield _csv([_cells(one) for one in found]) if as_csv else b"".join(orjson.dumps(one) + b"\n" for one in found)
        after = rows[-1].position


def _cells(one: dict[str, Any]) -> list[str]:
    reason = one["reason"]
    told = f"{reason['code']}: {reason['detail']}" if reason else ""
    lists = (" ".join(one["services"]), " ".join(one["numbers"]))
    return [str(one["position"]), *(guarded(cell) for cell in (one["reference"] or "", one["order"] or "")),
            one["state"], guarded(told), *map(guarded, lists)]  # fmt: skip


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
