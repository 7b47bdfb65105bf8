"""The hubs of TMF641, TMF638 and TMF639 over HTTP: who wants to be told of events, and where."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, replays
from gateway_service.describing import content, ref
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.tmf import events, hubs, sent
from gateway_service.tmf.answers import answer
from gateway_service.tmf.describing import GONE, created, described, errors, listed, shown
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.tmf.events import Api
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running

_TEXT = {"type": "string"}
SCHEMAS = {
    "EventSubscriptionInput": {
        "type": "object",
        "required": ["callback"],
        "properties": {"callback": _TEXT, "query": {"type": ["string", "null"]}},
        "additionalProperties": True,
    },
    "EventSubscription": {
        "type": "object",
        "required": ["id", "callback"],
        "properties": {"id": _TEXT, "callback": _TEXT, "query": _TEXT},
    },
}
_ID = "0193f6a0-0000-7000-8000-0000000000e1"


def router(running: Running, keys: Keys, api: Api) -> APIRouter:
    """The hub of an API, for keys with the scope `tmf`."""
    routes = Routes(prefix=f"/tmf-api/{api}/v4/hub", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type
    words = _words(api)

    @routes.post("", status_code=201, name=f"register {api} hub", **words["register"])
    async def register_hub(request: Request, caller: Known) -> Response:
        bodies.check_kind(request, bodies.JSON, "json")
        document = sent.document(await whole(request, settings().most_body_bytes, "hub"))
        made = await hubs.register(running, caller.reseller, api, document, replays.made(request))
        return answer(made, 201, {"Location": f"{base_of(request)}/tmf-api/{api}/v4/hub/{made['id']}"})

    @routes.get("", name=f"list {api} hubs", **words["list"])
    async def list_hubs(caller: Known) -> Response:
        return answer(await hubs.listed(running, caller.reseller, api))

    @routes.get("/{id}", name=f"retrieve {api} hub", **words["one"])
    async def retrieve_hub(id: str, caller: Known) -> Response:  # noqa: A002 - its name in the path
        return answer(await hubs.one(running, caller.reseller, api, id))

    @routes.delete("/{id}", status_code=204, name=f"remove {api} hub", **words["remove"])
    async def remove_hub(id: str, caller: Known) -> Response:  # noqa: A002 - its name in the path
        await hubs.remove(running, caller.reseller, api, id)
        return Response(status_code=204)

    return routes


def _words(api: Api) -> dict[str, dict[str, Any]]:
    example = {"callback": "https://oss.example/listener", "query": f"eventType={events.types(api)[1]}"}
    whole_example = {"id": _ID} | example
    return {
        "register": described(
            f"Listen to {api}",
            f"Events are posted to the callback: {', '.join(events.types(api))}. `query` chooses among them by"
            " `eventType`. They are signed, and sent again where that fails, as those of webhooks. A callback that"
            " listens to the same events already is 409.",
            created("EventSubscription", whole_example) | errors(400, 409, 413, 415),
            content(ref("EventSubscriptionInput"), example),
        ),
        "list": described(
            f"List who listens to {api}", "All hubs.", listed("EventSubscription", whole_example) | errors()
        ),
        "one": described(
            f"Retrieve who listens to {api}", "A hub.", shown("EventSubscription", whole_example) | errors(404)
        ),
        "remove": described(f"Listen to {api} no more", "The hub is gone.", GONE | errors(404)),
    }
