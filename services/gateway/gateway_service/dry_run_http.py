"""Dry runs over the public API: one order, or a file of them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import accepting, bodies, dry_run_openapi, previews, refusals
from gateway_service.bulk import Source
from gateway_service.bulk_http import kind_of
from gateway_service.dry_run import Order, dry_run
from gateway_service.keys import Caller, Keys
from gateway_service.order_csv import BadRow, Sheet
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import check_depth, too_large, whole
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import NDJSON, Line, lines
from patchbay_contracts.order import OrderDocument

MOST_ORDERS = 10_000
MOST_BYTES = 64 * 1024 * 1024


def router(running: Running, upstream: Upstream, keys: Keys) -> APIRouter:
    """The route of dry runs, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.post("/dry-run", **dry_run_openapi.DRY_RUN)
    async def run_dry(request: Request, caller: Known) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == bodies.JSON:
            body = await whole(request, settings().most_body_bytes, "order")
            order = _read(1, body)
            if isinstance(order, Problem):
                raise order
            found = await dry_run(upstream, running.database, caller.reseller, [order])
            (answer,) = await previews.keep(running.database, caller.reseller, [order], found)
            return Response(orjson.dumps(answer), media_type=bodies.JSON)
        read = await _file(request)
        orders = [one for one in read.values() if isinstance(one, Order)]
        kept: list[dict[str, Any]] = []
        if orders:
            found = await dry_run(upstream, running.database, caller.reseller, orders)
            kept = await previews.keep(running.database, caller.reseller, orders, found)
        by_line = {order.line: answer for order, answer in zip(orders, kept, strict=True)}
        told = (
            orjson.dumps({"line": line, **(_invalid(one) if isinstance(one, Problem) else by_line[line])}) + b"\n"
            for line, one in read.items()
        )
        return Response(b"".join(told) + _summary(read, kept), media_type=NDJSON)

    return routes


async def _file(request: Request) -> dict[int, Order | Problem]:
    """The orders of the file by their lines. Raises Problem 413 for too many."""
    most, size = settings().most_body_bytes, 0
    source: Source = lines(request, most)
    if kind_of(request) == "csv":
        sheet = Sheet(lines(request, most), most, 1)
        await sheet.begin()
        source = sheet.orders()
    read: dict[int, Order | Problem] = {}
    async for found in source:
        for line in found:
            if line.content is None or line.content.strip():
                read[line.number] = _line(line)
                size += len(line.content or b"")
        if len(read) > MOST_ORDERS:
            detail = f"A dry run takes {MOST_ORDERS:,} orders at the most: send the file in parts."
            raise Problem(413, "The bulk is too long", detail, code="bulk_too_long")
        if size > MOST_BYTES:
            raise too_large(MOST_BYTES, "file")
    return read


def _line(line: Line | BadRow) -> Order | Problem:
    if isinstance(line, BadRow):
        return line.problem
    if line.content is None:
        return too_large(settings().most_body_bytes, "order")
    return _read(line.number, line.content)


def _read(line: int, content: bytes) -> Order | Problem:
    try:
        check_depth(content, "order")
        document = OrderDocument.model_validate_json(content)
        accepting.times(document, datetime.now(UTC))
        return Order(line, document, len(content))
    except ValidationError as error:
        return refusals.invalid(error)
    except Problem as problem:
        return problem


def _invalid(problem: Problem) -> dict[str, Any]:
    return {"would_be": "refused", "error": problem.body}


def _summary(read: dict[int, Order | Problem], answers: Iterable[dict[str, Any]]) -> bytes:
    """The last line: of the whole file."""
    would, codes = Counter[str](), Counter[str]()
    sums: dict[str, list[Decimal]] = {}
    for answer in answers:
        would[answer["would_be"]] += 1
        codes.update({finding["code"] for finding in answer["findings"]})
        if answer["would_be"] == "refused":
            continue
        for total in answer["prices"]["totals"]:
            of = sums.setdefault(total["setup"]["currency"], [Decimal(0), Decimal(0)])
            of[0] += Decimal(total["setup"]["amount"])
            of[1] += Decimal(total["monthly"]["amount"])
    invalid = sum(isinstance(one, Problem) for one in read.values())
    totals = [
        {
            "setup": {"amount": str(setup), "currency": currency},
            "monthly": {"amount": str(monthly), "currency": currency},
        }
        for currency, (setup, monthly) in sorted(sums.items())
    ]
    summary = {
        "orders": len(read),
        "would_be": {"accepted": would["accepted"], "refused": would["refused"] + invalid},
        "findings": dict(sorted(codes.items())),
        "totals": totals,
    }
    return orjson.dumps({"summary": summary}) + b"\n"
