"""Provisioning as administrators meet it: a service type for all in force, and one that only acme may sell."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import ServiceTypeEntry, Setting
from patchbay_contracts.catalogue_changes import (
    Affected,
    CatalogueLog,
    CatalogueLogEntry,
    CatalogueLogQuery,
    Diff,
    DiffQuery,
    PublishVersion,
    RetireVersion,
    SaveDraft,
    Version,
    VersionQuery,
    Versions,
    VersionsQuery,
)

from .administered import TODAY, owner
from .behind import Behind

SERVICE = UUID("00000000-0000-7000-8000-0000000000aa")
SCHEMA = {"type": "object", "properties": {"voicemail": {"type": "boolean", "title": "Voicemail"}}}
ENTRY = ServiceTypeEntry.model_validate(
    {
        "name": "Voice line",
        "description": "A telephone line.\n\nFor one desk.",
        "included": ["One line"],
        "settings_schema": SCHEMA,
        "numbers": {"least": 1, "most": 2, "grades": ["gold"]},
        "customers": {"excludes": ["fax-to-email"]},
        "terms": {"version": "1", "text": "Be fair.\n"},
    }
)


class Catalogue:
    """It keeps drafts, and refuses a schema that has `badly` in it."""

    def __init__(self, behind: Behind) -> None:
        acme = ENTRY.model_copy(update={"resellers": ("acme",), "name": "Acme line"})
        self.versions_ = {"voice-line": [_version("voice-line", ENTRY)], "acme-line": [_version("acme-line", acme)]}
        self.noted = list[CatalogueLogEntry]()
        behind.provisioning.answers = owner(
            {
                "/catalogue/versions": (VersionsQuery, self.versions),
                "/catalogue/version": (VersionQuery, self.version),
                "/catalogue/draft": (SaveDraft, self.draft),
                "/catalogue/publish": (PublishVersion, self.publish),
                "/catalogue/retire": (RetireVersion, self.retire),
                "/catalogue/diff": (DiffQuery, self.diff),
                "/catalogue/affected": (VersionQuery, self.affected),
                "/catalogue/log": (CatalogueLogQuery, self.log),
            }
        )

    def newest(self, id_: str) -> Version:
        return self.versions_[id_][-1]

    def someone_else_saves(self, id_: str) -> None:
        last = self.newest(id_)
        self.versions_[id_][-1] = last.model_copy(update={"revision": last.revision + 1, "changed_by": "operator:eve"})

    def draft_at(self, revision: int) -> None:
        """The service type for all has a draft of that revision."""
        draft = {"version": 2, "state": "draft", "in_force": False, "valid_from": None, "revision": revision}
        self.versions_["voice-line"].append(self.newest("voice-line").model_copy(update=draft))

    def versions(self, asked: VersionsQuery) -> Versions:
        found = [v for id_, all_ in self.versions_.items() for v in reversed(all_) if asked.service_type in (None, id_)]
        return Versions.model_validate({"versions": [v.model_dump() for v in found]})

    def version(self, asked: VersionQuery) -> Version:
        for one in self.versions_.get(asked.service_type, ()):
            if one.version == asked.version:
                return one
        raise Problem(404, "No such version", errors=[{"pointer": "/version", "message": "none", "remedy": "other"}])

    def draft(self, asked: SaveDraft) -> Version:
        if "badly" in str(asked.entry.settings_schema):
            at = "/entry/settings_schema/properties/badly"
            fault = {"pointer": at, "message": "there is no such keyword", "remedy": "remove it"}
            raise Problem(422, "The service type is not valid", errors=[fault])
        all_ = self.versions_.setdefault(asked.service_type, [])
        draft = all_[-1] if all_ and all_[-1].state == "draft" else None
        if (draft.revision if draft else 0) != asked.revision:
            raise Problem(409, "This version was changed meanwhile", "Read it again.")
        number = draft.version if draft else len(all_) + 1
        of = {
            "version": number,
            "revision": asked.revision + 1,
            "state": "draft",
            "in_force": False,
            "valid_from": None,
        }
        made = _version(asked.service_type, asked.entry).model_copy(update=of | {"changed_by": asked.by})
        all_[number - 1 :] = [made]
        self._note(asked, "drafted", number)
        return made

    def publish(self, asked: PublishVersion) -> Version:
        if asked.valid_from < TODAY:
            fault = {"pointer": "/valid_from", "message": "that day is past", "remedy": "give a later day"}
            raise Problem(422, "Not in the past", errors=[fault])
        return self._move(asked, state="published", in_force=True, valid_from=asked.valid_from)

    def retire(self, asked: RetireVersion) -> Version:
        return self._move(asked, state="retired", in_force=False, valid_to=asked.valid_to)

    def diff(self, _: DiffQuery) -> Diff:
        changes = [
            {"pointer": "/name", "what": "changed", "before": "Voice line", "after": "<b>Line</b>"},
            {"pointer": "/settings_schema/properties/voicemail", "what": "changed", "before": {}, "after": {}},
            {"pointer": "/resellers", "what": "changed", "before": ["acme"], "after": []},
        ]
        return Diff.model_validate({"differences": changes})

    def affected(self, _: VersionQuery) -> Affected:
        sample = [
            {"id": SERVICE, "reseller": "acme", "pointer": "/voicemail", "message": "not a text"},
            {"id": uuid4(), "reseller": "borealis", "pointer": "/voicemail", "message": "of borealis"},
        ]
        counts = {"services": 5, "checked": 5, "refused": 2, "resellers": {"acme": 2, "borealis": 3}}
        return Affected.model_validate(counts | {"sample": sample, "losing": ["borealis"]})

    def log(self, asked: CatalogueLogQuery) -> CatalogueLog:
        return CatalogueLog(entries=tuple(one for one in self.noted if one.service_type == asked.service_type))

    def _move(self, asked: Any, **changes: Any) -> Version:
        found = self.version(VersionQuery(service_type=asked.service_type, version=asked.version))
        if found.revision != asked.revision:
            raise Problem(409, "This version was changed meanwhile", "Read it again.")
        made = found.model_copy(update=changes)
        self.versions_[asked.service_type][asked.version - 1] = made
        self._note(asked, changes["state"], asked.version)
        return made

    def _note(self, asked: Any, what: str, number: int) -> None:
        of = {"id": uuid4(), "at": datetime.now(UTC), "by": asked.by, "why": asked.why, "what": what}
        of |= {"service_type": asked.service_type, "version": number, "detail": {"revision": 1}}
        self.noted.append(CatalogueLogEntry.model_validate(of))


def _version(id_: str, entry: ServiceTypeEntry) -> Version:
    default = '"default":true' in json.dumps(entry.settings_schema, separators=(",", ":"))
    return Version(
        service_type=id_, version=1, revision=1, state="published", in_force=True, valid_from=date(2026, 1, 1),
        name=entry.name, terms_version=entry.terms.version, resellers=entry.resellers, changed_at=datetime.now(UTC),
        changed_by="seed", entry=entry, terms_hash="a" * 64,
        settings=(Setting(name="voicemail", kind="yes_no", title="Voicemail", default=default),),
    )  # fmt: skip
