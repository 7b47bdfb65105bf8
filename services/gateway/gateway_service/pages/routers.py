"""All pages of the site, by topic: a table of contents."""

from fastapi import FastAPI

from gateway_service.drafts import Desk
from gateway_service.machine import Machine
from gateway_service.pages import (
    account,
    api_keys,
    assets,
    catalogue,
    catalogue_draft,
    customer_changes,
    customer_page,
    customer_pins,
    customers,
    dead_letters,
    errors,
    home,
    inventory,
    inventory_changes,
    inventory_loads,
    inventory_numbers,
    mail_templates,
    mail_templates_one,
    mails,
    manual_orders,
    open_id,
    operations,
    operators,
    orders,
    orders_asked,
    orders_page,
    price_lists,
    price_lists_draft,
    problem_kinds,
    service_numbers,
    service_page,
    service_settings,
    service_states,
    services,
    sign_in,
    webhooks,
    webhooks_one,
    wizard_billing,
    wizard_creation,
    wizard_customer,
    wizard_notifications,
    wizard_numbers,
    wizard_progress,
    wizard_service,
    wizard_settings,
    wizard_start,
)
from gateway_service.pages.site import Site
from gateway_service.settings import settings
from gateway_service.webhook_sending import Sender
from patchbay_chassis.service import Running


def install(api: FastAPI, running: Running, desk: Desk, machine: Machine, sender: Sender) -> None:
    """The site beside the API."""
    told = settings()
    api.state.site = Site(running.database, told)
    for routes in (
        assets.router(),
        home.router(running.database),
        problem_kinds.router(),
        sign_in.router(running.database, told),
        open_id.router(running.database, told),
        account.router(running.database, told),
        operators.router(running.database),
        operations.router(operations.Sources(running.database, desk.upstream, machine)),
        dead_letters.router(running),
        inventory.router(desk.upstream),
        inventory_changes.router(desk.upstream),
        inventory_loads.router(desk.upstream),
        inventory_numbers.router(desk.upstream),
        api_keys.router(running.database, desk.upstream),
        webhooks.router(running, desk.upstream),
        webhooks_one.router(running, desk.upstream, sender),
        catalogue_draft.router(desk.upstream),
        catalogue.router(desk.upstream),
        price_lists_draft.router(desk.upstream),
        price_lists.router(desk.upstream),
        mail_templates.router(desk.upstream),
        mail_templates_one.router(desk.upstream),
        wizard_start.router(desk),
        wizard_customer.router(desk),
        wizard_service.router(desk),
        wizard_numbers.router(desk),
        wizard_settings.router(desk),
        wizard_billing.router(desk),
        wizard_creation.router(desk),
        wizard_progress.router(desk, api.state.watching),
        wizard_notifications.router(desk),
        customers.router(desk),
        customer_changes.router(desk),
        customer_pins.router(desk),
        customer_page.router(desk),
        orders.router(desk),
        orders_page.router(desk),
        orders_asked.router(desk),
        manual_orders.router(desk),
        mails.router(desk),
        services.router(desk),
        service_states.router(desk),
        service_numbers.router(desk),
        service_settings.router(desk),
        service_page.router(desk),
    ):
        api.include_router(routes)
    errors.install(api)
