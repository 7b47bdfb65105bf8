"""A customer's PIN: verified for who calls, and set anew. Never shown, it leaves sealed for the customer service."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import accepting
from gateway_service.drafts import Desk
from gateway_service.pages import site, told
from gateway_service.pages.customer_changes import is_text, refused_of
from gateway_service.pages.customer_page import one, page
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.pages.site import Form
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import PinSet, PinVerified, SetPin, VerifyPin

SHORTEST, LONGEST = 4, 12


def router(desk: Desk) -> APIRouter:
    """The page with both forms."""
    routes = site.routes("/customers/{id_}/pin")

    @routes.get("")
    async def show(request: Request, id_: UUID, who: Clerk) -> Response:
        return page(request, *await one(desk.upstream, who, id_), "customer-pin.html", why="")

    @routes.post("")
    async def set_pin(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, reseller = await one(desk.upstream, who, id_)
        form = await site.form(request)
        why, errors = form.text("why"), _wrong(form)
        if not errors:
            sealed = accepting.sealed(form.exact("pin"), id_)
            asked = SetPin(resellers=(customer.reseller,), id=id_, by=who.by, sealed_pin=sealed, why=why or None)
            try:
                answer = PinSet.model_validate_json(await desk.upstream.ask("customer", "/customers/pin", asked))
            except Problem as problem:
                errors = {"pin": "; ".join(said for _place, said in refused_of(problem).faults)}
            else:
                word = "pin-weak" if answer.findings else "pin"
                return told.say(request, f"/customers/{id_}/pin", word, f"/customers/{id_}")
        return page(request, customer, reseller, "customer-pin.html", 422, errors=errors, why=why)

    @routes.post("/verify")
    async def verify(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, reseller = await one(desk.upstream, who, id_)
        pin = (await site.form(request)).exact("said")
        if not SHORTEST <= len(pin) <= LONGEST:
            errors = {"said": _("Enter the PIN that the caller says, of 4 to 12 characters")}
            return page(request, customer, reseller, "customer-pin.html", 422, errors=errors, why="")
        sealed = accepting.sealed(pin, id_)
        asked = VerifyPin(resellers=(customer.reseller,), id=id_, by=who.by, sealed_pin=sealed)
        answer = await desk.upstream.ask("customer", "/customers/pin/verify", asked)
        found = PinVerified.model_validate_json(answer)
        word = "right" if found.right else "locked" if found.locked_until else f"wrong-{found.tries_left}"
        return told.say(request, f"/customers/{id_}/pin", word, f"/customers/{id_}")

    return routes


def _wrong(form: Form) -> dict[str, str]:
    """What is wrong with a new PIN as it was typed."""
    pin, why = form.exact("pin"), form.text("why")
    if not SHORTEST <= len(pin) <= LONGEST:
        return {"pin": _("Enter a PIN of 4 to 12 characters")}
    if pin != form.exact("again"):
        return {"again": _("The two PINs differ: enter the same one twice")}
    if why and not is_text(why):
        return {"why": _("Say why in 200 characters at the most, on one line")}
    return {}
