"""Wiring: what the numbers service runs."""

from numbers_service import own_index
from numbers_service.handlers import router
from numbers_service.http import app
from numbers_service.settings import settings
from patchbay_chassis.service import Service, run

service = Service("numbers", router, settings, http=app, beside=(own_index.beside,))

if __name__ == "__main__":
    run(service)
