"""What is asked about service types by those who look after them, and what OpenAPI says about it."""

from typing import Any

from pydantic import ConfigDict

from gateway_service import etags
from gateway_service.describing import Described, answers, content, object_of, ref, route
from gateway_service.reading_openapi import READING, page
from patchbay_contracts.catalogue import ServiceTypeEntry, Written
from patchbay_contracts.catalogue_changes import Affected, Diff, Version, VersionListed
from patchbay_contracts.message import Frozen
from patchbay_contracts.times import WrittenDay
from patchbay_contracts.words import Slug, Text

_WHY: dict[str, Any] = {"why": "a voicemail box for all"}
_DAY = "2099-01-01"
_ENTRY: dict[str, Any] = {
    "name": "Voice line", "description": "A line.", "included": ["Voicemail"],
    "settings_schema": {"type": "object", "properties": {"voicemail": {"type": "boolean"}}},
    "numbers": {"least": 1, "most": 10, "grades": [], "prefixes": [], "countries": ["44"]},
    "customers": {"needs": [], "excludes": [], "most_per_order": None, "most_per_customer": None},
    "terms": {"version": "1", "language": "en-GB", "text": "Pay."}, "resellers": ["acme"],
}  # fmt: skip


class ServiceTypeDraft(Written):
    """All that the next version of a service type says, and why it changes."""

    model_config = ConfigDict(json_schema_extra={"example": _WHY | {"entry": _ENTRY}})

    why: Text
    entry: ServiceTypeEntry


class PublishServiceType(Written):
    """From which day on it is sold, today or later, and why."""

    why: Text
    valid_from: WrittenDay


class RetireServiceType(Written):
    """From which day on it is not sold any more, today or later, and why."""

    why: Text
    valid_to: WrittenDay


class ServiceTypes(Frozen):
    """A service type's versions, the newest first, and whether the caller may change it."""

    service_type: Slug
    may_change: bool
    versions: tuple[VersionListed, ...]


class ServiceTypeVersion(Version):
    """A version of a service type, as those see it who look after it."""


class ServiceTypeDiff(Diff):
    """What differs between two versions of a service type."""


class ServiceTypeAffected(Affected):
    """What a version of a service type would touch."""


MODELS = (
    ServiceTypeDraft, PublishServiceType, RetireServiceType, ServiceTypes, ServiceTypeVersion, ServiceTypeDiff,
    ServiceTypeAffected,
)  # fmt: skip
_SHORT: dict[str, Any] = {
    "id": "voice-line", "name": "Voice line", "in_force": 1, "coming": [], "draft": 2, "may_change": True,
    "links": {"self": "/v1/service-types/voice-line"},
}  # fmt: skip
FIELDS = tuple(_SHORT)
_NUMBER = {"type": ["integer", "null"]}
_IN_SHORT = object_of(
    id={"type": "string"},
    name={"type": "string"},
    in_force={**_NUMBER, "description": "the version that is sold today"},
    coming={"type": "array", "items": {"type": "integer"}},
    draft=_NUMBER,
    may_change={"type": "boolean", "description": "whether this key may"},
    links={"type": "object"},
)
SCHEMAS = {
    "KeptServiceType": _IN_SHORT,
    "KeptServiceTypePage": object_of(
        service_types={"type": "array", "items": ref("KeptServiceType")}, next={"type": ["string", "null"]}
    ),
}
_LISTED: dict[str, Any] = {
    "service_type": "voice-line", "version": 2, "revision": 3, "state": "draft", "in_force": False,
    "valid_from": None, "valid_to": None, "name": "Voice line", "terms_version": "1", "resellers": ["acme"],
    "changed_at": "2026-06-01T12:00:00Z", "changed_by": "key:Catalogue",
}  # fmt: skip
_VERSION = _LISTED | {"entry": _ENTRY, "terms_hash": "a" * 64, "settings": []}
_DIFFERENCE: dict[str, Any] = {
    "pointer": "/settings_schema/properties/fax",
    "what": "added",
    "before": None,
    "after": {},
}
_SAMPLE = {
    "id": "0193f6a0-0000-7000-8000-0000000000d1", "reseller": "acme", "pointer": "/voicemail", "message": "not a text",
}  # fmt: skip
_AFFECTED: dict[str, Any] = {
    "services": 5, "checked": 5, "refused": 1, "sample": [_SAMPLE], "resellers": {"acme": 5}, "losing": [],
}  # fmt: skip
MISSING = ("no_such_version", "not_found")
WRITING = (
    "forbidden", "conflict", "version_changed", "too_large", "wrong_kind", "version_required", "too_many_requests",
)  # fmt: skip
_WHOSE = (
    " A key changes what its own reseller alone sells; with the scope `house` also what others sell. If somebody"
    " changed it since the revision in `If-Match`, 412. The same call again changes nothing."
)


def changing(  # noqa: PLR0917
    summary: str,
    description: str,
    asked: str,
    example: Any,
    answer: str,
    shown: Any,
    missing: tuple[str, ...] = MISSING,
) -> Described:
    """A route that changes a version: what is asked and answered, each with an example."""
    good = answers("As it is then", content(ref(answer), shown), *READING, *WRITING, *missing)
    return route(summary, description, good, content(ref(asked), example), [etags.SEEN])


ALL = page(
    "List service types to look after",
    "Those that you may see, by id: what is sold, what comes, and drafts. Needs a key with the scope `catalogue`.",
    "KeptServiceTypePage", "service_types", _SHORT,
)  # fmt: skip
VERSIONS = route(
    "List versions of a service type",
    "The newest first. `revision` counts the changes of a version.",
    answers(
        "The versions",
        content(ref("ServiceTypes"), {"service_type": "voice-line", "may_change": True, "versions": [_LISTED]}),
        *READING, "not_found",
    ),
)  # fmt: skip
VERSION = route(
    "Show a version of a service type",
    "With all that it says, and its revision as ETag.",
    answers("The version", content(ref("ServiceTypeVersion"), _VERSION), *READING, *MISSING),
)
DIFF = route(
    "Compare versions of a service type",
    "What is different from the version in force, or from `before`: field by field, of the settings each property.",
    answers("The differences", content(ref("ServiceTypeDiff"), {"differences": [_DIFFERENCE]}), *READING, *MISSING),
)
AFFECTED = route(
    "Show what a version of a service type affects",
    "Services keep their settings; those that are `refused` could not be ordered so any more. Only the newest `checked`"
    " of them were looked at. `losing`: who has services and may not sell it any more.",
    answers("What it affects", content(ref("ServiceTypeAffected"), _AFFECTED), *READING, *MISSING),
)
DRAFT = changing(
    "Save the draft of a service type",
    "Makes a draft, also of a new service type, or replaces the one that there is: `If-Match` names the draft's"
    ' revision, `"0"` where there is none. Nothing is sold by it until it is published.' + _WHOSE,
    "ServiceTypeDraft", _WHY | {"entry": _ENTRY}, "ServiceTypeVersion", _VERSION,
)  # fmt: skip
PUBLISH = changing(
    "Publish a version of a service type",
    "The draft comes into force on `valid_from`, and is never changed again: another one follows it." + _WHOSE,
    "PublishServiceType", _WHY | {"valid_from": _DAY}, "ServiceTypeVersion", _VERSION,
)  # fmt: skip
RETIRE = changing(
    "Retire a version of a service type",
    "It is not sold any more from `valid_to` on. Before it has come into force it never will, and the one before it"
    " stays." + _WHOSE,
    "RetireServiceType", _WHY | {"valid_to": _DAY}, "ServiceTypeVersion", _VERSION,
)  # fmt: skip
