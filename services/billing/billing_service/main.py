"""Wiring: what billing runs."""

from billing_service.handlers import router
from billing_service.http import app
from billing_service.settings import settings
from patchbay_chassis.service import Service, run

service = Service("billing", router, settings, http=app)

if __name__ == "__main__":
    run(service)
