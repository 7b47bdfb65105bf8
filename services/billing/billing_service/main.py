"""Wiring: what billing runs."""

from billing_service.handlers import router
from billing_service.settings import settings
from patchbay_chassis.service import Service, run

service = Service("billing", router, settings)

if __name__ == "__main__":
    run(service)
