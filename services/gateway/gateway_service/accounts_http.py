"""Billing accounts of customers over the public API: shown, limited, blocked and unblocked."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import accounts_openapi, bodies, customers_http, etags, fields
from gateway_service.accounts_openapi import BlockAccount, LimitAccount
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_contracts.accounts import Account, AccountQuery, BlockQuery, LimitQuery
from patchbay_contracts.message import Frozen


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of accounts: read with what reads customers, changed with the scope `prices`."""
    routes = Routes(prefix="/v1/customers/{id}/account")
    Reading = Annotated[Caller, Depends(keys.having("orders", "prices"))]  # noqa: N806 - a type
    Changing = Annotated[Caller, Depends(keys.having("prices"))]  # noqa: N806 - a type

    @routes.get("", **accounts_openapi.ACCOUNT)
    async def show_account(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Reading,
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, accounts_openapi.FIELDS)
        shown = await ask(id, caller, "get", AccountQuery(resellers=(caller.reseller,), customer_id=id))
        return etags.shown(request, orjson.dumps(fields.only(shown, names)))

    @routes.put("/limit", **accounts_openapi.LIMIT)
    async def limit_account(id: UUID, request: Request, caller: Changing) -> Response:  # noqa: A002
        body = await bodies.read(request, LimitAccount)
        return _answer(await ask(id, caller, "limit", LimitQuery.model_validate(_of(id, caller) | body.model_dump())))

    @routes.post("/block", **accounts_openapi.BLOCK)
    async def block_account(id: UUID, request: Request, caller: Changing) -> Response:  # noqa: A002
        return await become(id, request, caller, "block")

    @routes.post("/unblock", **accounts_openapi.UNBLOCK)
    async def unblock_account(id: UUID, request: Request, caller: Changing) -> Response:  # noqa: A002
        return await become(id, request, caller, "unblock")

    async def become(id_: UUID, request: Request, caller: Caller, what: str) -> Response:
        body = await bodies.read(request, BlockAccount)
        return _answer(await ask(id_, caller, what, BlockQuery.model_validate(_of(id_, caller) | body.model_dump())))

    async def ask(id_: UUID, caller: Caller, what: str, query: Frozen) -> dict[str, Any]:
        """The account as it is then. Raises Problem 404 where there is no such customer, or no account of it yet."""
        await customers_http.the_customer(upstream, caller, id_)
        return _shown(Account.model_validate_json(await upstream.ask("billing", f"/accounts/{what}", query)))

    return routes


def _of(id_: UUID, caller: Caller) -> dict[str, Any]:
    return {"resellers": (caller.reseller,), "customer_id": id_, "by": caller.by}


def _shown(account: Account) -> dict[str, Any]:
    of = f"/v1/customers/{account.customer_id}"
    shown = account.model_dump(mode="json", exclude={"reseller", "changes"})
    changes = [one.model_dump(mode="json") for one in account.changes]
    return shown | {"changes": changes, "links": {"self": f"{of}/account", "customer": of}}


def _answer(shown: dict[str, Any]) -> Response:
    return Response(orjson.dumps(shown), media_type=bodies.JSON)
