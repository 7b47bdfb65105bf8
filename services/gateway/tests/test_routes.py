"""A router takes what its routes take, and is passed over by everything else."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Scope

from gateway_service.routes import Routes


def _answering(routes: Routes, path: str) -> Routes:
    @routes.get(path)
    async def answer() -> str:
        return path

    return routes


@pytest.fixture
def api() -> FastAPI:
    orders = _answering(_answering(Routes(prefix="/v1/orders"), ""), "/{id}/lines")
    orders.include_router(_answering(Routes(), "/within/{id}"))
    whole = Routes()
    whole.include_router(_answering(Routes(prefix="/v1/keys"), "/{id}"))
    api = FastAPI()
    for routes in (orders, whole, _answering(Routes(), "/{anything}")):
        api.include_router(routes)
    return api


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("/v1/orders", ""),
        ("/v1/orders/7/lines", "/{id}/lines"),
        ("/v1/orders/within/7", "/within/{id}"),
        ("/v1/keys/7", "/{id}"),
        ("/something", "/{anything}"),
    ],
)
async def test_routes_of_routers_within_routers_are_found(api: FastAPI, path: str, of: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://gateway") as client:
        assert (await client.get(path)).json() == of
        assert (await client.post(path)).status_code == 405
        assert (await client.get(path + "/no/such")).status_code == 404


async def test_routes_are_found_where_the_gateway_stands_under_a_path_of_its_own(api: FastAPI) -> None:
    under = httpx.ASGITransport(api, root_path="/patchbay")
    async with httpx.AsyncClient(transport=under, base_url="http://gateway") as client:
        assert (await client.get("/patchbay/v1/orders")).status_code == 200


def test_a_path_that_begins_otherwise_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def match(_: object, scope: Scope) -> tuple[object, Scope]:
        tried.append(scope["path"])
        return None, {}

    monkeypatch.setattr("fastapi.APIRouter.matches", match)
    routes = _answering(Routes(prefix="/v1/orders"), "/{id}")
    for path in ("/v1/orders/7", "/v1/ordering", "/wizard"):
        routes.matches({"type": "http", "path": path})
    assert tried == ["/v1/orders/7"]
