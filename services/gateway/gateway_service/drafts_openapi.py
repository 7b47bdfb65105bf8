"""What OpenAPI says about drafts beside what the code says of itself."""

from typing import Annotated, Any

from fastapi import Path

from gateway_service import drafts_bodies as forms
from gateway_service import drafts_examples as examples
from gateway_service import etags
from gateway_service.describing import Described, answers, content, object_of, ref, route
from gateway_service.draft import TypedSearch
from gateway_service.findings import REASON
from patchbay_contracts.numbers import Found

KeyInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,36}$")]
MODELS = (*forms.MODELS, TypedSearch)

_ID = {"type": "string", "format": "uuid"}
_DATE = {"type": "string", "format": "date-time"}
_HEAD = {
    "id": _ID,
    "reseller": {"type": "string"},
    "version": {"type": "integer", "description": "for If-Match; also the ETag"},
    "by": {"type": "string"},
    "state": {"enum": ["open", "created", "finished", "abandoned"]},
    "order_id": {"type": ["string", "null"], "format": "uuid"},
    "created_at": _DATE,
    "changed_at": _DATE,
    "links": {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}},
}
_FINDING = object_of(
    code={"type": "string"},
    severity={"enum": ["error", "warning", "info"]},
    tab={"type": "string"},
    pointer={"type": "string", "description": "JSON Pointer (RFC 6901) into the draft"},
    message={"type": "string"},
    remedy={"type": "string"},
    reason=REASON,
    fingerprint={"type": "string"},
    service={"type": ["string", "null"], "description": "the key of the service that it is about"},
    waived={"type": ["object", "null"], "description": "reason, by whom and when it was put aside"},
    new={"type": "boolean", "description": "since the report was last shown"},
)
_OBJECT, _OBJECTS, _BOOLEAN = {"type": "object"}, {"type": "array", "items": {"type": "object"}}, {"type": "boolean"}
_ATTACHMENT = object_of(name={"type": "string"}, media_type={"type": "string"}, size={"type": "integer"})
_MAIL_PREVIEW = object_of(
    subject={"type": "string"},
    text={"type": "string"},
    html={"type": "string", "description": "a whole page; empty if the mail has none"},
    attachments={"type": "array", "items": _ATTACHMENT},
    from_template={"type": ["object", "null"], "description": "where subject and text come from"},
)
SCHEMAS = {
    "Draft": object_of(
        **_HEAD,
        customer={"type": "object", "description": "as it was typed; of a PIN only `pin_set`"},
        only_customer=_BOOLEAN,
        services=_OBJECTS,
        quote={"type": ["object", "null"]},
        agreement={"type": ["object", "null"]},
        waivers=_OBJECTS,
        mails=_OBJECTS,
        after={"type": "string"},
        tab={"type": "string"},
    ),
    "Drafts": object_of(drafts={"type": "array", "items": object_of(**_HEAD)}, next={"type": ["string", "null"]}),
    "ValidityReport": object_of(
        findings={"type": "array", "items": _FINDING}, may_create=_BOOLEAN, agreed=_BOOLEAN, terms=_OBJECTS
    ),
}
_KINDS = (401, "scope_missing", "no_such_draft", 422, 502, 503)
_CHANGING = (*_KINDS, "draft_closed", "draft_changed", "version_required")
_SENDING = (413, 415)
_SHOWN = {"Draft": examples.DRAFT, "ValidityReport": examples.REPORT, Found.__name__: examples.FOUND}


def _read(summary: str, description: str, schema: str, asks: type | None = None) -> Described:
    return _plain(summary, description, content(ref(schema), _SHOWN[schema]), asks)


def _write(
    summary: str, description: str, asks: type | None = None, *more: str, status: int = 200, csv: bool = False
) -> Described:
    """A change of the draft: told when it is stale, and safe to repeat."""
    body = content({"type": "string"}, examples.SETTINGS_CSV, "text/csv") if csv else _body(asks)
    bad = (*_CHANGING, *more, *(_SENDING if body else ()))
    good = answers("The draft", content(ref("Draft"), examples.DRAFT), *bad, status=status)
    described = route(summary, description, good, body)
    if status == 201:
        return described
    described["openapi_extra"]["parameters"] = [etags.SEEN]
    return described


def _plain(summary: str, description: str, shown: dict[str, Any], asks: type | None = None, *more: str) -> Described:
    bad = (*_KINDS, *more, *(_SENDING if asks else ()))
    return route(summary, description, answers(summary, shown, *bad), _body(asks))


def _body(asks: type | None) -> dict[str, Any] | None:
    return None if asks is None else content(ref(asks.__name__), examples.BODIES[asks])


