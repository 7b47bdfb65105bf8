"""Settings of a service, for all its numbers and for single ones: the form for it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request

from gateway_service.drafts import Desk
from gateway_service.pages import service_changes, settings_form, site
from gateway_service.pages.changes_told import Named
from gateway_service.pages.language import gettext as _
from gateway_service.pages.service_changes import Change
from gateway_service.pages.service_page import Seen
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_settings import Showed
from gateway_service.pages.wizard_typed import whole
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Setting, shown
from patchbay_contracts.words import E164, Settings

A_PAGE = 10
"""So many numbers' settings are on one page."""
ALL = "settings-"


class OfNumber(NamedTuple):
    """A number whose settings are shown: those of all numbers with its own laid over them."""

    number: E164
    prefix: str
    settings: tuple[Setting, ...]
    given: Settings
    own: bool


def router(desk: Desk) -> APIRouter:
    """The page."""
    routes = site.routes("/services")

    async def more(request: Request, seen: Seen, form: Form | None) -> Mapping[str, Any]:
        service, settings = seen.service, _settings(seen)
        secret = Named(seen.product, seen.called).secret
        typed = _wanted(form, seen) if form is not None else {}
        given: Settings = typed.get("settings", service.settings)
        by_number: Mapping[E164, Settings] = typed.get("settings_by_number", service.settings_by_number)
        first = _place(form.text("first") if form is not None else request.query_params.get("first", ""))
        numbers = service.numbers[first : first + A_PAGE]
        return {
            "showed": _showing(given, by_number, numbers, secret).model_dump_json(),
            "of_all": shown(settings, given),
            "given": _readable(given, secret),
            "prefix": ALL,
            "secret": secret,
            "numbers": [
                OfNumber(
                    number,
                    _prefix(number),
                    shown(settings, given | by_number.get(number, {})),
                    _readable(given | by_number.get(number, {}), secret),
                    bool(by_number.get(number)),
                )
                for number in numbers
            ],
            "first": first,
            "a_page": A_PAGE,
        }

    def change() -> Change:
        template, title = "services-change-settings.html", _("Change settings")
        return Change("settings", template, title, _("Change settings"), _wanted, more, _field)

    service_changes.install(routes, desk, "settings", change)
    return routes


def _settings(seen: Seen) -> tuple[Setting, ...]:
    """Those that the service's type has. Raises Problem 409 where it is not known any more what they are."""
    if seen.product is None:
        detail = _("Its type is not sold any more. Everything else about it can be changed.")
        raise Problem(409, _("The settings of this service cannot be changed here"), detail)
    return seen.product.settings


def _wanted(form: Form, seen: Seen) -> dict[str, Any]:
    """The settings as they are to be. What the form does not show stays as it is, and so does a secret that was not
    typed anew; a number whose settings were not touched since they were shown goes on with those of all."""
    service, settings, secret = seen.service, _settings(seen), Named(seen.product, seen.called).secret
    shown_names = {one.name for one in settings} - secret

    def unshown(given: Settings) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name not in shown_names}

    showed = _showed(form, seen, secret)
    given = unshown(service.settings) | settings_form.read(form, settings, ALL, before=showed.all)
    by_number, there = dict(service.settings_by_number), set(service.numbers)
    for number in map(whole, form.all("shown")):
        if number in there:
            was, prefix = by_number.get(number, {}), _prefix(number)
            typed = settings_form.own(
                form,
                settings,
                prefix,
                was=showed.own.get(number, {}),
                before=showed.all,
                after=given,
            )
            by_number[number] = unshown(was) | typed
    return {"settings": given, "settings_by_number": {number: own for number, own in by_number.items() if own}}


def _showing(of_all: Settings, own: Mapping[E164, Settings], numbers: Sequence[E164], secret: set[str]) -> Showed:
    return Showed(all=_readable(of_all, secret), own={one: _readable(own.get(one, {}), secret) for one in numbers})


def _showed(form: Form, seen: Seen, secret: set[str]) -> Showed:
    """What the form showed: once it was checked, that is what was typed before. Without it, the service knows."""
    try:
        return Showed.model_validate_json(form.text("showed"))
    except ValidationError:
        return _showing(seen.service.settings, seen.service.settings_by_number, seen.service.numbers, secret)


def _readable(given: Settings, secret: set[str]) -> Settings:
    return {name: value for name, value in given.items() if name not in secret}


def _prefix(number: E164) -> str:
    return f"settings_by_number-+{number}-"


def _field(where: str, seen: Seen) -> str:
    """The field of what is wrong with a setting."""
    settings = _settings(seen)
    names = settings_form.fields(settings, ALL)
    for number in seen.service.numbers:
        names += settings_form.fields(settings, _prefix(number))
    (found,) = settings_form.at_fields({where: ""}, names)
    return found if found in names else ""


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
