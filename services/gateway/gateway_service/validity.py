"""The validity report of a draft: every owner is asked at once, and what they find is one list by tab."""

import asyncio
import hashlib
from collections.abc import Callable, Collection
from typing import NamedTuple, get_args
from uuid import UUID

from gateway_service import agreeing, drafts, quoting
from gateway_service.draft import Author, Document, Draft, Waiver
from gateway_service.drafts import Desk
from gateway_service.own_findings import UNCHECKED, own, unchecked
from gateway_service.upstream import Owner
from gateway_service.validity_asking import has_numbers, part, query
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import TermsInForce
from patchbay_contracts.customers import CustomerRecords, CustomersGet
from patchbay_contracts.validity import (
    CheckedContact,
    CheckedCustomer,
    Finding,
    Findings,
    Severity,
    Tab,
    ValidityQuery,
)

OWNERS: tuple[Owner, ...] = ("customer", "numbers", "provisioning", "billing", "notifier")
_TABS = {tab: at for at, tab in enumerate(get_args(Tab))}
CHECKED_FOR = 30.0
"""Seconds for which a tab believes what was found about the very same. Not about numbers, which others may take, and
not where it decides: the Creation tab asks anew."""
_WEIGHT: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


class Found(NamedTuple):
    """A finding, by its place in the draft. `service`: the key of the one that it is about. `waived`: by whom and why,
    if it is a warning that was put aside. `new` since the report was last shown."""

    finding: Finding
    fingerprint: str
    service: str | None = None
    waived: Waiver | None = None
    new: bool = False

    @property
    def unchecked(self) -> str:
        """The owner that could not be asked, if that is what it says."""
        owner, _, code = self.finding.code.partition(".")
        return owner if code == UNCHECKED else ""


class Report(NamedTuple):
    """What was found, in the order of the tabs. `terms` are those in force of all that will be ordered; `agreed` if
    exactly these were agreed to. `gone`: what the last report held, and is found no more; none while an owner is away:
    it may be there still."""

    findings: tuple[Found, ...]
    terms: tuple[TermsInForce, ...]
    agreed: bool
    gone: tuple[Finding, ...] = ()

    @property
    def stopping(self) -> tuple[Found, ...]:
        """Why nothing can be created yet: errors, and warnings that nobody has waived."""
        return tuple(
            f
            for f in self.findings
            if f.finding.severity == "error" or (f.finding.severity == "warning" and not f.waived)
        )

    def of(self, tab: Tab) -> tuple[Found, ...]:
        """Those of one tab."""
        return tuple(found for found in self.findings if found.finding.tab == tab)


async def report(desk: Desk, draft: Draft, fresh_for: float = 0, agreed_to: Collection[str] = ()) -> Report:
    """Ask all owners in one round. One that cannot be asked is an error of its own: nothing is created unchecked.

    With `fresh_for`, what was found about the very same within so many seconds counts as well, but for numbers.
    `agreed_to`: the hashes of terms that are agreed to just now.
    """
    asked = query(draft)
    checks = asyncio.gather(*(_asked(desk, owner, asked, fresh_for) for owner in OWNERS))
    terms, answers, changed = await asyncio.gather(
        agreeing.in_force(desk, draft, fresh_for), checks, quoting.changed(desk, draft, fresh_for)
    )
    agreed = agreeing.is_agreed(draft.document.agreement, terms, agreed_to)
    found = [finding for answer in answers for finding in answer]
    found += own(draft.document, terms, agreed=agreed, changed=changed)
    placed = [_placed(draft.document, finding) for finding in found if _fits(draft.document, finding)]
    ordered = sorted(placed, key=lambda f: (_TABS[f.finding.tab], _WEIGHT[f.finding.severity]))
    there = {one.fingerprint for one in ordered}
    away = any(one.unchecked for one in ordered)
    gone = () if away else tuple(one for one in draft.document.findings_seen if fingerprint_of(one) not in there)
    return Report(tuple(ordered), terms or (), agreed, gone)


async def of_mails(desk: Desk, draft: Draft, fresh_for: float = 0) -> Report:
    """The report of a draft that was created: its mails are all that can be changed."""
    asked = query(draft).model_copy(update={"customer": None})
    found = await _asked(desk, "notifier", asked, fresh_for) if asked.mails else ()
    return Report(tuple(_placed(draft.document, finding) for finding in found), (), agreed=True)


async def _asked(desk: Desk, owner: Owner, asked: ValidityQuery, fresh_for: float) -> tuple[Finding, ...]:
    seconds = 0 if owner == "numbers" and has_numbers(asked) else fresh_for
    asked = await _addressed(desk, asked, fresh_for) if owner == "notifier" else asked
    try:
        return (await desk.upstream.recent.ask(owner, "/validity", part(owner, asked), Findings, seconds)).findings
    except (Problem, ValueError) as error:
        log.warning("validity.unchecked", owner=owner, error=str(error))
        return (unchecked(owner),)