BEGIN = _write(
    "Begin a draft",
    "What the wizard keeps while somebody types. Everything stays as it was typed, also what is not valid yet.",
    forms.Begin,
    status=201,
)
PAGE = route(
    "List drafts",
    "Newest first; without `state` those that can be gone on with.",
    answers("A page of drafts", content(ref("Drafts"), examples.DRAFTS), 401, "scope_missing", 422, 503),
)
ONE = etags.told(_read("Show a draft", "As it was typed, with its version as ETag.", "Draft"))
CUSTOMER = _write(
    "Set the customer",
    "As it was typed. A PIN is kept encrypted and never shown. Another reseller: held numbers, price lists, the"
    " existing customer, quote and agreement are given up, and `notes` say so.",
    forms.CustomerBody,
)
ONLY_CUSTOMER = _write("Only create a customer account", "Or services as well.", forms.OnlyCustomer)
SERVICE = _write("Add or change a service", "Under a key of your choice.", forms.ServiceBody)
REMOVE_SERVICE = _write("Remove a service", "Its numbers are given back.")
SEARCH = _read(
    "Search numbers for a service",
    "As it was typed, which the draft keeps; priced by the service's price list.",
    Found.__name__,
    TypedSearch,
)
ADD = _write(
    "Add numbers to a service",
    "They are held for the draft. `lost`: those that somebody else was faster with, each with the next best.",
    forms.NumbersBody,
)
REMOVE = _write("Remove numbers", "They are given back.", forms.RemoveBody)
EXTEND = _read(
    "Hold a draft's numbers longer", "Where a hold ends soon. `lost` are those that somebody else has.", "Draft"
)
SETTINGS = _write("Set settings", "Of a service, or of one of its numbers, laid over them.", forms.SettingsBody)
COPY = _write("Copy settings", "From one number to others of the service, or to all.", forms.CopyBody)
APPLY = _write("Apply settings to all", "What one number has becomes what all have.", forms.SourceBody)
IMPORT = _write(
    "Import settings",
    "CSV with a column `number` and one for each setting. `bad` names each row that was not taken, and why.",
    None,
    "not_settings_csv",
    csv=True,
)
EXPORT = _plain(
    "Export settings", "As they are imported.", content({"type": "string"}, examples.SETTINGS_CSV, "text/csv")
)
PRICE_LIST = _write(
    "Change the price list", "Of one service or of all; the draft is quoted by it.", forms.PriceListBody
)
QUOTE = _write("Quote the draft", "Its prices are locked until `quote.locked_until`.")
PRICES = _plain("Show prices", "By the quote while it lasts, otherwise as of now.", content(_OBJECT, examples.PRICES))
COMPARE = _plain(
    "Compare price lists of a draft",
    "What the lines cost by another one.",
    content(_OBJECT, examples.COMPARED),
    forms.CompareBody,
)
VALIDITY = _read(
    "Show the validity report",
    "What every service finds, by tab. `may_create`: no error, and no warning that is not waived. With `seen=true` the"
    " next report marks what is new.",
    "ValidityReport",
)
WAIVE = _write("Waive a warning", "By its code and pointer, for a reason that is recorded.", forms.WaiverBody)
UNWAIVE = _write("Let a warning count again", "By its code and pointer.", forms.UnwaiveBody)
TERMS = _plain("Show a draft's terms", "Those in force, of all that will be ordered.", content(_OBJECT, examples.TERMS))
AGREEMENT = _write(
    "Agree to the terms",
    "To those in force, by version and hash. When they change, agreement is asked anew.",
    forms.AgreementBody,
)
MAILS = _write("Set the mails", "That are sent when the draft is finished, if they are `wanted`.", forms.MailsBody)
SHOW_MAILS = _plain(
    "Show a draft's mails",
    "Those that were set; until there are any, and once the order has ended, those that are `suggested`: one for each"
    " organisation involved, as its template has it. None is `wanted` before it is set so.",
    content(object_of(mails=_OBJECTS, suggested=_BOOLEAN, after={"type": "string"}), examples.MAILS),
    None,
    "customer_gone",
)
PREVIEW_MAIL = _plain(
    "Preview a mail of a draft",
    "Exactly what would be sent, as text and as HTML, with its attachments. Nothing is sent, and nothing is kept.",
    content(_MAIL_PREVIEW, examples.MAIL_PREVIEW),
    forms.MailBody,
    "nothing_created",
    "order_under_way",
    "customer_gone",
)
CREATE = _write(
    "Create the services",
    "Places the draft's order, once however often it is called. 409 with what stops it. Follow the order at"
    " `/v1/orders/{order_id}/events`.",
    None,
    "draft_not_ready",
    "draft_invalid",
    status=202,
)
REOPEN = _write("Go on after a failure", "The order failed and was undone: correct the draft, and create again.")
FINISH = _write("Finish", "The mails are sent, once.")
ABANDON = _write("Abandon a draft", "Its numbers are given back.")
