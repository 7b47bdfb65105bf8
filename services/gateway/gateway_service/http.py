"""The public API, where each call names its reseller by its API key and each error is a problem+json; and the site."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from gateway_service import (
    accounts_http,
    amending_http,
    audit_http,
    batches_http,
    bulk_http,
    cancelling_http,
    catalogue_http,
    customers_http,
    dead_letters_http,
    drafts,
    drafts_checking_http,
    drafts_http,
    dry_run_http,
    events_http,
    inventory_http,
    keys_http,
    machine_http,
    mails_http,
    numbers_http,
    numbers_reading_http,
    openapi,
    operations_http,
    orders_http,
    orders_reading_http,
    prices_http,
    progress_http,
    quotes_http,
    reasons_http,
    service_types_http,
    services_http,
    services_reading_http,
    tokens_http,
    webhook_deliveries_http,
    webhook_signing_http,
    webhooks_asyncapi,
    webhooks_http,
)
from gateway_service.as_of import AsOf
from gateway_service.audit import Trail
from gateway_service.crowd import Crowd
from gateway_service.door import Door
from gateway_service.events_streams import Streams
from gateway_service.events_tail import tail_of
from gateway_service.heads import Heads
from gateway_service.holds_watching import HoldsWatch
from gateway_service.keys import Keys
from gateway_service.machine import Machine
from gateway_service.pages import routers as pages
from gateway_service.progress import Watching
from gateway_service.rates import Rates
from gateway_service.replays import Replays
from gateway_service.settings import settings
from gateway_service.sub_resellers import SubResellers
from gateway_service.tmf import routers as tmf
from gateway_service.tokens import Tokens
from gateway_service.upstream import Upstream, answer_misunderstood
from gateway_service.webhook_sending import Sender
from patchbay_chassis import problems
from patchbay_chassis.service import Running


def _explain_problems(api: FastAPI) -> None:
    problems.install(api, heads=True)
    answer_misunderstood(api)


def app(running: Running) -> FastAPI:
    """The API of a running gateway."""
    upstream, tokens, trail = Upstream(settings()), Tokens(settings()), Trail(running.database)
    keys = Keys(running.database, tokens.read, SubResellers(upstream).check)
    watching, tail = Watching(running.database), tail_of(running.database)
    holds, sender = HoldsWatch(running.database, upstream), Sender(settings().webhook_limit)
    streams = Streams(running.database, tail, settings().most_streams)
    crowd, machine = Crowd(running.database, settings().most_open), Machine(running, upstream)
    as_of = AsOf(machine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async def end_streams() -> None:
            await running.stopping.wait()
            await watching.close()
            await holds.close()
            await tail.close()

        as_of.look()
        async with upstream, sender:
            ending = asyncio.create_task(end_streams())
            yield
            await as_of.close()
        running.stopping.set()
        await ending
        await trail.close()
        await keys.close()

    api = openapi.Described(**openapi.ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan)
    _explain_problems(api)
    placing = orders_http.Placing(running, crowd, upstream, keys)
    api.add_middleware(
        Door,
        keys=keys,
        replaying=Replays(running.database),
        rates=Rates(settings()),
        trail=trail,
        settings=settings(),
        short={("POST", "/v1/orders"): _answering(api, placing)},
    )
    api.add_middleware(Heads)
    api.include_router(bulk_http.router(running, crowd, upstream, keys))
    api.include_router(batches_http.router(running, keys, as_of))
    api.include_router(dry_run_http.router(running, upstream, keys))
    for of_orders in (
        orders_http.router(placing),
        cancelling_http.router(running, keys),
        amending_http.router(running, keys),
    ):
        api.include_router(of_orders)
    api.include_router(reasons_http.router(keys))
    api.include_router(progress_http.router(watching, keys))
    for of_events in (
        events_http.router(streams, keys),
        webhooks_http.router(running, keys),
        webhook_signing_http.router(running, sender, keys),
        webhook_deliveries_http.router(running, keys),
        webhooks_asyncapi.router(),
    ):
        api.include_router(of_events)
    for part in (
        orders_reading_http.router(running, upstream, keys, as_of),
        customers_http.router(upstream, keys),
        accounts_http.router(upstream, keys),
        services_reading_http.router(upstream, keys),
        numbers_reading_http.router(upstream, keys),
        catalogue_http.router(upstream, keys),
        service_types_http.router(upstream, keys),
        prices_http.router(upstream, keys),
        mails_http.router(upstream, keys),
        services_http.router(running, crowd, upstream, keys),
        numbers_http.router(upstream, keys),
        inventory_http.router(upstream, keys),
        quotes_http.router(upstream, keys),
    ):
        api.include_router(part)
    desk = drafts.desk(running, upstream)
    api.state.desk, api.state.watching, api.state.streams = desk, watching, streams  # for the pages
    api.state.keys, api.state.trail, api.state.holds = keys, trail, holds
    api.include_router(drafts_http.router(desk, keys))
    api.include_router(tokens_http.router(keys, tokens))
    api.include_router(keys_http.router(running.database, keys))
    api.include_router(audit_http.router(running.database, keys))
    for of_the_house in (
        operations_http.router(upstream, keys),
        dead_letters_http.router(running, keys),
        machine_http.router(machine, keys),
    ):
        api.include_router(of_the_house)
    api.include_router(drafts_checking_http.router(desk, keys))
    tmf.install(api, running, crowd, upstream, keys)
    pages.install(api, running, desk, machine, sender)
    return api


def _answering(api: FastAPI, route: ASGIApp) -> ASGIApp:
    """A route beside the API's own; what it raises is answered as theirs."""
    handlers = {kind: handle for kind, handle in api.exception_handlers.items() if kind is not Exception}
    return ExceptionMiddleware(route, handlers)
