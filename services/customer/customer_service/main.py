"""Wiring: what the customer service runs."""

from customer_service.handlers import router
from customer_service.http import app
from customer_service.settings import settings
from patchbay_chassis.service import Service, run

service = Service("customer", router, settings, http=app)

if __name__ == "__main__":
    run(service)
