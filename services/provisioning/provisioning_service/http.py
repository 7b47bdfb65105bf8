"""What other services ask provisioning. It is not for the public: it believes who the reseller and the caller are."""

from fastapi import FastAPI

from patchbay_chassis import problems
from patchbay_chassis.service import Running
from provisioning_service import catalogue_http, services_http, standing_http, stuck_http, taken_in_http, validity_http


def app(running: Running) -> FastAPI:
    """The HTTP of a running provisioning service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)
    api.include_router(services_http.routes(running))
    api.include_router(taken_in_http.routes(running))
    api.include_router(catalogue_http.routes(running))
    api.include_router(validity_http.routes(running))
    api.include_router(stuck_http.routes(running))
    api.include_router(standing_http.routes(running))
    return api