async def _addressed(desk: Desk, asked: ValidityQuery, fresh_for: float) -> ValidityQuery:
    """With the addresses of a customer that is there already. While nobody can say them the report says that the
    customer's part is not checked."""
    id_ = asked.customer.id if asked.customer else None
    if id_ is None:
        return asked
    wanted = CustomersGet(resellers=(asked.reseller,), ids=(id_,))
    try:
        found = await desk.upstream.recent.ask("customer", "/customers/get", wanted, CustomerRecords, fresh_for)
    except (Problem, ValueError):
        return asked
    for one in found.customers:
        contacts = tuple(CheckedContact(kind=c.kind, name=c.name, email=c.email) for c in one.details.contacts)
        customer = CheckedCustomer(id=id_, email=one.details.email, contacts=contacts)
        return asked.model_copy(update={"customer": customer})
    return asked


def _fits(document: Document, finding: Finding) -> bool:
    """Provisioning sees no lines and takes that to be meant; only the draft says whether it is."""
    only_created = document.only_customer and document.customer.kind == "new"
    return finding.code != "service.none" or only_created


def _placed(document: Document, finding: Finding) -> Found:
    """A finding by its place in the draft: owners speak of lines and wanted mails."""
    parts, service = finding.pointer.split("/"), None
    if parts[1:2] == ["lines"]:
        parts[1] = "services"
        at = int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() else -1
        service = document.ordered[at].key if 0 <= at < len(document.ordered) else None
    elif parts[1:2] == ["mails"] and len(parts) > 2 and parts[2].isdecimal():
        wanted = [at for at, mail in enumerate(document.mails) if mail.wanted]
        parts[2] = str(wanted[int(parts[2])]) if int(parts[2]) < len(wanted) else parts[2]
    elif parts[1:] == ["customer", "sealed_pin"]:
        parts[2] = "pin"
    here = finding.model_copy(update={"pointer": "/".join(parts)})
    fingerprint = fingerprint_of(here)
    waived = next((w for w in document.waivers if (w.code, w.pointer) == (here.code, here.pointer)), None)
    seen = document.report_seen
    new = seen is not None and fingerprint not in seen
    return Found(here, fingerprint, service, waived if here.severity == "warning" else None, new)


def fingerprint_of(finding: Finding) -> str:
    """By which a finding is told from others, and known again in the next report."""
    said = f"{finding.code} {finding.severity} {finding.pointer} {finding.message}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


async def shown(desk: Desk, author: Author, draft: Draft, report: Report) -> Draft:
    """The report was shown: from now on what it did not hold is new."""
    seen = {
        "report_seen": tuple(found.fingerprint for found in report.findings),
        "findings_seen": tuple(found.finding for found in report.findings),
    }
    return await drafts.touch(desk, author, draft.id, lambda document: document.but(**seen))


async def look_for(desk: Desk, draft: Draft, meant: Callable[[Found], bool]) -> Finding | None:
    """The first finding that is meant. What was found a moment ago is believed, as creation asks anew; what was not is
    looked for again."""
    for fresh_for in (CHECKED_FOR, 0):
        for one in (await report(desk, draft, fresh_for)).findings:
            if meant(one):
                return one.finding
    return None


async def waive(desk: Desk, author: Author, id_: UUID, version: int, *, code: str, pointer: str, reason: str) -> Draft:
    """Put one warning aside, for a reason. It counts until what it points at is changed. Raises Problem 422 for what is
    no warning of this draft."""
    draft = await drafts.get(desk, author, id_)
    there = [w for w in draft.document.waivers if (w.code, w.pointer) == (code, pointer)]
    if there and there[0].reason == reason:
        return draft
    drafts.check(draft, version)

    def meant(one: Found) -> bool:
        return (one.finding.code, one.finding.pointer, one.finding.severity) == (code, pointer, "warning")

    if await look_for(desk, draft, meant) is None:
        fault = {"pointer": "/code", "message": "the report has no such warning", "remedy": "take it from the report"}
        raise Problem(422, "There is no such warning", errors=[fault], code="unknown_warning")
    waiver = Waiver(code=code, pointer=pointer, reason=reason, by=author.by, at=drafts.now())

    def to(was: Draft) -> Document:
        others = tuple(w for w in was.document.waivers if (w.code, w.pointer) != (code, pointer))
        return was.document.but(waivers=(*others, waiver))

    return await drafts.change(desk, author, id_, version, to, seen=draft)


async def unwaive(desk: Desk, author: Author, id_: UUID, version: int, *, code: str, pointer: str) -> Draft:
    """The warning counts again."""

    def to(was: Draft) -> Document:
        return was.document.but(
            waivers=tuple(w for w in was.document.waivers if (w.code, w.pointer) != (code, pointer))
        )

    return await drafts.change(desk, author, id_, version, to)
