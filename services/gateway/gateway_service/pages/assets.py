"""Stylesheets, scripts and pictures, kept in memory, under addresses that change with what they hold."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.routes import Routes
from patchbay_chassis.problems import Problem

FOLDER = Path(__file__).with_name("static")
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
FOR_EVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file as it is served."""

    body: bytes
    packed: bytes
    kind: str
    version: str


@cache
def asset(name: str) -> Asset:
    """The file of that name, from `static/` or from what `make setup` put into `static/vendor/`. Raises KeyError."""
    for folder in (FOLDER, FOLDER / "vendor"):
        file = folder / name
        if file.suffix in KINDS and file.parent == folder and file.is_file():
            body = file.read_bytes()
            packed = gzip.compress(body, 9, mtime=0)
            return Asset(body, packed, KINDS[file.suffix], hashlib.sha256(body).hexdigest()[:12])
    raise KeyError(f"there is no asset {name}: was `make setup` run?")


def address(name: str) -> str:
    """Where a page finds it."""
    return f"/assets/{name}?v={asset(name).version}"


def router() -> APIRouter:
    """The route of all assets; anybody may read them."""
    routes = Routes(include_in_schema=False)

    @routes.get("/assets/{name}")
    async def serve(request: Request, name: str, v: str = "") -> Response:
        try:
            found = asset(name)
        except KeyError:
            raise Problem(404, "Not found", f"There is no {name} here.") from None
        headers = {
            "Cache-Control": FOR_EVER if v == found.version else "no-cache",
            "ETag": f'"{found.version}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.packed, 200, headers | {"Content-Encoding": "gzip"}, found.kind)
        return Response(found.body, 200, headers, found.kind)

    return routes
