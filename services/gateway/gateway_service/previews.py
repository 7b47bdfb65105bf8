"""What dry runs answer, kept for a day; and what has changed since, when an order names one."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from gateway_service import batches, findings, preview_queries
from gateway_service.dry_run import Order, Outcome, Outcomes, dry_run
from gateway_service.dry_run_numbers import BREATH
from gateway_service.preview_queries import Kept
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.availability import LineAvailability
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.validity import Finding

KEEP = timedelta(days=1)


async def keep(database: Database, reseller: str, orders: Sequence[Order], found: Outcomes) -> list[dict[str, Any]]:
    """Each order's answer, kept under an id of its own."""
    answers, kept, as_of = [], [], found.as_of.model_dump(mode="json")
    for order, outcome in zip(orders, found.orders, strict=True):
        id_, answer = mint(), shown(outcome, order.document)
        kept.append(Kept(id_, mark(order.document), orjson.dumps(answer).decode()))
        answers.append({"preview": str(id_), **answer, "as_of": as_of})
        if len(answers) % BREATH == 0:
            await asyncio.sleep(0)
    async with database.transaction() as db:
        await preview_queries.keep(db, reseller, kept)
    return answers


def mark(document: OrderDocument) -> bytes:
    """By this the same order is known again. A PIN is no part of it."""
    return batches.mark(document.model_dump_json(exclude={"preview", "require_unchanged"}).encode())


def shown(outcome: Outcome, document: OrderDocument) -> dict[str, Any]:
    """What an order would come to, as its caller sees it."""
    preview = outcome.preview.model_dump(mode="json")
    lines = [
        {name: line[name] for name in ("line", "service_type", "price_list", "version")} | line["total"]
        for line in preview["lines"]
    ]
    wanted = [at for at, line in enumerate(document.lines) if line.numbers.exact or line.numbers.count]
    return {
        "would_be": "refused" if outcome.is_refused else "accepted",
        "findings": [_finding(finding) for finding in outcome.findings],
        "prices": {"lines": lines, "totals": preview["totals"]},
        "numbers": [_numbers(at, outcome.available[at]) for at in wanted],
    }


def _finding(found: Finding) -> dict[str, Any]:
    """An order has no tabs."""
    told = findings.shown(found)
    del told["tab"]
    return told


def _numbers(at: int, found: LineAvailability) -> dict[str, Any]:
    return {
        "line": at,
        "matching": found.total,
        "at_least": found.at_least,
        "given": [one.model_dump(mode="json") for one in found.given],
        "missing": found.missing,
    }


async def since(
    upstream: Upstream, database: Database, reseller: str, orders: Sequence[Order]
) -> list[dict[str, Any] | Problem]:
    """What has changed since the previews that these orders name, each seen beside the others. It is Problem 422 where
    there is no such preview, and 409 where something has changed and nothing may. Raises Problem 503 if an owner cannot
    be asked."""
    async with database.connection() as db:
        kept = await preview_queries.some(db, reseller, [_named(order.document) for order in orders])
    known = [order for order in orders if order.document.preview in kept]
    found = iter((await dry_run(upstream, database, reseller, known)).orders if known else ())
    return [
        _since(row, order.document, next(found)) if (row := kept.get(_named(order.document))) else _unknown()
        for order in orders
    ]


def _unknown() -> Problem:
    fault = {
        "pointer": "/preview",
        "message": "there is no such preview, or it is older than a day",
        "remedy": "run the order dry again, or leave preview out",
    }
    return Problem(422, "There is no such preview", errors=[fault], code="no_such_preview")


def _since(row: Any, document: OrderDocument, found: Outcome) -> dict[str, Any] | Problem:
    changes = _changes(orjson.loads(row.answer), shown(found, document))
    if row.mark != mark(document):
        changes["order"] = "it is another one than was looked at"
    if changes and document.require_unchanged:
        faults = [
            {"pointer": "/preview", "message": f"{what} changed: {_brief(change)}", "remedy": "run the order dry again"}
            for what, change in changes.items()
        ]
        return Problem(409, "It is not as it was previewed", "Nothing was accepted.", faults, code="preview_changed")
    return {"id": str(row.id), "made_at": row.made_at, "unchanged": not changes, "changes": changes}


def _named(document: OrderDocument) -> UUID:
    assert document.preview is not None
    return document.preview


def _brief(change: Any) -> str:
    text = change if isinstance(change, str) else orjson.dumps(change).decode()
    return text if len(text) <= 500 else f"{text[:500]} …"


def _changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """By what it is about: prices, findings, availability. Which of many matching numbers would be given changes all
    the time, and is no news; how many there are, and of which grade, is."""
    changes: dict[str, Any] = {}
    if before["prices"] != now["prices"]:
        changes["prices"] = {"before": before["prices"]["totals"], "now": now["prices"]["totals"]}
    was, is_ = ({_key(finding): finding for finding in one["findings"]} for one in (before, now))
    new = [finding for key, finding in is_.items() if key not in was]
    gone = [finding for key, finding in was.items() if key not in is_]
    if new or gone:
        changes["findings"] = {"new": new, "gone": gone}
    pairs = zip(before["numbers"], now["numbers"], strict=False)
    other = [
        {"line": after["line"], "before": earlier, "now": later}
        for earlier, later, after in ((_counted(a), _counted(b), b) for a, b in pairs)
        if earlier != later
    ]
    if other:
        changes["availability"] = other
    return changes


def _key(finding: dict[str, Any]) -> tuple[str, ...]:
    return finding["code"], finding["severity"], finding["pointer"]


def _counted(numbers: dict[str, Any]) -> dict[str, Any]:
    given = numbers["given"]
    return {
        "grades": dict(sorted(Counter(one["grade"] for one in given).items())),
        "substitutes": sum("instead" in one for one in given),
        "missing": numbers["missing"],
    }
