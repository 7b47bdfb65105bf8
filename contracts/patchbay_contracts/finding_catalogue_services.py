"""The sentences of findings about services and their settings, by code; and what is filled in and is words itself."""

from collections.abc import Mapping, Sequence

Sentences = dict[str, Sequence[tuple[str, str]]]
"""By code: what was found, and what to do."""


def marked(text: str) -> str:
    """The text; whoever translates the pages finds it by this name. Imported as `_`."""
    return text


_ = marked
_AGAIN = _("look at the service as it is now, and ask again with its version")
_NUMBERS = _("choose numbers that begin with %(prefixes)s")
_FEWER = _("order fewer")
_LEAVE = _("leave it out")
_NOTHING = _("nothing is left to do")
_DIGITS = _("write digits only")

_QUALITIES = [
    _("of grade %(grades)s"),
    _("like %(pattern)s"),
    _("with the digits %(digits)s"),
    _("with the ending %(digits)s"),
    _("aligned to %(n)s"),
]
_KINDS = [_("a number"), _("a SIP address"), _("an e-mail address"), _("voicemail")]

PARTS: Mapping[str, Sequence[str]] = {
    "why": [
        _("it repeats one character"),
        _("its characters follow one another"),
        _("it is one of the most used"),
        _("it repeats itself"),
        _("it is part of what others may know of the customer"),
    ],
    "what": [_("%(grade)s numbers of %(service_type)s"), _("service type %(service_type)s")],
    "end": [_("further notice")],
    "there": [_("too few free"), _("%(n)s in a row"), _("%(n)s free")],
    "pool": [_("public"), _("reseller"), _("customer")],
    "which": [
        _(" with prefix %(prefix)s that are %(qualities)s or instead of them"),
        _(" with prefix %(prefix)s that are %(qualities)s"),
        _(" with prefix %(prefix)s or instead of them"),
        _(" with prefix %(prefix)s"),
        _(" that are %(qualities)s or instead of them"),
        _(" that are %(qualities)s"),
        _(" or instead of them"),
    ],
    "quality": _QUALITIES,
    "qualities": [_("%(quality)s and %(qualities)s"), *_QUALITIES],
    "kind": _KINDS,
    "kinds": [_("%(kind)s or %(kinds)s"), *_KINDS],
    "prefixes": [_("%(prefix)s or %(prefixes)s")],
    "numbers": [_("%(number)s and more")],
    "state": [_("planned"), _("ended"), _("withdrawn")],
}
"""By name of what is filled in: the words that it may be."""
SERVICES: Sentences = {
    "service.none": [(_("only the customer is created, without a service"), _("choose a service type to order one"))],
    "service.terms_not_in_force": [
        (_("nothing of %(service_type)s is ordered"), _LEAVE),
        (
            _("of the terms of %(service_type)s version %(version)s is in force, with the SHA-256 %(hash)s"),
            _("read them, and agree to those"),
        ),
    ],
    "service.terms_not_accepted": [
        (
            _("those of %(service_type)s are missing; version %(version)s is in force, with the SHA-256 %(hash)s"),
            _("read them, and agree to those"),
        )
    ],
    "service.missing": [(_("no service type is chosen"), _("choose one"))],
    "service.unknown_type": [(_("there is no service type %(service_type)s"), _("see the catalogue"))],
    "service.not_in_force": [
        (_("%(name)s is sold from %(day)s on"), _("choose another service type")),
        (_("%(name)s is not sold any more"), _("choose another service type")),
    ],
    "service.too_few_numbers": [
        (_("%(name)s takes exactly %(many)s a service, %(given)s given"), _("add some")),
        (_("%(name)s takes %(least)s to %(most)s numbers a service, %(given)s given"), _("add some")),
        (
            _("%(name)s needs %(least)s numbers, and it would have %(many)s"),
            _("remove fewer, or end the service"),
        ),
        (_("%(name)s needs 1 number, and it would have %(many)s"), _("remove fewer, or end the service")),
    ],
    "service.too_many_numbers": [
        (
            _("%(name)s takes exactly %(many)s a service, %(given)s given"),
            _("make one service for each number (grouping 'each'), or use more lines"),
        ),
        (
            _("%(name)s takes %(least)s to %(most)s numbers a service, %(given)s given"),
            _("make one service for each number (grouping 'each'), or use more lines"),
        ),
        (
            _("%(name)s takes %(most)s numbers at the most, and it would have %(many)s"),
            _("add fewer, or order another service"),
        ),
        (
            _("%(name)s takes 1 number at the most, and it would have %(many)s"),
            _("add fewer, or order another service"),
        ),
    ],
    "service.wrong_grade": [(_("%(name)s takes no such numbers, only %(grades)s"), _("choose one of these grades"))],
    "service.wrong_prefix": [
        (_("%(name)s does not take numbers with prefix %(prefix)s"), _NUMBERS),
        (_("%(name)s does not take +%(number)s"), _NUMBERS),
    ],
    "service.needs_another": [(_("%(name)s needs %(other)s"), _("order it as well"))],
    "service.excludes_another": [
        (
            _("%(name)s cannot be had together with %(other)s"),
            _("order it for another customer, or choose another service type"),
        )
    ],
    "service.most_per_order": [(_("an order makes %(most)s of %(name)s at the most, this one %(many)s"), _FEWER)],
    "service.most_per_customer": [
        (_("a customer has %(most)s of %(name)s at the most, this one would have %(many)s"), _FEWER)
    ],
    "service.unknown_service": [(_("you have no such service"), _("take its id from the list of services"))],
    "service.taken_in": [(_("the service exists elsewhere"), _("change it where it is, and then its record here"))],
    "service.not_active": [
        (_("it is still being made"), _("only a service that is active or suspended can be changed")),
        (_("the service is %(state)s"), _("only a service that is active or suspended can be changed")),
    ],
    "service.being_changed": [(_("another change of the service is under way"), _AGAIN)],
    "service.changed_meanwhile": [(_("the service has version %(version)s and not %(other)s"), _AGAIN)],
    "service.suspended_already": [(_("the service is suspended already"), _NOTHING)],
    "service.not_suspended": [(_("the service is not suspended"), _NOTHING)],
    "service.unknown_number": [
        (_("+%(number)s is not one of the numbers that this is about"), _("leave it out, or name another"))
    ],
    "service.unknown_service_type": [
        (_("there is no service type %(service_type)s any more"), _("ask an administrator of the catalogue"))
    ],
    "service.date_is_over": [(_("%(day)s is over"), _("give today's date or a later one"))],
    "service.price_list_to_come": [
        (
            _("%(price_list)s is to come on %(day)s already"),
            _("give a date up to %(day)s: it takes the place of that one"),
        )
    ],
    "service.number_there": [(_("+%(number)s is its number already"), _LEAVE)],
    "service.replaces_price_list": [
        (
            _("%(price_list)s, which was to come on %(day)s, will not come"),
            _("give that one its date anew afterwards, if it is still wanted"),
        )
    ],
    "service.suspended": [(_("the service is suspended"), _("resume it when this is to work"))],
    "service.numbers_rest": [
        (_("the numbers that leave rest for a while"), _("nobody else gets them while they rest"))
    ],
}
_EMERGENCY: Sentences = {
    "settings.emergency": [
        (
            _("%(setting)s is an emergency number: calls must not be sent there"),
            _("choose another destination"),
        ),
        (_("%(setting)s is an emergency number"), _("calls must not be sent there; choose another destination")),
    ],
    "settings.not_a_destination": [
        (_("%(setting)s is longer than %(most)s characters"), _("shorten it")),
        (_("%(setting)s is not a SIP address"), _("write it as in sip:desk@pbx.example")),
        (_("%(setting)s is not an e-mail address"), _("write it as in office@example.com")),
        (
            _("%(setting)s is neither a number, a SIP address, an e-mail address nor voicemail"),
            _("write it as in +441214960000"),
        ),
    ],
    "settings.wrong_destination": [(_("%(setting)s cannot be %(kind)s"), _("give %(kinds)s"))],
    "settings.loop": [
        (
            _("%(setting)s is the service's own number: its calls would go round in a circle"),
            _("choose another destination"),
        )
    ],
}
_TIME_PLAN: Sentences = {
    "settings.bad_time_plan": [
        (
            _("%(setting)s: it ends before it begins"),
            _("give an end after the beginning, 24:00 at the latest"),
        ),
        (
            _("%(setting)s: two times overlap"),
            _("join them, or begin the second when the first has ended"),
        ),
        (_("%(setting)s: a date stands twice among the exceptions"), _("name each date once")),
        (_("%(setting)s is no date"), _("write it as in 2026-12-25")),
        (_("%(setting)s is no time of day"), _("write it as in 09:30, up to 24:00")),
        (_("%(setting)s is no weekday"), _("use monday to sunday")),
        (_("%(setting)s is no part of a time plan"), _LEAVE),
        (_("%(setting)s is missing"), _("add it")),
        (_("%(setting)s has too many entries"), _("leave some out")),
        (_("%(setting)s has no times that can be read"), _("give times such as from 09:00 to 12:30")),
        (_("%(setting)s has no day that can be read"), _("give a date such as 2026-12-24 with its times")),
    ],
}
_VALUES: Sentences = {
    "settings.required": [(_("%(setting)s is missing"), _("add it"))],
    "settings.not_applicable": [
        (
            _("%(setting)s has no effect while the other settings are as they are"),
            _("leave it out, or change what it depends on"),
        )
    ],
    "settings.unknown": [(_("%(name)s has no setting %(setting)s"), _("remove it"))],
    "settings.bad_value": [
        (_("%(name)s does not take these settings"), _("review them")),
        (_("%(name)s does not take these settings"), _("give an object of settings")),
        (_("%(setting)s must be one of: %(choices)s"), _("choose one of them")),
        (_("%(setting)s must be %(limit)s or more"), _("give %(limit)s or more")),
        (_("%(setting)s must be %(limit)s or less"), _("give %(limit)s or less")),
        (_("%(setting)s must have %(limit)s characters or more"), _("lengthen it")),
        (_("%(setting)s must have %(limit)s characters or fewer"), _("shorten it")),
        (_("%(setting)s must be a multiple of %(step)s"), _("round it")),
        (_("%(setting)s does not have the right form"), _("see how it is written")),
        (_("%(setting)s does not have the right form"), ""),
        (_("%(setting)s must be a whole number"), _DIGITS),
        (_("%(setting)s must be a text"), _("write it as a text")),
        (_("%(setting)s must be a number"), _DIGITS),
        (_("%(setting)s must be one of the choices"), _("choose one of them")),
        (_("%(setting)s must be yes or no"), _("choose yes or no")),
        (_("%(setting)s must be a time plan"), _("give the opening hours of each weekday")),
        (_("%(setting)s must be a destination"), _("write it as in +441214960000")),
    ],
}
_FAULTS = _EMERGENCY | _TIME_PLAN | _VALUES
SETTINGS: Sentences = {
    "settings.unknown_number": [(_("the line does not name this number"), _("drop its settings"))],
    **_FAULTS,
    # A change of a service says of all of them that its settings are bad.
    "service.bad_settings": [pair for pairs in _FAULTS.values() for pair in pairs],
}
