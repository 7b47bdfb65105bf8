"""All pages of the site, by topic: a table of contents."""

from fastapi import FastAPI

from gateway_service.pages import account, assets, errors, home, open_id, operators, sign_in
from gateway_service.pages.site import Site
from gateway_service.settings import settings
from patchbay_chassis.service import Running


def install(api: FastAPI, running: Running) -> None:
    """The site beside the API."""
    told = settings()
    api.state.site = Site(running.database, told)
    for routes in (
        assets.router(),
        home.router(),
        sign_in.router(running.database, told),
        open_id.router(running.database, told),
        account.router(running.database, told),
        operators.router(running.database),
    ):
        api.include_router(routes)
    errors.install(api)
