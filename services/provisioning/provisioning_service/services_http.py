"""Services, as the gateway asks about them: it says whose they may be."""

from fastapi import APIRouter

from patchbay_chassis.bodies import answers
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running
from patchbay_contracts.change_checks import ChangeFindings
from patchbay_contracts.numbers_in_service import NumbersQuery, OrdersQuery
from patchbay_contracts.services import ChangeQuery, HistoryQuery, NumberQuery, ServiceQuery, ServicesQuery
from provisioning_service import changes, finding_services, handlers, numbers_in_service


def routes(running: Running) -> APIRouter:
    """Everything under /services, and customers by their numbers."""
    api = APIRouter()
    reading = running.database.connection

    async def validity(db: Connection, asked: ChangeQuery) -> ChangeFindings:
        return await changes.validity(db, asked, handlers.catalogue)

    answers(api, "/services/search", ServiceQuery, finding_services.page, reading)
    answers(api, "/services/get", ServicesQuery, finding_services.shown, reading)
    answers(api, "/services/history", HistoryQuery, finding_services.history, reading)
    answers(api, "/services/validity", ChangeQuery, validity, reading)
    answers(api, "/numbers/search", NumbersQuery, numbers_in_service.page, reading)
    answers(api, "/orders/by-number", OrdersQuery, numbers_in_service.orders, reading)
    answers(api, "/customers/by-number", NumberQuery, finding_services.customers_by_number, reading)
    return api
