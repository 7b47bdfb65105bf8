"""Calls of every operation that the API describes, made from its examples."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args
from uuid import uuid4

import httpx
from jsonschema_rs import Draft202012Validator

from gateway_service import key_queries
from gateway_service.drafts_examples import NUMBER, OTHER
from gateway_service.key_form import hashed
from gateway_service.keys import Scope

from .conftest import Gateway
from .posted import ndjson, order
from .registry import ADA, SERVICE
from .shelves import QUOTES
from .tmf import item

MASTER, RIVAL, EXPIRED, NO_SCOPE = "key-for-all", "key-for-all-of-a-rival", "key-that-expired", "key-for-nothing"
ALL: tuple[str, ...] = get_args(Scope)
KEYS = ((MASTER, "acme", ALL), (RIVAL, "borealis", ALL), (EXPIRED, "acme", ALL), (NO_SCOPE, "acme", ()))
LINES = {"Content-Type": "application/x-ndjson"}
ORDERING, SERVICES, RESOURCES = (
    f"/tmf-api/{api}/v4" for api in ("serviceOrdering", "serviceInventoryManagement", "resourceInventoryManagement")
)
STREAMS = ("/v1/events/stream", "/v1/orders/{id}/events")
"""What does not end by itself."""


class Operation(NamedTuple):
    """An operation as the document has it."""

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def body(self) -> tuple[str, Any] | None:
        """The kind of what is asked, and its example."""
        for kind, content in self.said.get("requestBody", {}).get("content", {}).items():
            return kind, content["example"]
        return None

    def needs(self, header: str) -> bool:
        """Whether it is not done without that header."""
        known = (one for one in self.said.get("parameters", ()) if one["in"] == "header" and one.get("required"))
        return any(one["name"].lower() == header for one in known)


class Document:
    """The API's document, and how an operation is called as it says."""

    def __init__(self, gateway: Gateway, described: dict[str, Any]) -> None:
        self.gateway, self.described = gateway, described
        self.made: dict[str, str] = {}

    @classmethod
    async def of(cls, gateway: Gateway) -> "Document":
        """What the gateway says of itself, beside an order, a draft with a service, and a batch."""
        found = cls(gateway, (await gateway.client.get("/openapi.json")).json())
        async with gateway.database.transaction() as db:
            for key, reseller, scopes in KEYS:
                await key_queries.seed(db, hashed(key), reseller, key, scopes)
            await db.execute("UPDATE reseller_key SET expires_at = now() WHERE name = $1", EXPIRED)
        placed = await gateway.client.post("/v1/orders", json=order(), headers={"Idempotency-Key": "first"})
        found.made["/v1/orders"] = placed.json()["id"]
        found.made |= {"/v1/customers": str(ADA), "/v1/services": str(SERVICE), "/v1/quotes": str(next(iter(QUOTES)))}
        await found.draft()
        return found

    async def draft(self) -> None:
        """A draft with a service of two numbers."""
        client = self.gateway.client
        draft = (await client.post("/v1/drafts", json={})).json()
        place = f"/v1/drafts/{draft['id']}"
        for method, path, body in (
            ("PUT", "/services/a", {"service_type": "voice-line", "price_list": "standard-gbp"}),
            ("POST", "/services/a/numbers", {"numbers": [NUMBER, OTHER]}),
        ):
            draft = (await client.request(method, place + path, json=body, headers=_seen(draft))).json()
        self.made["/v1/drafts"], self.made["version"] = draft["id"], str(draft["version"])

    async def more(self) -> None:
        """A key, a webhook and a batch besides."""
        for start, body in (
            ("/v1/keys", {"name": "night desk", "scopes": ["orders"]}),
            ("/v1/webhooks", {"url": "https://93.184.215.14/patchbay"}),
        ):
            await self._made(start, body)
        self.made["/v1/batches"] = batch = str(uuid4())
        await self.gateway.client.post(
            "/v1/orders/bulk", params={"batch": batch}, content=ndjson(order()), headers=LINES
        )

    async def tmf(self) -> None:
        """What the TM Forum's APIs show: an order that waits for somebody, its cancellation, what exists elsewhere, and
        hubs."""
        ordered = await self._made(f"{ORDERING}/serviceOrder", {"serviceOrderItem": [item(spec="fibre-access")]})
        await self._made(f"{ORDERING}/cancelServiceOrder", {"serviceOrder": {"id": ordered}})
        await self._made(f"{SERVICES}/service", {"state": "active", "serviceSpecification": {"id": "leased-line"}})
        await self._made(f"{RESOURCES}/resource", {"name": "+4930901820"})
        for api in (ORDERING, SERVICES, RESOURCES):
            await self._made(f"{api}/hub", {"callback": "https://93.184.215.14/listener"})

    async def _made(self, start: str, body: Any) -> str:
        made = await self.gateway.client.post(start, json=body, headers={"X-API-Key": MASTER})
        self.made[start] = id_ = made.json()["id"]
        return str(id_)

    def operations(self, under: str | tuple[str, ...] = "/v1/") -> list[Operation]:
        """All under /v1, or elsewhere."""
        return [
            Operation(method.upper(), path, said)
            for path, operations in self.described["paths"].items()
            for method, said in operations.items()
            if path.startswith(under)
        ]

    def address(self, one: Operation, ids: Mapping[str, str] | None = None) -> str:
        """Where it is called: with ids that are there, or with others."""
        known = self.made if ids is None else ids
        of = next((known[start] for start in known if one.path.startswith(start + "/{")), str(uuid4()))
        values = {"id": of, "order_id": str(SERVICE), "key": "a", "e164": "+441214960000", "purpose": "service_created"}
        values |= {"service_type": "voice-line", "price_list": "acme-gbp", "version": "2"}
        return re.sub(r"{(\w+)}", lambda found: values.get(found[1]) or str(uuid4()), one.path)

    async def call(self, one: Operation, address: str = "", **headers: str) -> httpx.Response:
        """The call that its example is."""
        given = {"X-API-Key": MASTER}
        if one.needs("if-match"):
            # What is published or retired was saved anew before.
            other = '"4"' if one.path.endswith(("/publish", "/retire")) else '"3"'
            given["If-Match"] = f'"{self.made["version"]}"' if one.path.startswith("/v1/drafts") else other
        if one.method == "POST" and not one.path.startswith("/v1/inventory"):
            given["Idempotency-Key"] = str(uuid4())
        body = b""
        if one.body is not None:
            given["Content-Type"], example = one.body
            body = example.encode() if isinstance(example, str) else json.dumps(example).encode()
        needed = {
            parameter["name"]: _example(parameter)
            for parameter in one.said.get("parameters", ())
            if parameter["in"] == "query" and parameter.get("required")
        }
        return await self.gateway.client.request(
            one.method, address or self.address(one), params=needed, content=body, headers=given | headers
        )

    def check(self, one: Operation, answer: httpx.Response) -> None:
        """The answer is one that is described, in its form."""
        place = f"{one.method} {one.path}: {answer.status_code} {answer.text[:300]}"
        assert str(answer.status_code) in one.said["responses"], place
        shown = one.said["responses"][str(answer.status_code)].get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in shown or not (shown or answer.content), f"{place} ({kind})"
        if kind.endswith("json") and "ndjson" not in kind:
            schema = shown[kind]["schema"] | {"components": self.described["components"]}
            faults = [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())]
            assert faults == [], f"{place}: {faults[:3]}"


def _example(parameter: Mapping[str, Any]) -> str:
    if parameter["name"] == "to":
        return "ada+o'b@example.com"
    return str(parameter["schema"].get("enum", [parameter["name"]])[0])


def _seen(draft: Mapping[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{draft["version"]}"'}
