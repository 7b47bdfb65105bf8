"""Mail templates, for administrators: all that hold for a reseller, and which one is to be written."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import resellers, site
from gateway_service.pages.fields import fits, is_house
from gateway_service.pages.language import gettext as _
from gateway_service.pages.mails import kinds
from gateway_service.pages.people import Operator
from gateway_service.pages.wizard_names import Names, service_types
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.mail_templates import TemplateKey, TemplateQuery, Templates
from patchbay_contracts.mails import Language, Purpose
from patchbay_contracts.words import Slug

Administrator = Annotated[Operator, Depends(site.having("administrator"))]
PARTS = ("purpose", "reseller", "kind", "service_type", "language")


def key_of(request: Request, who: Administrator) -> TemplateKey:
    """The template that an address means. Raises Problem 404 for none, and for another reseller's."""
    given = {name: request.query_params.get(name) or None for name in PARTS}
    try:
        key = TemplateKey.model_validate(given | {"language": given["language"] or "en-GB"})
    except ValidationError:
        raise Problem(404, _("There is no such template")) from None
    if key.reseller is not None and not who.sees(key.reseller):
        raise Problem(404, _("There is no such template"))
    return key


Key = Annotated[TemplateKey, Depends(key_of)]


def router(upstream: Upstream) -> APIRouter:
    """The list, and the choice of one."""
    routes = site.routes("/templates")

    @routes.get("")
    async def list_all(request: Request, who: Administrator, reseller: str = "") -> Response:
        choices = await choices_of(upstream, who)
        wanted = reseller or (who.resellers[0] if who.resellers else "")
        errors = {"reseller": _("Choose from the list")} if wanted and wanted not in dict(choices) else {}
        found = await all_of(upstream, None if errors else wanted or None)
        rows = [(one, address(one.key)) for one in found.templates]
        return site.render(
            request, "mail-templates.html", 422 if errors else 200, errors=errors, rows=rows, reseller=wanted,
            choices=choices, kinds=kinds(), house=is_house(who), **await named(upstream, choices),
        )  # fmt: skip

    @routes.get("/new")
    async def choose(request: Request, who: Administrator) -> Response:
        """Which template is to be written: its page comes next, written or not."""
        typed = {name: request.query_params.get(name, "").strip() for name in PARTS}
        errors = _key_faults(typed, who) if request.query_params else {}
        if request.query_params and not errors:
            return site.go(f"/templates/one?{urlencode(typed)}")
        shown = typed if errors else typed | {"language": "en-GB"}
        return site.render(
            request, "mail-templates-new.html", 422 if errors else 200, errors=errors, typed=shown, kinds=kinds(),
            choices=await choices_of(upstream, who), house=is_house(who),
        )  # fmt: skip

    return routes


def query_of(key: TemplateKey) -> str:
    """The key in an address."""
    return urlencode({name: getattr(key, name) or "" for name in PARTS})


def address(key: TemplateKey) -> str:
    """Where a template is shown."""
    return f"/templates/one?{query_of(key)}"


async def choices_of(upstream: Upstream, who: Operator) -> Sequence[tuple[str, str]]:
    """The resellers whose templates may be looked after."""
    if who.resellers == ():
        return ()
    found = await resellers.found(upstream, who.resellers, limit=1_000)
    return [(one.id, one.name) for one in found.resellers]


async def named(upstream: Upstream, choices: Sequence[tuple[str, str]]) -> dict[str, Names]:
    """What resellers are called, and what they sell."""
    types = await service_types(upstream, *(id_ for id_, _name in choices)) if choices else {}
    return {"names": dict(choices), "types": types}


def _key_faults(typed: Mapping[str, str], who: Operator) -> dict[str, str]:
    errors = {}
    if not fits(Purpose, typed["purpose"]):
        errors["purpose"] = _("Enter a purpose of small letters and underscores, such as service_created")
    if typed["kind"] and typed["kind"] not in kinds():
        errors["kind"] = _("Choose one of the list")
    if typed["service_type"] and not fits(Slug, typed["service_type"]):
        errors["service_type"] = _("Enter the id of a service type, such as voice-line, or nothing")
    if not fits(Language, typed["language"]):
        errors["language"] = _("Enter a language such as en-GB")
    if not (is_house(who) if not typed["reseller"] else who.sees(typed["reseller"])):
        errors["reseller"] = _("Choose a reseller that you act for")
    return errors


async def all_of(upstream: Upstream, reseller: str | None, purpose: str | None = None) -> Templates:
    """What holds for mails of that reseller; None: what the house has."""
    asked = TemplateQuery(reseller=reseller, purpose=purpose)
    return Templates.model_validate_json(await upstream.ask("notifier", "/templates/list", asked))
