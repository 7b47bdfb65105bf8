"""Wiring: what the gateway runs."""

from gateway_service.dead_letters import keep_dead_letters
from gateway_service.handlers import router
from gateway_service.http import app
from gateway_service.settings import settings
from gateway_service.tmf.telling import inventories
from gateway_service.webhook_delivering import webhooks
from gateway_service.webhook_notices import notices
from patchbay_chassis.service import Service, run

service = Service("gateway", router, settings, http=app, beside=(webhooks, notices, inventories, keep_dead_letters))

if __name__ == "__main__":
    run(service)
