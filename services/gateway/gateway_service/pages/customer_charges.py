"""What is charged to a customer, and its billing account: blocked, unblocked and limited by who has the role for it."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.accounts_openapi import LimitAmount
from gateway_service.drafts import Desk
from gateway_service.pages import called, site, told
from gateway_service.pages.customer_page import PAGE, asked, more, one, page
from gateway_service.pages.fields import Fields, fits, refused
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.pages.price_lists import Billing
from gateway_service.pages.prices_form import exact
from gateway_service.pages.site import Form
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.accounts import Account, AccountQuery, BlockQuery, Charges, ChargesQuery, LimitQuery
from patchbay_contracts.customers import CustomerRecord
from patchbay_contracts.message import Frozen
from patchbay_contracts.words import Currency, Money

OF_STATE, OF_LIMIT = {"/why": "why"}, {"/limit/amount": "amount", "/limit/currency": "currency", "/why": "limit_why"}


def router(desk: Desk) -> APIRouter:
    """The tab, and the forms on it."""
    routes, upstream = site.routes("/customers/{id_}/charges"), desk.upstream

    @routes.get("")
    async def list_charges(request: Request, id_: UUID, who: Clerk, after: str | None = None) -> Response:
        customer, reseller = await one(upstream, who, id_)
        return await shown(request, customer, reseller, may_change=who.may("billing"), after=after)

    @routes.post("/state")
    async def set_state(request: Request, id_: UUID, who: Clerk, _keeper: Billing) -> Response:
        customer, reseller = await one(upstream, who, id_)
        form = Fields(await site.form(request))
        why, act = form.why(), form.form.text("act")
        if act not in {"block", "unblock"}:
            form.errors[""] = _("Choose what to do")
        if not form.errors:
            of = BlockQuery(resellers=(customer.reseller,), customer_id=id_, by=who.by, why=why)
            form.errors |= await _done(upstream, act, of, OF_STATE)
        if not form.errors:
            return told.say(request, f"/customers/{id_}/charges", f"account-{act}", f"/customers/{id_}")
        return await shown(request, customer, reseller, may_change=True, errors=form.errors, typed={"why": why})

    @routes.post("/limit")
    async def set_limit(request: Request, id_: UUID, who: Clerk, _keeper: Billing) -> Response:
        customer, reseller = await one(upstream, who, id_)
        form = Fields(await site.form(request))
        limit, why = _limit(form), form.line("limit_why", _("Enter a reason of up to 200 characters, on one line"))
        if not form.errors:
            of = LimitQuery(resellers=(customer.reseller,), customer_id=id_, by=who.by, why=why, limit=limit)
            form.errors |= await _done(upstream, "limit", of, OF_LIMIT)
        if not form.errors:
            word = "account-limit" if limit else "account-lifted"
            return told.say(request, f"/customers/{id_}/charges", word, f"/customers/{id_}")
        return await shown(request, customer, reseller, may_change=True, errors=form.errors, typed=_typed(form.form))

    async def shown(
        request: Request,
        customer: CustomerRecord,
        reseller: str,
        *,
        may_change: bool,
        after: str | None = None,
        errors: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        of = {"customer_id": customer.id, "resellers": (customer.reseller,)}
        query = of | {"count": PAGE, "after": after}
        found = Charges.model_validate_json(await asked(upstream, "billing", "/charges/search", ChargesQuery, query))
        account = await _account(upstream, AccountQuery.model_validate(of))
        return page(
            request,
            customer,
            reseller,
            "customer-charges.html",
            422 if errors else 200,
            errors=errors,
            called=await called.of(upstream, customer.reseller),
            found=found,
            account=account,
            may_change=may_change,
            typed={**_standing(account, found), **(typed or {})},
            charge_words={"pending": _("to come"), "active": _("charged"), "void": _("void")},
            **more(f"/customers/{customer.id}/charges", after, found.next),
        )

    return routes


async def _account(upstream: Upstream, query: AccountQuery) -> Account | None:
    """None until the customer's first order opens it."""
    try:
        return Account.model_validate_json(await upstream.ask("billing", "/accounts/get", query))
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


async def _done(upstream: Upstream, what: str, query: Frozen, places: Mapping[str, str]) -> Mapping[str, str]:
    """Nothing; or what billing refused, by field."""
    try:
        await upstream.ask("billing", f"/accounts/{what}", query)
    except Problem as problem:
        return refused(problem, places)
    return {}


def _limit(form: Fields) -> Money | None:
    """As it was typed; None for none, also where it is none."""
    amount = form.form.text("amount")
    if not amount:
        return None
    if not (amount.isascii() and amount.replace(".", "", 1).isdecimal() and fits(LimitAmount, amount)):
        form.errors["amount"] = _("Enter an amount such as 500 or 99.50, with 4 decimals at the most")
    currency = form.of(Currency, "currency", _("Enter a currency by its three letters, such as GBP"))
    return None if form.errors else Money.model_validate({"amount": amount, "currency": currency})


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in ("amount", "currency", "limit_why")}


def _standing(account: Account | None, found: Charges) -> dict[str, str]:
    """What stands in the forms before anybody typed: the limit, or the currency in which the customer is charged."""
    limit = account.limit if account else None
    charged = next((one.currency for one in (*found.monthly, *(one.monthly for one in found.to_come))), "")
    return {
        "why": "",
        "amount": exact(limit.amount) if limit else "",
        "currency": limit.currency if limit else charged,
        "limit_why": "",
    }
