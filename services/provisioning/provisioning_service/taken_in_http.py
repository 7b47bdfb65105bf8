"""Services that exist elsewhere, and parts of lists, as the gateway asks: it says which reseller that is."""

from fastapi import APIRouter

from patchbay_chassis.bodies import answers
from patchbay_chassis.service import Running
from patchbay_contracts.taken_in import ChangeRecord, ForgetService, NumberPart, ServicePart, TakeInService
from provisioning_service import parts, taken_in


def routes(running: Running) -> APIRouter:
    """Everything under /services that is about records and parts."""
    api = APIRouter(prefix="/services")
    reading, writing = running.database.connection, running.database.transaction
    answers(api, "/part", ServicePart, parts.services, reading)
    answers(api, "/numbers", NumberPart, parts.numbers, reading)
    answers(api, "/taken-in", TakeInService, taken_in.take_in, writing)
    answers(api, "/taken-in/change", ChangeRecord, taken_in.change, writing)
    answers(api, "/taken-in/forget", ForgetService, taken_in.forget, writing)
    return api
