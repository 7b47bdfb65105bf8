"""The owners as they meet whatever the API lets through: they refuse what they do not know, and look at what inventory
managers send."""

import re
from typing import Any

import jsonschema_rs
from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway_service.inventory_openapi import ROUTES, InventoryRoute
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.availability import Availability, NamedLines, NarrowedLines
from patchbay_contracts.customers import CustomersFound, ResellersFound
from patchbay_contracts.quotes import Previews
from patchbay_contracts.validity import ManyFindings

from .behind import FOUND, Behind, says
from .everybody import Everybody
from .recorded import Recorded
from .registry import Registry

_KINDS = {"customers": "no_such_customer", "services": "no_such_service", "mails": "no_such_mail"}
_GIVEN = {"total": 5, "given": [], "missing": 0}


class Everything(Everybody, Recorded):
    """Everybody's and the facade's owners, for ids that there are and others."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(behind)
        for replica in behind.replicas:
            replica.answers = self._of_replica

    async def _of_replica(self, request: web.Request) -> web.StreamResponse:
        return await (self._answer if request.path == "/availability" else says(FOUND))(request)

    async def _of_numbers(self, request: web.Request) -> web.StreamResponse:
        for route in ROUTES:
            form = re.sub(r"{\w+}", "[^/]+", f"/inventory{route.path}")
            if route.method == request.method and re.fullmatch(form, request.path):
                return await _of_inventory(route, request)
        return await self._answer(request)

    def _said(self, path: str, asked: dict[str, Any]) -> Any:
        try:
            return super()._said(path, asked)
        except KeyError:
            code = _KINDS.get(path.split("/")[1], "not_found")
            raise self.refusal(404, "There is no such thing", code, "/id") from None

    def customers_search(self, asked: dict[str, Any]) -> CustomersFound:
        return Registry.customers_search(self, asked)

    def resellers_get(self, _: dict[str, Any]) -> ResellersFound:
        """There is none below another."""
        return ResellersFound(resellers=())

    def availability(self, asked: dict[str, Any]) -> Availability:
        return Availability.model_validate({"lines": [_GIVEN for _ in asked["lines"]], "as_of": FOUND["as_of"]})

    def availability_named(self, asked: dict[str, Any]) -> NamedLines:
        """Nobody else has any of them."""
        like = {"pool": "public", "prefix": "+441217377", "grade": "standard"}
        lines = [[{"e164": number} | like for number in line["numbers"]] for line in asked["lines"]]
        return NamedLines.model_validate({"lines": lines})

    def validity_many(self, asked: dict[str, Any]) -> ManyFindings:
        return ManyFindings.model_validate({"answers": [{"findings": []} for _ in asked["queries"]]})

    def validity_narrowed(self, asked: dict[str, Any]) -> NarrowedLines:
        return NarrowedLines.model_validate({"lines": [{"numbers": one["numbers"]} for one in asked["lines"]]})

    def quotes_preview_many(self, asked: dict[str, Any]) -> Previews:
        return Previews.model_validate({"previews": [{"lines": [], "totals": []} for _ in asked["queries"]]})


def _is_queried_well(route: InventoryRoute, request: web.Request) -> bool:
    """Whether the owner would take the parameters: of one that is given again and again the last counts."""
    for parameter in route.parameters:
        given = request.query.getall(parameter["name"], [])
        if not given and parameter["required"]:
            return False
        try:
            value = int(given[-1]) if given and parameter["schema"].get("type") == "integer" else None
        except ValueError:
            return False
        if given and not jsonschema_rs.is_valid(parameter["schema"], given[-1] if value is None else value):
            return False
    return True


async def _of_inventory(route: InventoryRoute, request: web.Request) -> web.StreamResponse:
    if not _is_queried_well(route, request):
        return _refused(Problem(422, "The request is not valid"))
    if isinstance(route.asks, str) and not (await request.text()).startswith(str(route.query).partition("\n")[0]):
        return _refused(Problem(422, "The request is not valid"))
    if isinstance(route.asks, type) and issubclass(route.asks, BaseModel):
        try:
            route.asks.model_validate_json(await request.read())
        except ValidationError as error:
            return _refused(Problem(422, "The request is not valid", errors=faults(error)))
    if isinstance(route.answers, str):
        return web.Response(text=route.answer, content_type=route.answers)
    return await says(route.answer)(request)


def _refused(problem: Problem) -> web.Response:
    answer = problem.response()
    return web.Response(body=bytes(answer.body), status=problem.status, content_type=answer.media_type)
