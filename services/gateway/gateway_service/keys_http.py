"""API keys over the API: made, shown, changed, rotated and revoked by keys with the scope `keys`."""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import api_keys, bodies, etags, key_queries, keys_openapi, replays
from gateway_service.api_keys import Giver, Wanted
from gateway_service.etags import SeenIfGiven
from gateway_service.key_form import Minted
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from patchbay_chassis.database import Connection, Database

PREFIX = "/v1/keys"
ID = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


def router(database: Database, keys: Keys) -> APIRouter:
    """The routes of keys, for keys with the scope `keys`."""
    routes = Routes()
    for part in (_reading, _changing):
        routes.include_router(part(database, keys))
    return routes


def _reading(database: Database, keys: Keys) -> APIRouter:
    """New ones, and those that there are."""
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("keys"))]  # noqa: N806 - a type

    @routes.post("", status_code=201, **keys_openapi.MAKE)
    async def make_key(request: Request, caller: Known) -> Response:
        body = await bodies.read(request, keys_openapi.NewKey)
        id_ = replays.made(request).hex[-12:]  # the part of it that is chance
        async with database.transaction() as db:
            giver = await _giver(db, caller)
            wanted = Wanted(body.name, tuple(sorted(set(body.scopes))), body.expires_at, caller.limits)
            key = await api_keys.make(db, giver, caller.reseller, id_, wanted)
            row = await key_queries.one(db, giver.resellers, id_)
        return _said(row, key, 201)

    @routes.get("", **keys_openapi.PAGE)
    async def list_keys(
        caller: Known,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str, Query(max_length=60, description="`next` of the page before")] = "",
    ) -> Response:
        async with database.connection() as db:
            rows = await key_queries.page(db, (caller.reseller,), after, limit + 1)
        more = rows[limit - 1].id if len(rows) > limit else None
        answer = {"keys": [_shown(row) for row in rows[:limit]], "next": more}
        return Response(orjson.dumps(answer), media_type=bodies.JSON)

    @routes.get("/{id}", **keys_openapi.ONE)
    async def show_key(id: ID, caller: Known) -> Response:  # noqa: A002 - its name in the path
        async with database.connection() as db:
            row = await key_queries.one(db, (caller.reseller,), id)
            if row is None:
                raise api_keys.no_such_key(id)
            changes = await key_queries.changes(db, (caller.reseller,), id)
        shown = orjson.dumps(_shown(row) | {"changes": [dict(one) for one in changes]})
        return Response(shown, headers={"ETag": etags.of_version(row.version)}, media_type=bodies.JSON)

    return routes


def _changing(database: Database, keys: Keys) -> APIRouter:
    """What can be changed about one."""
    routes = Routes(prefix=PREFIX)
    Known = Annotated[Caller, Depends(keys.having("keys"))]  # noqa: N806 - a type

    @routes.patch("/{id}", **keys_openapi.CHANGE)
    async def change_key(id: ID, request: Request, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        body = await bodies.read(request, keys_openapi.ChangedKey)
        async with database.transaction() as db:
            giver = await _giver(db, caller)
            row = await _as_seen(db, giver, id, seen)
            now = {"name": row.name, "scopes": row.scopes, "expires_at": row.expires_at}
            given = {field: getattr(body, field) for field in body.model_fields_set}
            there = now | {field: value for field, value in given.items() if value is not None or field == "expires_at"}
            scopes = tuple(sorted(set(there["scopes"])))
            await api_keys.change(db, giver, id, Wanted(there["name"], scopes, there["expires_at"], row.limits))
            row = await key_queries.one(db, giver.resellers, id)
        keys.forget()
        return _said(row)

    @routes.post("/{id}/rotate", **keys_openapi.ROTATE)
    async def rotate_key(id: ID, request: Request, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        body = await bodies.read(request, keys_openapi.Rotation)
        async with database.transaction() as db:
            giver = await _giver(db, caller)
            await _as_seen(db, giver, id, seen)
            key = await api_keys.rotate(db, giver, id, timedelta(seconds=body.overlap))
            row = await key_queries.one(db, giver.resellers, id)
        keys.forget()
        return _said(row, key)

    @routes.post("/{id}/end-former", **keys_openapi.END_FORMER)
    async def end_former_secret(id: ID, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        return await _ended(id, caller, seen, api_keys.end_former)

    @routes.post("/{id}/revoke", **keys_openapi.REVOKE)
    async def revoke_key(id: ID, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        return await _ended(id, caller, seen, api_keys.revoke)

    async def _ended(id_: str, caller: Caller, seen: str | None, end: Any) -> Response:
        async with database.transaction() as db:
            giver = await _giver(db, caller)
            await _as_seen(db, giver, id_, seen)
            await end(db, giver, id_)
            row = await key_queries.one(db, giver.resellers, id_)
        keys.forget()
        return _said(row)

    return routes


async def _giver(db: Connection, caller: Caller) -> Giver:
    """The caller, who gives no more than his key has, and for no longer."""
    own = await key_queries.until(db, caller.id)
    return Giver(caller.by, (caller.reseller,), caller.scopes, own)


async def _as_seen(db: Connection, giver: Giver, id_: str, seen: str | None) -> Any:
    """The key, which nobody else changes meanwhile. Raises Problem 404, and 412 where it is not as it was `seen`."""
    row = await key_queries.one(db, giver.resellers, id_, locked=True)
    if row is None:
        raise api_keys.no_such_key(id_)
    etags.check(etags.of_version(row.version), seen)
    return row


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes,
        "limits": row.limits or None,
        "state": row.state,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "former_works_until": row.former_until,
        "links": {"self": f"/v1/keys/{row.id}"},
    }


def _said(row: Any, key: Minted | None = None, status: int = 200) -> Response:
    """A key; its secret only when it was just made."""
    headers = {"Cache-Control": "no-store", "ETag": etags.of_version(row.version)}
    headers |= {"Location": f"/v1/keys/{row.id}"} if status == 201 else {}
    secret = {"key": key.written} if key else {}
    return Response(orjson.dumps(_shown(row) | secret), status, headers, bodies.JSON)
