"""The Creation tab: a summary or the full validity report, the terms, and Create Services with what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import agreeing, creating, customer_records, drafts, quoting, validity
from gateway_service.draft import Author, Draft, Note
from gateway_service.drafts import Desk
from gateway_service.pages import resellers, site, wizard_progress, wording
from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard, product_of
from gateway_service.pages.wizard_names import price_lists, titles
from gateway_service.pages.wizard_places import place
from gateway_service.pages.wizard_typed import check_choices, version_of
from gateway_service.pages.wizard_ways import where
from gateway_service.validity import Found
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Product
from patchbay_contracts.validity import Finding, Tab

SHORT, FULL = "short", "full"
LEAST_REASON, MOST_REASON = 3, 500
REASON = "reason-"
"""What the names of fields begin with that say why a warning may be so."""
MOST_NAME, MOST_REASONS = 100, 200


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        """What stops the creation is said in the report, with its links; on top of the page only once it was tried."""
        draft = look.draft
        full = (form.text("report") if form is not None else request.query_params.get("report")) == FULL
        terms = form.ticked("terms") if form is not None else "terms" in request.query_params
        names, customer, priced, products, lists, progress = await asyncio.gather(
            resellers.names(desk.upstream, [draft.reseller]),
            look.absent.spared(customer_name(desk, draft), ""),
            look.absent.spared(_priced(desk, draft), None),
            look.absent.spared(_products(desk, look), {}),
            price_lists(desk, draft.reseller),
            wizard_progress.state(desk, draft, look.called),
        )
        response = wizard.render(
            request,
            look,
            "creation",
            _stopped(look, form, errors) if form is not None else {},
            form,
            report=look.report,
            full=full,
            show_terms=terms,
            unread=_unread(look, form),
            agreed=look.report.agreed if form is None else form.ticked("agree"),
            reasons=draft.document.reasons if form is None else _reasons(form),
            findings=[_placed(draft, products, one) for one in look.report.findings],
            counts={severity: _count(look, severity) for severity in ("error", "warning", "info")},
            waived=sum(one.waived is not None for one in look.report.findings),
            customer=customer,
            reseller=names[draft.reseller],
            priced=priced,
            lists=lists,
            **progress,
            titles=titles(),
            gone=[_gone(draft, one) for one in look.report.gone],
        )
        if full and draft.state == "open":
            await validity.shown(desk, look.author, draft, look.report)
        return response

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str | None:
        check_choices(form, {"report": (SHORT, FULL)})
        version, pressed = version_of(form), form.text("act")
        what, _sep, rest = pressed.partition(":")
        if what == "reopen":
            reopened = await creating.reopen(desk, author, draft.id, version)
            return where(reopened, "creation", form, rest)
        version = (await _noted(desk, author, draft, version, form) or draft._replace(version=version)).version
        agreed_to = form.all("hash") if pressed == "create" and form.ticked("agree") else ()
        if draft.state == "open" and not agreed_to:
            version = await _agreed(desk, author, draft, version, form)
        if what in {"waive", "unwaive"}:
            finding = await _warning(desk, draft, rest)
            at = {"code": finding.code, "pointer": finding.pointer}
            if what == "waive":
                await validity.waive(desk, author, draft.id, version, **at, reason=_reason(form, rest))
            else:
                await validity.unwaive(desk, author, draft.id, version, **at)
        elif pressed == "create":
            await creating.create(desk, author, draft.id, version, agreed_to=agreed_to)
        if form.ticked("go"):
            return None
        shown = {"report": FULL} if form.text("report") == FULL else {}
        shown |= {"terms": "yes"} if form.ticked("terms") else {}
        return f"/wizard/{draft.id}/creation" + (f"?{urlencode(shown)}" if shown else "")

    wizard.tab(routes, "creation", page, act, partial(_keep_typed, desk))
    return routes


def _reasons(form: Form) -> dict[str, str]:
    """Why warnings may be so, as typed, by their fingerprints."""
    names = [name for name in form.names() if name.startswith(REASON) and len(name) <= MOST_NAME]
    return {name.removeprefix(REASON): form.text(name) for name in names}


async def _noted(desk: Desk, author: Author, draft: Draft, version: int, form: Form) -> Draft | None:
    """Keep the reasons that were typed, also those of warnings that are not waived by what was pressed: the draft as it
    is then, None if it is as it was."""
    typed = _reasons(form)
    reasons = {one: text for one, text in (draft.document.reasons | typed).items() if text}
    reasons = dict([*reasons.items()][-MOST_REASONS:])
    if draft.state != "open" or reasons == draft.document.reasons:
        return None
    return await drafts.change(
        desk, author, draft.id, version, lambda was: was.document.but(reasons=reasons), seen=draft
    )


async def _keep_typed(desk: Desk, author: Author, draft: Draft, form: Form) -> Draft:
    """Nobody agrees to terms without pressing anything."""
    return await _noted(desk, author, draft, version_of(form), form) or draft


def _unread(look: Look, form: Form | None) -> Sequence[str] | None:
    """While the terms cannot be read, the hashes of those that the form showed; otherwise None."""
    if not any(one.finding.code == "draft.terms_unknown" for one in look.report.findings):
        return None
    return form.all("hash") if form is not None else ()


def _stopped(look: Look, form: Form, errors: Mapping[str, str]) -> Mapping[str, str]:
    """What stops the creation stands in the list of what was found, so the summary leads there."""
    if form.text("act") != "create" or not look.report.stopping or set(errors) == {""}:
        return errors
    found = {f"finding-{one.fingerprint}": one.finding for one in look.report.stopping}
    return {id_: wording.sentences_of(finding) for id_, finding in found.items()}


async def _agreed(desk: Desk, author: Author, draft: Draft, version: int, form: Form) -> int:
    """Agree, or take it back, as the box is ticked: the version that the form is about then. The form says which terms
    were in force when it was shown."""
    agreed, hashes = form.ticked("agree"), form.all("hash")
    if not hashes or agreed == (draft.document.agreement is not None and _same(draft, hashes)):
        return version
    return (await agreeing.agree(desk, author, draft.id, version, agreed=agreed, hashes=hashes)).version


def _same(draft: Draft, hashes: Sequence[str]) -> bool:
    agreement = draft.document.agreement
    return agreement is not None and set(hashes) <= {terms.hash for terms in agreement.terms}


async def _warning(desk: Desk, draft: Draft, fingerprint: str) -> Finding:
    """The finding that is meant. Raises Problem 422 if it is none any more."""
    found = await validity.look_for(desk, draft, lambda one: one.fingerprint == fingerprint)
    if found is None:
        raise _fault("", _("This warning is none any more: look at the report again"))
    return found


def _reason(form: Form, fingerprint: str) -> str:
    """Why the warning may be put aside. Raises Problem 422 without one."""
    reason = form.text(f"{REASON}{fingerprint}")
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise _unfit(fingerprint)
    return reason


def _unfit(fingerprint: str) -> Problem:
    said = _("Say why it may be so, in %(least)s to %(most)s characters")
    return _fault(f"/{REASON}{fingerprint}", said % {"least": LEAST_REASON, "most": MOST_REASON})


def _fault(pointer: str, message: str) -> Problem:
    fault = {"pointer": pointer, "message": message, "remedy": ""}
    return Problem(422, "The warning cannot be waived so", errors=[fault])


async def _products(desk: Desk, look: Look) -> Mapping[str, Product | None]:
    """By the key of the service: what is to be known of those that have findings among their settings."""
    keys = {one.service for one in look.report.of("settings")}
    services = [one for one in look.document.services if one.key in keys]
    found = await asyncio.gather(*(product_of(desk, look.draft, one) for one in services))
    return {one.key: product for one, product in zip(services, found, strict=True)}


def _placed(draft: Draft, products: Mapping[str, Product | None], found: Found) -> Mapping[str, Any]:
    """A finding with the way to the field that it is about."""
    finding = found.finding
    to = place(draft.document, products.get(found.service or ""), finding.tab, finding.pointer)
    return {
        "finding": finding,
        "fingerprint": found.fingerprint,
        "waived": found.waived,
        "new": found.new,
        "tab": to.tab,
        "go": to.go,
    }


def _gone(draft: Draft, finding: Finding) -> tuple[Tab, str]:
    """The tab that a finding of the last report was about, and what it said."""
    return place(draft.document, None, finding.tab, finding.pointer).tab, wording.message_of(finding)


def _count(look: Look, severity: str) -> int:
    return sum(one.finding.severity == severity for one in look.report.findings)


async def _priced(desk: Desk, draft: Draft) -> quoting.Priced | None:
    """What it costs; of what was created the order tells."""
    return await quoting.priced(desk, draft) if draft.state == "open" else None


async def customer_name(desk: Desk, draft: Draft) -> str:
    """What the draft's customer is called, new or existing."""
    customer = draft.document.customer
    if customer.kind == "new" or customer.id is None:
        return customer.name
    found = await customer_records.get(desk.upstream, [draft.reseller], [customer.id])
    return found[0].details.name if found else ""
