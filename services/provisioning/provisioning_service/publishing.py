"""Rules for changing the catalogue without IO: who may replace, publish and retire what, and what it would change."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from patchbay_chassis.problems import Problem, pointer
from patchbay_contracts.catalogue import ServiceTypeEntry
from patchbay_contracts.catalogue_changes import (
    Affected,
    Difference,
    PublishVersion,
    RefusedService,
    RetireVersion,
    SaveDraft,
    Version,
    VersionListed,
)
from patchbay_contracts.words import parse_e164
from provisioning_service.catalogue import ServiceType, service_type, terms_hash
from provisioning_service.order_faults import overlaid
from provisioning_service.schema_faults import schema_faults
from provisioning_service.setting_faults import setting_faults

MOST_SAMPLE = 20


def version(row: Any, in_force: bool) -> Version:
    """A version as it stands in the table."""
    entry = ServiceTypeEntry.model_validate_json(row.entry)
    return Version(
        **{key: value for key, value in row.items() if key not in ("entry", "resellers")},
        in_force=in_force,
        name=entry.name,
        terms_version=entry.terms.version,
        resellers=entry.resellers,
        entry=entry,
        terms_hash=terms_hash(entry),
    )


def listed(of: Version) -> VersionListed:
    """The version in short."""
    return VersionListed.model_validate(of.model_dump())


def all_versions(rows: Sequence[Any], today: date) -> list[Version]:
    """Each version, and whether it is the one of its service type that is in force."""
    current = dict[str, tuple[date, int, date | None]]()
    for row in rows:
        if row.valid_from is None or row.valid_from > today or row.valid_to == row.valid_from:
            continue
        if row.valid_to is not None and row.valid_to < row.valid_from:
            continue
        here = (row.valid_from, row.version, row.valid_to)
        if row.service_type not in current or here[:2] > current[row.service_type][:2]:
            current[row.service_type] = here
    return [version(row, _holds(current.get(row.service_type), row.version, today)) for row in rows]


def _holds(current: tuple[date, int, date | None] | None, number: int, today: date) -> bool:
    return current is not None and current[1] == number and (current[2] is None or today < current[2])


def entry_problem(entry: ServiceTypeEntry) -> Problem | None:
    """Why an entry may not even be a draft."""
    errors = [
        {"pointer": f"/entry/settings_schema{fault.pointer}", "message": fault.message, "remedy": fault.remedy}
        for fault in schema_faults(entry.settings_schema)
    ]
    if entry.numbers.least > entry.numbers.most:
        message = "more numbers are needed than are taken"
        errors.append({"pointer": "/entry/numbers/least", "message": message, "remedy": "lower it, or raise most"})
    if both := set(entry.customers.needs) & set(entry.customers.excludes):
        message = f"{min(both)} is both needed and excluded"
        errors.append({"pointer": "/entry/customers/excludes", "message": message, "remedy": "drop one of the two"})
    return Problem(422, "The service type is not valid", errors=errors) if errors else None


def terms_problem(rows: Sequence[Any], entry: ServiceTypeEntry) -> Problem | None:
    """Why an entry may not be published beside those that were."""
    for row in rows:
        other = ServiceTypeEntry.model_validate_json(row.entry)
        if row.state != "draft" and other.terms.version == entry.terms.version and other.terms.text != entry.terms.text:
            message = f"version {entry.terms.version!r} of the terms has another text in version {row.version}"
            fault = {"pointer": "/entry/terms/version", "message": message, "remedy": "give the new text a new version"}
            return Problem(422, "The terms changed and their version did not", errors=[fault])
    return None


def stale(seen: int, now: int) -> Problem:
    """Somebody else was faster."""
    detail = f"It was changed meanwhile: revision {seen} was seen, it is {now}. Read it again, and decide anew."
    return Problem(409, "This version was changed meanwhile", detail)


def draft_of(rows: Sequence[Any], asked: SaveDraft) -> Any:
    """The draft to replace, or None for a new one. Raises Problem 409 if another one was seen."""
    draft = next((row for row in rows if row.state == "draft"), None)
    now = draft.revision if draft is not None else 0
    if asked.revision != now:
        raise stale(asked.revision, now)
    return draft


def same_draft(rows: Sequence[Any], asked: SaveDraft) -> Any:
    """The draft, if it is what this call would have made of the one before: it comes again."""
    draft = next((row for row in rows if row.state == "draft"), None)
    if draft is None or draft.revision != asked.revision + 1:
        return None
    return draft if ServiceTypeEntry.model_validate_json(draft.entry) == asked.entry else None


def draft(asked: SaveDraft, number: int, at: datetime) -> Version:
    """The draft as it would be."""
    return Version(
        service_type=asked.service_type,
        version=number,
        revision=asked.revision + 1,
        state="draft",
        in_force=False,
        name=asked.entry.name,
        terms_version=asked.entry.terms.version,
        resellers=asked.entry.resellers,
        changed_at=at,
        changed_by=asked.by,
        entry=asked.entry,
        terms_hash=terms_hash(asked.entry),
    )


def published(rows: Sequence[Any], asked: PublishVersion, today: date) -> Version | None:
    """The version as it is once it is published, or None if it is already. Raises Problem otherwise."""
    one = _named(rows, asked.service_type, asked.version)
    if one.state == "published" and one.valid_from == asked.valid_from and one.revision == asked.revision + 1:
        return None
    if one.state != "draft":
        detail = f"Version {asked.version} is {one.state}, from {one.valid_from} on. Make a new draft for a change."
        raise Problem(409, "This version was published before", detail)
    if one.revision != asked.revision:
        raise stale(asked.revision, one.revision)
    if asked.valid_from < today:
        raise _bad_date("valid_from", today)
    entry = ServiceTypeEntry.model_validate_json(one.entry)
    if problem := terms_problem(rows, entry) or entry_problem(entry):
        raise problem
    return version(one, False).model_copy(
        update={"state": "published", "valid_from": asked.valid_from, "changed_by": asked.by}
    )


def retired(rows: Sequence[Any], asked: RetireVersion, today: date) -> Version | None:
    """The version as it is once it is retired, or None if it is already. Raises Problem otherwise."""
    one = _named(rows, asked.service_type, asked.version)
    if one.state == "retired" and one.valid_to == asked.valid_to and one.revision == asked.revision + 1:
        return None
    if one.state == "draft":
        raise Problem(409, "This version is a draft", "It is not sold. Only what was published can be retired.")
    if one.revision != asked.revision:
        raise stale(asked.revision, one.revision)
    if asked.valid_to < today:
        raise _bad_date("valid_to", today)
    return version(one, False).model_copy(
        update={"state": "retired", "valid_to": asked.valid_to, "changed_by": asked.by}
    )


def _named(rows: Sequence[Any], id_: str, number: int) -> Any:
    for row in rows:
        if row.version == number:
            return row
    raise Problem(
        404,
        "No such version",
        f"{id_} has no version {number}. See the versions that there are.",
        code="no_such_version",
    )


def _bad_date(field: str, today: date) -> Problem:
    fault = {"pointer": f"/{field}", "message": "that day is past", "remedy": f"give {today} or a later day"}
    return Problem(422, "The catalogue of the past is not changed", errors=[fault])


def differences(before: ServiceTypeEntry, after: ServiceTypeEntry) -> tuple[Difference, ...]:
    """What is different, field by field; in the settings schema property by property."""
    one, other = dict(_fields(before)), dict(_fields(after))
    return tuple(
        Difference(
            pointer=at,
            what="added" if at not in one else "removed" if at not in other else "changed",
            before=one.get(at),
            after=other.get(at),
        )
        for at in dict.fromkeys([*one, *other])
        if at not in one or at not in other or orjson.dumps(one[at]) != orjson.dumps(other[at])
    )


def _fields(entry: ServiceTypeEntry) -> Iterator[tuple[str, Any]]:
    for name, value in entry.model_dump(mode="json").items():
        if name == "settings_schema":
            yield from _of_schema(value)
        elif isinstance(value, dict):
            yield from ((f"/{name}/{field}", inner) for field, inner in value.items())
        else:
            yield f"/{name}", value


def _of_schema(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword, value in schema.items():
        at = ("settings_schema", keyword)
        if keyword in ("properties", "dependentSchemas", "dependentRequired") and isinstance(value, dict):
            yield from ((pointer((*at, name)), inner) for name, inner in value.items())
        elif keyword == "required" and isinstance(value, list):
            yield from ((pointer((*at, str(name))), True) for name in value)
        else:
            yield pointer(at), value


def affected(of: Version, counts: dict[str, int], services: Sequence[Any], today: date) -> Affected:
    """What a version in force would mean for the services that are there."""
    type_ = service_type(of.service_type, of.entry, of.version, of.valid_from or today)
    refused = [found for one in services if (found := _refused(type_, one)) is not None]
    return Affected(
        services=sum(counts.values()),
        checked=len(services),
        refused=len(refused),
        sample=tuple(refused[:MOST_SAMPLE]),
        resellers=counts,
        losing=tuple(reseller for reseller in counts if not type_.sold_by(reseller)),
    )


def _refused(type_: ServiceType, service: Any) -> RefusedService | None:
    kept = orjson.loads(service.settings)
    by_number = {parse_e164(number): own for number, own in kept.get("settings_by_number", {}).items()}
    for _, settings in overlaid(kept.get("settings", {}), by_number, len(service.numbers)):
        for fault in setting_faults(type_, settings, ()):
            return RefusedService(
                id=service.id, reseller=service.reseller, pointer=pointer(fault.path), message=fault.message
            )
    return None
