"""How the service catalogue changes: versions, drafts, what is different between two, and who changed what.

Answered by provisioning over HTTP. A service type has versions; on each day at most one of them is in force.
"""

from datetime import date
from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from patchbay_contracts.catalogue import ServiceTypeEntry, Setting, Written
from patchbay_contracts.message import Frozen
from patchbay_contracts.words import Reseller, Slug, Text

VersionState = Literal["draft", "published", "retired"]
"""`published` from a date on; `retired`: published once, and not sold any more from `valid_to` on."""


class VersionsQuery(Written):
    """The versions of a service type, or of all: the newest first."""

    service_type: Slug | None = None


class VersionQuery(Written):
    """One version with everything."""

    service_type: Slug
    version: int = Field(ge=1)


class VersionListed(Frozen):
    """A version in short. `revision` counts its changes: who changes it says which one was seen. `resellers`: who may
    sell it; none named: all."""

    service_type: Slug
    version: int
    revision: int
    state: VersionState
    in_force: bool
    valid_from: date | None = None
    valid_to: date | None = None
    name: str
    terms_version: str
    resellers: tuple[Reseller, ...] = Field(default=(), exclude_if=not_)
    changed_at: AwareDatetime
    changed_by: str


class Versions(Frozen):
    """By service type, the newest first."""

    versions: tuple[VersionListed, ...] = ()


class Version(VersionListed):
    """A version with what it says. `settings` says the same as its `settings_schema`, for pages."""

    entry: ServiceTypeEntry
    terms_hash: str
    settings: tuple[Setting, ...] = ()


class _Change(Written):
    """Who changes something, and why; both are kept."""

    by: Text
    why: Text
    service_type: Slug


class SaveDraft(_Change):
    """Make a draft, or replace the one that there is. A service type has one draft at the most; `revision` is that of
    the draft that is replaced, 0 for a new one. With `dry_run` it is only answered what the draft would be, or why it
    could not be or could not be published as it is."""

    revision: int = Field(default=0, ge=0)
    entry: ServiceTypeEntry
    dry_run: bool = False


class _ChangeOfVersion(_Change):
    version: int = Field(ge=1)
    revision: int = Field(ge=1)


class PublishVersion(_ChangeOfVersion):
    """Have a draft come into force: on `valid_from`, today or later."""

    valid_from: date


class RetireVersion(_ChangeOfVersion):
    """Not to be sold from that day on, today or later. Before it has come into force it never will, and the one before
    it stays."""

    valid_to: date


class DiffQuery(Written):
    """What is different between two versions."""

    service_type: Slug
    before: int = Field(ge=1)
    after: int = Field(ge=1)


class Difference(Frozen):
    """A field that differs, by its place in the entry: of the schema each property, condition or requirement."""

    pointer: str
    what: Literal["added", "removed", "changed"]
    before: JsonValue = None
    after: JsonValue = None


class Diff(Frozen):
    """In the order of the entry's fields."""

    differences: tuple[Difference, ...] = ()


class RefusedService(Frozen):
    """A service whose settings the version would refuse, and the first reason."""

    id: UUID
    reseller: Reseller
    pointer: str
    message: str


class Affected(Frozen):
    """What publishing a version would touch. Services keep their settings; those in `refused` have some that could not
    be ordered so any more. Only the newest `checked` of them were looked at. `resellers`: services by reseller;
    `losing` have services and may not sell the type any more."""

    services: int
    checked: int
    refused: int
    sample: tuple[RefusedService, ...] = ()
    resellers: dict[Reseller, int] = Field(default_factory=dict)
    losing: tuple[Reseller, ...] = Field(default=(), exclude_if=not_)


class CatalogueLogQuery(Written):
    """Who changed what, of one service type or of all; the newest first. `after` is `next` of the answer before."""

    service_type: Slug | None = None
    after: UUID | None = None
    most: int = Field(default=50, ge=1, le=200)


class CatalogueLogEntry(Frozen):
    """One change."""

    id: UUID
    at: AwareDatetime
    by: str
    why: str
    what: Literal["drafted", "published", "retired"]
    service_type: Slug
    version: int
    detail: dict[str, JsonValue] = Field(default_factory=dict)


class CatalogueLog(Frozen):
    """A page."""

    entries: tuple[CatalogueLogEntry, ...] = ()
    next: UUID | None = None
