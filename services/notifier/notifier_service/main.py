"""Wiring: what the notifier runs."""

from notifier_service.handlers import deliver_mails, router
from notifier_service.http import app
from notifier_service.settings import settings
from patchbay_chassis.service import Service, run

service = Service("notifier", router, settings, errands=(deliver_mails,), http=app)

if __name__ == "__main__":
    run(service)
