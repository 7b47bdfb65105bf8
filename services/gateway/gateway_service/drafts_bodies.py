"""What callers post to drafts, and how a draft and what belongs to it are answered."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field
from starlette.responses import Response

from gateway_service import findings
from gateway_service.bodies import JSON
from gateway_service.draft import CustomerFields, Draft, DraftMail, Note, TypedPin, Why, Written
from gateway_service.pages.notes import sentence
from gateway_service.validity import Found, Report
from patchbay_contracts.numbers import MOST_HELD
from patchbay_contracts.validity import Raw
from patchbay_contracts.words import E164, Reseller, Settings


class Begin(Written):
    """A new draft. `id`: a UUID of the caller's choice, so that the same call again begins no second one; the draft has
    one of its own, which is in the answer."""

    id: UUID | None = None
    reseller: Reseller | None = None


class CustomerBody(CustomerFields):
    """The customer as typed. `pin`: left out, it stays; empty, it is removed. For another `reseller` everything that
    belonged to the one before is given back."""

    reseller: Raw | None = None
    pin: TypedPin | None = None


class OnlyCustomer(Written):
    """Only a customer account, or services as well."""

    only: bool


class ServiceBody(Written):
    """What is left out stays as it is."""

    service_type: Raw | None = None
    grouping: Literal["together", "each"] | None = None
    price_list: Raw | None = None


class NumbersBody(Written):
    """Numbers to add. `take`: the next best instead of what somebody else was faster with."""

    numbers: tuple[E164, ...] = Field(min_length=1, max_length=MOST_HELD)
    take: bool = False


class RemoveBody(Written):
    """Numbers to give back."""

    numbers: tuple[E164, ...] = Field(min_length=1, max_length=MOST_HELD)


class SettingsBody(Written):
    """Settings of the service, or of one of its numbers."""

    settings: Settings
    number: E164 | None = None


class CopyBody(Written):
    """From one number of the service to these, or to all."""

    source: E164
    to: tuple[E164, ...] = Field(default=(), max_length=MOST_HELD)


class SourceBody(Written):
    """The number whose settings all shall have."""

    source: E164


class PriceListBody(Written):
    """The price list of one service by its `key`, or of all."""

    price_list: Raw
    key: Raw | None = None


class CompareBody(Written):
    """The price list to compare with, for one service by its `key` or for all. Left out, each service's own is compared
    with the one that it replaced: the list that was chosen before, or the version before."""

    price_list: Raw | None = None
    key: Raw | None = None


class WaiverBody(Written):
    """A warning of the report, and why it does not matter."""

    code: Raw
    pointer: Raw
    reason: Why


class UnwaiveBody(Written):
    """The warning that counts again."""

    code: Raw
    pointer: Raw


class AgreementBody(Written):
    """`hashes`: those of the terms that were read; if others are in force by now, nothing is agreed to."""

    agreed: bool
    hashes: tuple[Annotated[str, Field(max_length=64)], ...] = Field(default=(), max_length=200)


class MailsBody(Written):
    """All the mails, and where to go in the end."""

    mails: tuple[DraftMail, ...] = Field(default=(), max_length=50)
    after: Raw = ""


class MailBody(DraftMail):
    """A mail to look at, as it would be set."""


MODELS = (
    Begin,
    CustomerBody,
    OnlyCustomer,
    ServiceBody,
    NumbersBody,
    RemoveBody,
    SettingsBody,
    CopyBody,
    SourceBody,
    PriceListBody,
    CompareBody,
    WaiverBody,
    UnwaiveBody,
    AgreementBody,
    MailsBody,
    MailBody,
)


def shown(draft: Draft) -> dict[str, Any]:
    """A draft for its caller: findings' pointers lead into this. Of a PIN it says only whether one is set."""
    unseen: dict[str, Any] = dict.fromkeys(("report_seen", "findings_seen", "reasons"), True)
    unseen |= {
        "customer": {"sealed_pin", "find", "find_reseller"},
        "services": {"__all__": {"ticked", "aside", "aside_by_number"}},
    }
    document = draft.document.model_dump(mode="json", exclude=unseen)
    document["customer"]["pin_set"] = draft.document.customer.sealed_pin is not None
    return {**_head(draft), **document}


def _head(draft: Draft) -> dict[str, Any]:
    return {
        "id": str(draft.id),
        "reseller": draft.reseller,
        "version": draft.version,
        "by": draft.by,
        "state": draft.state,
        "order_id": str(draft.order_id) if draft.order_id else None,
        "created_at": draft.created_at,
        "changed_at": draft.changed_at,
        "links": {"self": f"/v1/drafts/{draft.id}"},
    }


def summary(draft: Draft, customer: str) -> dict[str, Any]:
    """A draft in a list, with the name of its customer."""
    document = draft.document
    return _head(draft) | {
        "customer": customer,
        "services": len(document.services),
        "numbers": len(document.numbers),
        "tab": document.tab,
    }


def answer(draft: Draft, status: int = 200, **more: Any) -> Response:
    """The draft with its version as ETag, and what else there is to say."""
    return said(shown(draft) | more, status, {"ETag": f'"{draft.version}"'})


def said(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """In JSON."""
    return Response(written(body), status, headers, JSON)


def written(body: Any) -> bytes:
    """As it is sent."""
    return orjson.dumps(body, default=str)


def notes(given: tuple[Note, ...]) -> list[dict[str, Any]]:
    """What else a change did: a code with what it speaks of, and a sentence."""
    return [{"code": note.code, "given": dict(note.given), "message": sentence(note)} for note in given]


def of_report(report: Report) -> dict[str, Any]:
    """The validity report."""
    return {
        "findings": [_finding(found) for found in report.findings],
        "may_create": not report.stopping,
        "agreed": report.agreed,
        "gone": len(report.gone),
        "terms": [terms.model_dump(mode="json", exclude={"text"}) for terms in report.terms],
    }


def _finding(found: Found) -> dict[str, Any]:
    waived = found.waived.model_dump(mode="json", include={"reason", "by", "at"}) if found.waived else None
    return findings.shown(found.finding) | {
        "fingerprint": found.fingerprint,
        "service": found.service,
        "waived": waived,
        "new": found.new,
    }
