"""Billing accounts of customers over the public API: shown, limited, blocked and unblocked."""

import re
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import accounts_openapi, bodies, customers_http, etags, fields
from gateway_service.accounts_openapi import BlockAccount, LimitAccount
from gateway_service.etags import SeenIfGiven
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_contracts.accounts import Account, AccountQuery, BlockQuery, LimitQuery
from patchbay_contracts.message import Frozen

_USED = re.compile(r'\.[0-9a-f]+(?=")')


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
        tag = _tag(shown) if names is None else None
        return etags.shown(request, orjson.dumps(fields.only(shown, names)), tag=tag)

    @routes.put("/limit", **accounts_openapi.LIMIT)
    async def limit_account(id: UUID, request: Request, caller: Changing, seen: SeenIfGiven) -> Response:  # noqa: A002
        body = await bodies.read(request, LimitAccount)
        return await become(id, caller, "limit", LimitQuery.model_validate(_of(id, caller) | body.model_dump()), seen)

    @routes.post("/block", **accounts_openapi.BLOCK)
    async def block_account(id: UUID, request: Request, caller: Changing, seen: SeenIfGiven) -> Response:  # noqa: A002
        body = await bodies.read(request, BlockAccount)
        return await become(id, caller, "block", BlockQuery.model_validate(_of(id, caller) | body.model_dump()), seen)

    @routes.post("/unblock", **accounts_openapi.UNBLOCK)
    async def unblock_account(id: UUID, request: Request, caller: Changing, seen: SeenIfGiven) -> Response:  # noqa: A002
        body = await bodies.read(request, BlockAccount)
        return await become(id, caller, "unblock", BlockQuery.model_validate(_of(id, caller) | body.model_dump()), seen)

    async def become(
        id_: UUID, caller: Caller, what: str, query: BlockQuery | LimitQuery, seen: str | None
    ) -> Response:
        """What is changed since it was read here is refused by billing."""
        if seen is not None:
            there = await ask(id_, caller, "get", AccountQuery(resellers=(caller.reseller,), customer_id=id_))
            if not etags.is_among(_decided(tag := _tag(there)), _decided(seen)):
                raise etags.another(tag)
            changed_at = there["changes"][0]["at"] if there["changes"] else there["opened_at"]
            query = type(query).model_validate(query.model_dump() | {"changed_at": changed_at})
        shown = await ask(id_, caller, what, query)
        return Response(orjson.dumps(shown), 200, {"ETag": _tag(shown)}, bodies.JSON)

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


def _tag(shown: dict[str, Any]) -> str:
    """The ETag of an account, with what is charged behind a dot: that is no change of it."""
    decided = etags.of_body(orjson.dumps({**shown, "used": None}))
    return f"{decided[:-1]}.{etags.of_body(orjson.dumps(shown['used']))[1:]}"


def _decided(tags: str) -> str:
    return _USED.sub("", tags)
