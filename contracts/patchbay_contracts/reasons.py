"""Why orders, their lines and changes of services are refused or undone: every code, what it means, and what to do.

Services say the code as `reason`; API, pages and documents explain it by this table and by no other.
"""

from typing import NamedTuple


class Reason(NamedTuple):
    """What a code means, and what whoever ordered can do."""

    meaning: str
    remedy: str


REASONS: dict[str, Reason] = {
    # the order as a whole
    "timed_out": Reason("A step was not answered in time, so everything was undone.", "Order again."),
    "not_ready": Reason("The hold of the numbers would have ended before the order did.", "Order again."),
    "withdrawn": Reason("A step was asked for after it had been taken back.", "Order again."),
    "network_refused": Reason(
        "The network does not take a service as it was ordered.", "Choose other numbers or settings."
    ),
    "cancelled": Reason("Whoever ordered took it back, and everything was undone.", "Order again, if it is wanted."),
    # the customer
    "unknown_reseller": Reason("There is no such reseller.", "Ask whoever runs Patchbay."),
    "reseller_blocked": Reason("The reseller may not order.", "Ask whoever runs Patchbay."),
    "unknown_customer": Reason("The reseller has no such customer.", "Give the id of one of yours, or a new customer."),
    "customer_blocked": Reason("The customer is blocked.", "Unblock the customer first."),
    "reference_taken": Reason(
        "Another customer of the reseller has this reference.", "Choose another reference, or order for that customer."
    ),
    "pin_unreadable": Reason("The customer's PIN could not be read on arrival.", "Order again, with the PIN."),
    # what is ordered
    "unknown_service_type": Reason("There is no such service type.", "Choose one of the catalogue."),
    "service_type_not_in_force": Reason(
        "The service type is not sold on that day.", "Choose another service type, or another day."
    ),
    "too_few_numbers": Reason("The service type takes more numbers than these.", "Add numbers."),
    "too_many_numbers": Reason(
        "The service type takes fewer numbers than these.", "Use grouping 'each', or more lines."
    ),
    "wrong_grade": Reason("The service type takes no numbers of that grade.", "Choose a grade that it takes."),
    "wrong_prefix": Reason("The service type takes no numbers from there.", "Choose numbers that it takes."),
    "bad_settings": Reason(
        "The settings are not as the service type's schema has them.", "Correct the field that the detail names."
    ),
    "incompatible": Reason(
        "The service type needs another one, or cannot be had beside one.", "See the catalogue for what goes together."
    ),
    "too_many_services": Reason(
        "An order or a customer may not have so many services of this type.", "Order fewer of them."
    ),
    "terms_not_in_force": Reason(
        "The terms that were agreed to are not those in force.", "Read those that the detail names, and agree to them."
    ),
    "terms_not_accepted": Reason(
        "Terms were agreed to, but not those of everything that is ordered.", "Agree to those that the detail names."
    ),
    # numbers
    "unknown_number": Reason("The number is not one that the reseller may order.", "Choose another number."),
    "taken": Reason("The number is somebody else's by now.", "Choose another number, or let one be substituted."),
    "too_few": Reason(
        "Fewer numbers match than are wanted.", "Take a shorter prefix or fewer numbers, or another policy."
    ),
    "back_order_ended": Reason(
        "Numbers were waited for until the order's date, and did not come free.",
        "Order again with a later date, or take a shorter prefix or other numbers.",
    ),
    # billing
    "unknown_price_list": Reason("The reseller has no such price list.", "Choose one of yours."),
    "price_list_not_in_force": Reason("The price list is not in force on that day.", "Choose another price list."),
    "no_price": Reason("The price list has no price for this.", "Choose another price list."),
    "account_blocked": Reason("The customer's account is blocked.", "Settle the account first."),
    "credit_exceeded": Reason(
        "The customer's limit would be exceeded.", "Order less, or have the customer's limit raised."
    ),
    "unknown_quote": Reason("There is no such quote for this customer.", "Quote again."),
    "quote_ended": Reason("The quote has ended, and its prices are no longer locked.", "Quote again."),
    "quote_used": Reason("Another order was charged by the quote.", "Quote again."),
    "quote_differs": Reason("The quote does not cover what is ordered.", "Quote again, for this order."),
    # changes of services
    "unknown_service": Reason("The reseller has no such service.", "Take its id from the list of services."),
    "taken_in": Reason("The service exists elsewhere, and is only recorded here.", "Change it there, then its record."),
    "not_active": Reason("The service is neither active nor suspended.", "Change only what is active or suspended."),
    "being_changed": Reason("Another change of the service is under way.", "Wait for it, then look again."),
    "changed_meanwhile": Reason(
        "The service was changed since it was looked at.", "Look again, and ask with its new version."
    ),
    "date_is_over": Reason("The date is over.", "Give today's date or a later one."),
    "price_list_to_come": Reason(
        "Another price list is to come before that date.", "Give a date up to that of the price list to come."
    ),
    "number_there": Reason("The service has the number already.", "Leave it out."),
    "suspended_already": Reason("The service is suspended already.", "Nothing is left to do."),
    "not_suspended": Reason("The service is not suspended.", "Nothing is left to do."),
}
