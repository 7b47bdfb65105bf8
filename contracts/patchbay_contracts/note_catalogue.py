"""The sentences that are no findings: what is noted of an order, and why a search finds nothing; and the words that
stand for codes on pages.

`_` marks a text for whoever translates the pages (`make words`). The more particular sentence stands first.
"""

from collections.abc import Mapping, Sequence

from patchbay_contracts.finding_catalogue_services import marked as _
from patchbay_contracts.inventory_catalogue import INVENTORY

NOTES: Sequence[str] = [
    _("accepted"),
    _("completed"),
    _("failed"),
    _("asked again, try %(n)s"),
    _("tried again, try %(n)s"),
    _("asked again by hand, %(why)s"),
    _("skipped by hand, %(why)s"),
    _("undone by hand, %(why)s"),
    _("no answer to %(message)s for try %(n)s"),
    _("no answer within %(seconds)s s, asked %(n)s times"),
    _("the hold of the numbers ends at %(time)s, too soon to go on; order again"),
    _("the order was taken back"),
    _("it could not be carried out in time"),
    _("cancelled by %(why)s"),
    _("line %(line)s is left out, %(refusal)s"),
    _("line %(line)s: %(note)s"),
    _("%(given)s of %(wanted)s were available"),
    _("%(given)s of %(wanted)s are substitutes: %(swaps)s"),
    _("%(detail)s; waited for until %(time)s"),
    # What was done to operators and API keys.
    _("the former secret works for %(time)s"),
    _("%(name)s; roles %(roles)s; resellers %(resellers)s; %(state)s"),
    _("%(name)s; %(scopes)s; for good"),
    # Why a webhook did not take an event.
    _("it took too long"),
    _("its certificate is not one to be trusted"),
    _("its host has no address that events may be sent to, or cannot be found"),
    _("no connection could be made"),
    _("the connection was closed before an answer came"),
    _("it is not a target that events may be sent to"),
    _("what came back is no HTTP, or broke off"),
    _("it redirects, which is not followed: change the URL"),
    _("it is gone"),
    _("it answered %(status)s"),
]
"""Of an order's timeline, of its services, of changes, of deliveries: whatever says them."""
NOTHING_FOUND: Mapping[str, Sequence[str]] = {
    "no_run": [
        _("no %(count)s numbers in a row are free so aligned: the longest run has %(longest)s"),
        _("no %(count)s numbers in a row are free: the longest run has %(longest)s"),
    ],
    "pool_empty": [_("nothing is free in %(pools)s")],
    "no_such_prefix": [_("there are no numbers that begin with %(prefix)s")],
    "nothing_matches": [_("no free number in %(pools)s matches: change %(field)s")],
}
"""By the code of a search's answer."""
WORDS: Mapping[str, Sequence[str]] = {
    **INVENTORY,
    "grade": [_("platinum"), _("gold"), _("silver"), _("bronze"), _("standard"), _("any")],
    "rule": [
        _("last six equal"),
        _("last four equal"),
        _("last three equal"),
        _("six digits ascending"),
        _("four digits ascending"),
        _("four digits descending"),
        _("no pattern"),
        _("override: %(why)s"),
    ],
    "swap": [
        _("%(swap)s and more"),
        _("+%(number)s (%(grade)s) instead of +%(other)s"),
        _("+%(number)s (%(grade)s)"),
    ],
    "role": [_("operator"), _("inventory"), _("billing"), _("administrator"), _("none")],
    "state": [_("active"), _("blocked")],
    "contacts": [_("contact: %(who)s"), _("supplier: %(who)s")],
    "to_do": [_("activate"), _("change"), _("suspend"), _("resume"), _("withdraw")],
    "done": [
        _("added"),
        _("changed"),
        _("password"),
        _("made"),
        _("rotated"),
        _("former secret ended"),
        _("revoked"),
    ],
    "account": [
        _("blocked"),
        _("unblocked"),
        _("limit lifted"),
        _("limited to %(amount)s %(currency)s a month"),
    ],
}
"""By the kind of word; what is made of letters alone, such as ABAB, is no word."""
