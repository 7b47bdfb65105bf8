"""Wiring: what provisioning runs."""

from patchbay_chassis.service import Service, run
from provisioning_service.handlers import activations, network_changes, router
from provisioning_service.http import app
from provisioning_service.network import network
from provisioning_service.settings import settings

there = network(settings())
service = Service("provisioning", router, settings, errands=(activations(there), network_changes(there)), http=app)

if __name__ == "__main__":
    run(service)
