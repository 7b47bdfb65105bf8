"""All owners at once, for calls of every operation that the API describes."""

import re
from typing import Any

from aiohttp import web

from gateway_service.inventory_openapi import ROUTES
from patchbay_contracts.operations import Mended, StuckOrders
from patchbay_contracts.validity import Finding, Findings

from .administered import PriceLists
from .behind import FOUND, Behind, prices, says
from .catalogued import Catalogue
from .owners import Owners
from .registry import AT
from .shelves import Shelves

KEPT = {
    *(f"/catalogue/{what}" for what in ("versions", "version", "draft", "publish", "retire", "diff", "affected")),
    *(f"/price-lists/{what}" for what in ("versions", "draft", "publish", "diff", "affected")),
}
"""What those ask who look after service types and price lists."""
_USED = {"size": 1000, "free": 953, "held": 7, "assigned": 30, "quarantined": 10, "lent": 100}
_OF_BLOCK = {"country": "44", "area": "Birmingham", "pool": "public", "owner": ""}
BLOCKS: dict[str, Any] = {
    "usage": [
        {"block": "+441217370000", "last": "+441217370999"} | _OF_BLOCK | _USED,
        {"block": "+441217371000", "last": "+441217371999"} | _OF_BLOCK | _USED | {"pool": "reseller", "owner": "acme"},
    ],
    "next": None,
}
_WARNING = {
    "code": "customer.looks_like_another",
    "severity": "warning",
    "tab": "customer",
    "pointer": "/customer/name",
    "message": "There is a customer of this name.",
    "remedy": "Choose that one, or waive this.",
}


class Everybody(Shelves):
    """What the shelves have, and what drafts need: holds, quotes, previews."""

    def __init__(self, behind: Behind) -> None:
        # Of what is looked after there is a version in force and a draft, at the revision that the examples name.
        PriceLists(behind).draft_at(3)
        self._of_price_lists = behind.billing.answers
        Catalogue(behind).draft_at(3)
        self._of_catalogue = behind.provisioning.answers
        self.owners = Owners(behind)
        super().__init__(behind)
        self._prices = prices(voice_line={"gold": ("75.00", "5.00")})
        for replica in behind.replicas:
            replica.answers = says(FOUND)
        behind.billing.answers, behind.numbers.answers = self._of_billing, self._of_numbers
        behind.provisioning.answers = self._of_provisioning

    async def _of_provisioning(self, request: web.Request) -> web.StreamResponse:
        return await (self._of_catalogue if request.path in KEPT else self._answer)(request)

    async def _of_billing(self, request: web.Request) -> web.StreamResponse:
        if request.path in KEPT or (request.path == "/price-lists/get" and b'"version":2' in await request.read()):
            return await self._of_price_lists(request)
        return await (self._prices if request.path == "/prices" else self._answer)(request)

    async def _of_numbers(self, request: web.Request) -> web.StreamResponse:
        if not request.path.startswith("/inventory"):
            return await self._answer(request)
        if request.path == "/inventory/usage" and request.query.get("by") != "pool":
            return await says(BLOCKS)(request)
        for route in ROUTES:
            form = re.sub(r"{\w+}", "[^/]+", route.path)
            if route.method == request.method and re.fullmatch(form, request.path.removeprefix("/inventory")):
                if isinstance(route.answers, str):
                    return web.Response(text=route.answer, content_type=route.answers)
                return await says(route.answer)(request)
        raise web.HTTPNotFound

    def _said(self, path: str, asked: dict[str, Any]) -> Any:
        if path == "/sagas/stuck":
            return StuckOrders(orders=())
        if path.startswith("/sagas/"):
            _, order_id, way = path.strip("/").split("/")
            given = {"order_id": order_id, "reseller": "acme", "way": way, "steps": (), "at": AT}
            return Mended.model_validate(asked | given)
        if path == "/validity":
            return Findings(findings=(Finding.model_validate(_WARNING),))
        drafts = path in {"/holds", "/holds/extend", "/holds/release"} or asked.get("id") in self.owners.made
        name = path.strip("/").replace("/", "_").replace("-", "_")
        whose: Any = self.owners if drafts or not hasattr(self, name) else self
        return getattr(whose, name)(asked)
