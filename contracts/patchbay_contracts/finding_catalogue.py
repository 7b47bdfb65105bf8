"""The sentences of findings, by code: what was found, and what to do. Of services and their settings they stand in
`finding_catalogue_services`.

`_` marks a text for whoever translates the pages (`make words`). The more particular sentence stands first.
"""

from patchbay_contracts.finding_catalogue_services import SERVICES, SETTINGS, Sentences
from patchbay_contracts.finding_catalogue_services import marked as _

_KNOWN = _("choose the existing customer if it is the same, or go on")
_TWICE = _("take it out of one of the two")
_QUOTE = _("quote again")
_LIST = _("choose another price list")
_OTHERS = _("choose others")
_PREFIX = _("choose numbers that begin with %(prefixes)s")
_TEXT = _("write up to 200 characters without line breaks")
_LATER = _("try again in a moment. Nothing that you typed is lost")

CUSTOMER: Sentences = {
    "customer.unknown_reseller": [(_("there is no reseller %(reseller)s"), _("choose one that is there"))],
    "customer.reseller_blocked": [(_("%(name)s is blocked"), _("ask your account manager"))],
    "customer.unknown_customer": [
        (_("you have no customer %(id)s"), _("create it with this order, or name one of yours"))
    ],
    "customer.customer_blocked": [(_("%(name)s is blocked"), _("unblock it before you order"))],
    "customer.reference_taken": [
        (_("another customer has the reference %(reference)s"), _("choose another")),
        (_("the reference %(reference)s stands in an order before this one in the file"), _TWICE),
    ],
    "order.line_left_out": [
        (_("the order would go on without this line"), _("see to what is said of it, or leave it out"))
    ],
    "customer.name_required": [
        (_("a name is required"), _("give a name: 1 to 200 characters without line breaks")),
        (_("a name of contact %(n)s is required"), _("give a name: 1 to 200 characters without line breaks")),
    ],
    "customer.email_required": [
        (_("an e-mail address is required"), _("give an e-mail address: such as ada@example.com")),
        (_("an e-mail address of contact %(n)s is required"), _("give an e-mail address: such as ada@example.com")),
    ],
    "customer.name_wrong": [
        (_("this is not a name that can be kept"), _("write 1 to 200 characters without line breaks"))
    ],
    "customer.email_wrong": [(_("this is not an e-mail address that can be kept"), _("write such as ada@example.com"))],
    "customer.phone_wrong": [
        (_("this is not a phone number that can be kept"), _("write 4 to 30 digits, spaces and + ( ) / . -"))
    ],
    "customer.reference_wrong": [(_("this is not a reference that can be kept"), _TEXT)],
    "customer.address_lines_wrong": [
        (
            _("this is not the address that can be kept"),
            _("write up to 6 lines of up to 200 characters without line breaks"),
        )
    ],
    "customer.city_wrong": [(_("this is not a town that can be kept"), _TEXT)],
    "customer.postcode_wrong": [(_("this is not a postcode that can be kept"), _TEXT)],
    "customer.country_wrong": [
        (_("this is not a country that can be kept"), _("write two capital letters, such as GB"))
    ],
    "customer.contacts_wrong": [(_("this is not the contacts that can be kept"), _("write 20 at the most"))],
    "customer.contact_name_wrong": [
        (
            _("this is not a name of contact %(n)s that can be kept"),
            _("write 1 to 200 characters without line breaks"),
        )
    ],
    "customer.contact_email_wrong": [
        (_("this is not an e-mail address of contact %(n)s that can be kept"), _("write such as ada@example.com"))
    ],
    "customer.contact_kind_wrong": [
        (_("this is not a kind of contact of contact %(n)s that can be kept"), _("write contact or supplier"))
    ],
    "customer.pin_required": [(_("a PIN is required"), _("choose 4 to 12 characters"))],
    "customer.pin_unreadable": [(_("the PIN could not be read"), _("give the PIN again"))],
    "customer.pin_length": [(_("the PIN needs 4 to 12 characters"), _("choose one of that length"))],
    "customer.pin_weak": [(_("the PIN is easily guessed: %(why)s"), _("choose another PIN"))],
    "customer.email_known": [
        (_("a customer has the same e-mail address"), _KNOWN),
        (_("customers have the same e-mail address"), _KNOWN),
        (_("%(n)s customers have the same e-mail address"), _KNOWN),
    ],
    "customer.name_known": [
        (_("a customer has the same name or nearly so"), _KNOWN),
        (_("customers have the same name or nearly so"), _KNOWN),
        (_("%(n)s customers have the same name or nearly so"), _KNOWN),
    ],
    "customer.unchecked": [(_("the customer service could not be asked, so its part is not checked"), _LATER)],
}
NUMBERS: Sentences = {
    "numbers.unknown": [(_("+%(number)s: it is not among ours"), _("choose another"))],
    "numbers.lost": [(_("+%(number)s: it was taken meanwhile"), _("choose another"))],
    "numbers.substituted": [
        (
            _("+%(number)s: the order would get +%(other)s in place of it"),
            _("name another, if that will not do"),
        ),
        (
            _("+%(number)s: the order would get +%(other)s in place of it (%(swaps)s)"),
            _("name another, if that will not do"),
        ),
    ],
    "numbers.named_twice": [
        (_("+%(number)s: line %(line)s has it already"), _TWICE),
        (_("+%(number)s stands in an order before this one in the file"), _TWICE),
    ],
    "numbers.not_held": [
        (
            _("+%(number)s: it is not held any more, though nobody else has it yet"),
            _("add it again, so that nobody else takes it"),
        )
    ],
    "numbers.ends_soon": [
        (_("+%(number)s: it is held until %(time)s UTC only"), _("extend the hold, or create at once"))
    ],
    "numbers.more": [(_("%(n)s numbers more need to be seen to"), _("see to those that are named, and look again"))],
    "numbers.back_ordered": [
        (
            _("+%(number)s: it was taken meanwhile: the order would be back-ordered until %(until)s"),
            _("choose another"),
        ),
        (
            _(
                "%(wanted)s wanted, %(there)s in the %(pools)s pools%(which)s: the order would be back-ordered until"
                " %(until)s"
            ),
            _("take a shorter prefix or fewer"),
        ),
        (
            _(
                "%(wanted)s wanted, %(there)s in the %(pool)s pool%(which)s: the order would be back-ordered until"
                " %(until)s"
            ),
            _("take a shorter prefix or fewer"),
        ),
    ],
    # An order is refused for all of its numbers at once, a finding is about one.
    "numbers.unknown_number": [
        (_("+%(number)s: not among ours"), _OTHERS),
        (_("%(numbers)s not among ours"), _OTHERS),
    ],
    "numbers.taken": [
        (_("+%(number)s: taken meanwhile"), _OTHERS),
        (_("+%(number)s: taken meanwhile, and there are no substitutes"), _OTHERS),
        (_("%(numbers)s taken meanwhile"), _OTHERS),
        (_("%(numbers)s taken meanwhile, and there are no substitutes"), _OTHERS),
    ],
    "numbers.too_few": [
        (
            _("%(wanted)s wanted, at least %(least)s needed, %(there)s in the %(pools)s pools%(which)s"),
            _("take a shorter prefix or fewer"),
        ),
        (_("%(wanted)s wanted, %(there)s in the %(pools)s pools%(which)s"), _("take a shorter prefix or fewer")),
        (
            _("%(wanted)s wanted, at least %(least)s needed, %(there)s in the %(pool)s pool%(which)s"),
            _("take a shorter prefix or fewer"),
        ),
        (_("%(wanted)s wanted, %(there)s in the %(pool)s pool%(which)s"), _("take a shorter prefix or fewer")),
    ],
    "numbers.wrong_grade": [
        (_("+%(number)s: of a grade that the service does not take, only %(grades)s"), _OTHERS),
        (_("%(numbers)s of a grade that the service does not take, only %(grades)s"), _OTHERS),
    ],
    "numbers.wrong_prefix": [
        (_("+%(number)s: not taken by the service"), _PREFIX),
        (_("%(numbers)s not taken by the service"), _PREFIX),
    ],
    "numbers.unchecked": [(_("the numbers service could not be asked, so its part is not checked"), _LATER)],
}
BILLING: Sentences = {
    "billing.no_price_list": [(_("no price list is chosen"), _("choose a price list"))],
    "billing.unknown_price_list": [(_("there is no price list %(price_list)s"), _("choose one of yours"))],
    "billing.price_list_not_in_force": [
        (_("%(price_list)s is in force from %(begin)s to %(end)s"), _("choose another"))
    ],
    "billing.no_price": [(_("%(price_list)s has no price for %(what)s"), _LIST)],
    "billing.unknown_quote": [(_("there is no quote %(quote)s"), _QUOTE)],
    "billing.quote_used": [(_("the quote was used by another order"), _QUOTE)],
    "billing.quote_ended": [(_("the quote has ended, and its prices are no longer locked"), _QUOTE)],
    "billing.quote_differs": [
        (_("line %(line)s: the quote has no such line"), _QUOTE),
        (_("line %(line)s: the quote is for %(then)s, not for %(now)s"), _QUOTE),
        (_("line %(line)s: %(quantity)s services, %(covered)s in the quote"), _QUOTE),
        (_("line %(line)s: %(quantity)s %(grade)s numbers, %(covered)s in the quote"), _QUOTE),
    ],
    "billing.quote_ends_soon": [
        (_("the quote ends in %(minutes)s minutes"), _("create the services before, or quote again"))
    ],
    "billing.price_list_ends_soon": [
        (
            _("%(price_list)s has these prices until %(day)s: what it says then counts for new services alone"),
            _("look at its next version as well"),
        ),
        (_("%(price_list)s has these prices until %(day)s"), _("create the services before, or quote them now")),
    ],
    "billing.mixed_currencies": [
        (
            _("this line is in %(currency)s, the first in %(other)s: there will be two totals"),
            _("choose price lists of one currency"),
        )
    ],
    "billing.other_currency": [
        (
            _("it is charged in %(currency)s from then on, and was in %(other)s"),
            _("choose a price list of the same currency, or make sure that the customer knows"),
        )
    ],
    "billing.account_blocked": [(_("the customer's account is blocked"), _("settle it first"))],
    "billing.credit_exceeded": [
        (
            _("%(total)s a month in all from %(day)s on, %(limit)s is the customer's limit"),
            _("order less, or have the limit raised"),
        ),
        (_("%(total)s a month in all, %(limit)s is the customer's limit"), _("order less, or have the limit raised")),
    ],
    "billing.withdrawn": [(_("the change was taken back before"), _("ask for it again"))],
    "billing.unchecked": [(_("the billing service could not be asked, so its part is not checked"), _LATER)],
}
MAIL: Sentences = {
    "mail.no_recipient": [(_("the address is missing"), _("enter an e-mail address"))],
    "mail.bad_recipient": [(_("that is not an e-mail address"), _("write it as name@example.com, one address alone"))],
    "mail.twice": [(_("%(address)s is written to above already"), _("write to it once, or leave this mail out"))],
    "mail.bounced_before": [
        (_("%(address)s was not known when it was last written to: %(reply)s"), _("check the address"))
    ],
    "mail.no_subject": [(_("the subject is missing"), _("enter a subject"))],
    "mail.long_subject": [(_("the subject has more than %(most)s characters"), _("shorten it"))],
    "mail.bad_subject": [(_("the subject has line breaks or other control characters"), _("write it in one line"))],
}
DRAFT: Sentences = {
    "draft.nothing_chosen": [
        (
            _("no service is chosen, and the draft is not for a customer account alone"),
            _("choose a service type, or Only Create a Customer Account"),
        )
    ],
    "draft.nothing_to_create": [
        (
            _("the customer is there already, and no service is to be created: there is nothing to create"),
            _("choose a service type"),
        )
    ],
    "draft.no_customer": [(_("no existing customer is chosen"), _("find and choose the customer"))],
    "draft.terms_unknown": [(_("the terms could not be read"), _("try again"))],
    "draft.terms_not_agreed": [
        (
            _("the terms and conditions of these services are not agreed to"),
            _("read them, tick I Agree and press Update"),
        )
    ],
    "draft.terms_changed": [
        (
            _("these are not the terms and conditions that were agreed to before"),
            _("read them, tick I Agree and press Update"),
        )
    ],
    "draft.prices_changed": [
        (
            _(
                "the prices have changed since they were locked: they were %(setup)s once and %(monthly)s a month, and"
                " are %(setup_now)s once and %(monthly_now)s a month now"
            ),
            _("make sure that the customer knows, or choose another price list"),
        )
    ],
    "draft.quote_ended": [
        (
            _("the prices were quoted, but the quote has ended or is for other lines: today's prices will be charged"),
            _("look at the Billing tab"),
        )
    ],
}
ORDER: Sentences = {
    "order.reference_in_use": [
        (_("order %(order)s has the reference %(reference)s"), _("look at that order, or take another reference")),
        (_("the reference %(reference)s stands in an order before this one in the file"), _TWICE),
    ],
}
UNCHECKED: Sentences = {
    "provisioning.unchecked": [(_("the provisioning service could not be asked, so its part is not checked"), _LATER)],
    "notifier.unchecked": [(_("the notifier service could not be asked, so its part is not checked"), _LATER)],
}
FINDINGS: Sentences = CUSTOMER | NUMBERS | BILLING | MAIL | DRAFT | ORDER | UNCHECKED | SERVICES | SETTINGS
