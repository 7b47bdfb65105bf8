"""Why orders, their lines and changes of services are refused or undone: every code, what it means, and what to do.

Services say the code as `reason`; API, pages and documents explain it by this table and by no other. `_` marks a text
for whoever translates the pages (`make words`).
"""

from typing import NamedTuple

from patchbay_contracts.finding_catalogue_services import marked as _


class Reason(NamedTuple):
    """What a code means, and what whoever ordered can do."""

    meaning: str
    remedy: str


REASONS: dict[str, Reason] = {
    # the order as a whole
    "timed_out": Reason(_("A step was not answered in time, so everything was undone."), _("Order again.")),
    "not_ready": Reason(_("The hold of the numbers would have ended before the order did."), _("Order again.")),
    "withdrawn": Reason(_("A step was asked for after it had been taken back."), _("Order again.")),
    "network_refused": Reason(
        _("The network does not take a service as it was ordered."), _("Choose other numbers or settings.")
    ),
    "cancelled": Reason(
        _("Whoever ordered took it back, and everything was undone."), _("Order again, if it is wanted.")
    ),
    # the customer
    "unknown_reseller": Reason(_("There is no such reseller."), _("Ask whoever runs Patchbay.")),
    "reseller_blocked": Reason(_("The reseller may not order."), _("Ask whoever runs Patchbay.")),
    "unknown_customer": Reason(
        _("The reseller has no such customer."), _("Give the id of one of yours, or a new customer.")
    ),
    "customer_blocked": Reason(_("The customer is blocked."), _("Unblock the customer first.")),
    "reference_taken": Reason(
        _("Another customer of the reseller has this reference."),
        _("Choose another reference, or order for that customer."),
    ),
    "pin_unreadable": Reason(_("The customer's PIN could not be read on arrival."), _("Order again, with the PIN.")),
    # what is ordered
    "unknown_service_type": Reason(_("There is no such service type."), _("Choose one of the catalogue.")),
    "service_type_not_in_force": Reason(
        _("The service type is not sold on that day."), _("Choose another service type, or another day.")
    ),
    "too_few_numbers": Reason(_("The service type takes more numbers than these."), _("Add numbers.")),
    "too_many_numbers": Reason(
        _("The service type takes fewer numbers than these."), _("Use grouping 'each', or more lines.")
    ),
    "wrong_grade": Reason(_("The service type takes no numbers of that grade."), _("Choose a grade that it takes.")),
    "wrong_prefix": Reason(_("The service type takes no numbers from there."), _("Choose numbers that it takes.")),
    "bad_settings": Reason(
        _("The settings are not as the service type's schema has them."), _("Correct the field that the detail names.")
    ),
    "incompatible": Reason(
        _("The service type needs another one, or cannot be had beside one."),
        _("See the catalogue for what goes together."),
    ),
    "too_many_services": Reason(
        _("An order or a customer may not have so many services of this type."), _("Order fewer of them.")
    ),
    "terms_not_in_force": Reason(
        _("The terms that were agreed to are not those in force."),
        _("Read those that the detail names, and agree to them."),
    ),
    "terms_not_accepted": Reason(
        _("Terms were agreed to, but not those of everything that is ordered."),
        _("Agree to those that the detail names."),
    ),
    # numbers
    "unknown_number": Reason(_("The number is not one that the reseller may order."), _("Choose another number.")),
    "taken": Reason(_("The number is somebody else's by now."), _("Choose another number, or let one be substituted.")),
    "too_few": Reason(
        _("Fewer numbers match than are wanted."), _("Take a shorter prefix or fewer numbers, or another policy.")
    ),
    "back_order_ended": Reason(
        _("Numbers were waited for until the order's date, and did not come free."),
        _("Order again with a later date, or take a shorter prefix or other numbers."),
    ),
    # billing
    "unknown_price_list": Reason(_("The reseller has no such price list."), _("Choose one of yours.")),
    "price_list_not_in_force": Reason(
        _("The price list is not in force on that day."), _("Choose another price list.")
    ),
    "no_price": Reason(_("The price list has no price for this."), _("Choose another price list.")),
    "account_blocked": Reason(_("The customer's account is blocked."), _("Settle the account first.")),
    "credit_exceeded": Reason(
        _("The customer's limit would be exceeded."), _("Order less, or have the customer's limit raised.")
    ),
    "unknown_quote": Reason(_("There is no such quote for this customer."), _("Quote again.")),
    "quote_ended": Reason(_("The quote has ended, and its prices are no longer locked."), _("Quote again.")),
    "quote_used": Reason(_("Another order was charged by the quote."), _("Quote again.")),
    "quote_differs": Reason(_("The quote does not cover what is ordered."), _("Quote again, for this order.")),
    # changes of services
    "unknown_service": Reason(_("The reseller has no such service."), _("Take its id from the list of services.")),
    "taken_in": Reason(
        _("The service exists elsewhere, and is only recorded here."), _("Change it there, then its record.")
    ),
    "not_active": Reason(
        _("The service is neither active nor suspended."), _("Change only what is active or suspended.")
    ),
    "being_changed": Reason(_("Another change of the service is under way."), _("Wait for it, then look again.")),
    "changed_meanwhile": Reason(
        _("The service was changed since it was looked at."), _("Look again, and ask with its new version.")
    ),
    "date_is_over": Reason(_("The date is over."), _("Give today's date or a later one.")),
    "price_list_to_come": Reason(
        _("Another price list is to come before that date."), _("Give a date up to that of the price list to come.")
    ),
    "number_there": Reason(_("The service has the number already."), _("Leave it out.")),
    "suspended_already": Reason(_("The service is suspended already."), _("Nothing is left to do.")),
    "not_suspended": Reason(_("The service is not suspended."), _("Nothing is left to do.")),
}
