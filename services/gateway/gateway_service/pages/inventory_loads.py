"""Lists of blocks or of single numbers, loaded from a CSV; and what became of each load."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import get_args
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.fields import Fields, refused, unknown
from gateway_service.pages.form_size import file_too_large
from gateway_service.pages.inventory import Keeper
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.stock import Stock
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory import Kind
from patchbay_contracts.inventory_answers import Load, Progress

KINDS: tuple[Kind, ...] = get_args(Kind)
PIECE = 64 * 1024
MOST_SHOWN = 100
"""So many refused rows stand on the page, of those in the first piece of them."""


def router(upstream: Upstream) -> APIRouter:
    """The form, and what became of a list."""
    routes, stock = site.routes("/inventory"), Stock(upstream)

    @routes.get("/load")
    async def show(request: Request, _who: Keeper) -> Response:
        return _form(request, {"kind": "blocks", "why": "", "csv": ""})

    @routes.post("/load")
    async def load(request: Request, who: Keeper) -> Response:
        try:
            return await _take(request, stock, who)
        finally:
            await (await request.form()).close()

    @routes.get("/loads/{id_}")
    async def show_load(request: Request, id_: UUID, _who: Keeper) -> Response:
        found = Load.model_validate_json(await stock.get(f"/loads/{id_}"))
        rows = await _refused(stock, id_) if found.refused else []
        return site.render(
            request, "inventory-loaded.html", load=found, head=rows[:1], rows=rows[1 : MOST_SHOWN + 1], states=states()
        )

    return routes


async def _take(request: Request, stock: Stock, who: Operator) -> Response:
    """Load what was chosen or pasted, and go to what became of it."""
    form = await site.form(request)
    read, kind, file, pasted = Fields(form), form.text("kind"), form.file("file"), form.text("csv")
    why = read.why()
    read.errors |= unknown(form, {"kind": KINDS}) | ({} if kind else {"kind": _("Choose what a row is")})
    if (file is not None) == bool(pasted) or (file is not None and not file.size):
        read.errors["file"] = _("Choose a file or paste rows, one of them alone")
    most = site.of(request).settings.most_form_bytes
    if file is not None and (file.size or 0) > most:
        read.errors["file"] = file_too_large(most)
    if not read.errors:
        try:
            said = await stock.load(who.by, kind, why, _pieces(file) if file else _at_once(pasted))
        except Problem as problem:
            read.errors = {"file" if file else "csv": " · ".join(refused(problem, {}).values())}
        else:
            return site.go(f"/inventory/loads/{Progress.model_validate_json(said).load}")
    return _form(request, {"kind": kind, "why": form.text("why"), "csv": pasted}, read.errors)


def states() -> dict[str, str]:
    """How far a load is."""
    return {
        "loading": _("being loaded"),
        "done": _("done"),
        "cut_off": _("the file ended early: load it again"),
        "stopped": _("stopped: load it again"),
        "broken_off": _("broken off: load it again"),
    }


def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    most = site.of(request).settings.most_form_bytes // 1024
    return site.render(request, "inventory-load.html", 422 if errors else 200, errors=errors, typed=typed, most=most)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece


async def _at_once(rows: str) -> AsyncIterator[bytes]:
    yield f"{rows}\n".encode()


async def _refused(stock: Stock, id_: UUID) -> Sequence[Sequence[str]]:
    """The head, and the first rows that were refused, with the line and the reason before them."""
    piece = await stock.beginning(f"/loads/{id_}/refused", PIECE)
    whole = piece if len(piece) < PIECE else piece[: piece.rindex(b"\n") + 1]
    return list(csv.reader(io.StringIO(whole.decode(errors="replace"), newline="")))[: MOST_SHOWN + 1]
