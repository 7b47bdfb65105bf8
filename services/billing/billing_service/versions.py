"""Rules of price lists' versions without IO: how one stands, who may change which, what differs between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from billing_service import quoting
from billing_service.model import newest_begun
from patchbay_contracts.price_lists import (
    Diff,
    DraftQuery,
    ListedPrice,
    PriceChange,
    PriceListVersion,
    PublishQuery,
    Scope,
    Stands,
    VersionHead,
)
from patchbay_contracts.prices import Price
from patchbay_contracts.words import Grade

_GRADES = (None, *get_args(Grade))


@dataclass(frozen=True)
class Version:
    """A version of a price list, as those see it who look after it."""

    id: str
    version: int
    reseller: str | None
    name: str
    currency: str
    tax_note: str
    state: Literal["draft", "published"]
    valid_from: date | None
    valid_to: date | None
    revision: int
    changed_at: datetime | None
    changed_by: str | None
    why: str | None
    prices: tuple[ListedPrice, ...]


@dataclass(frozen=True)
class Refused:
    """Why a version cannot be written or published, and what to do. `status` as in HTTP."""

    status: int
    field: str
    message: str
    remedy: str


def sees(scope: Scope, version: Version) -> bool:
    """Whether somebody who acts for these resellers may see it: a draft of the house's is the house's alone."""
    if scope is None or version.reseller in scope:
        return True
    return version.reseller is None and version.state == "published"


def changes(scope: Scope, reseller: str | None) -> bool:
    """Whether somebody who acts for these resellers may change that reseller's lists (None: the house's)."""
    return scope is None or reseller in scope


def published(versions: Sequence[Version]) -> list[Version]:
    """The published ones, the oldest first."""
    return sorted((one for one in versions if one.state == "published"), key=lambda one: one.version)


def in_force(versions: Sequence[Version], day: date) -> Version | None:
    """The version by which can be bought on that day."""
    found = newest_begun(published(versions), day)
    return found if found is not None and day <= (found.valid_to or day) else None


def head(version: Version, versions: Sequence[Version], today: date) -> VersionHead:
    """A version without its prices."""
    return VersionHead.model_validate(_written(version, versions, today))


def whole(version: Version, versions: Sequence[Version], today: date) -> PriceListVersion:
    """A version with its prices."""
    ordered = sorted(version.prices, key=lambda price: (price.service_type, _GRADES.index(price.grade)))
    return PriceListVersion.model_validate(_written(version, versions, today) | {"prices": tuple(ordered)})


def _written(version: Version, versions: Sequence[Version], today: date) -> dict[str, object]:
    names = VersionHead.model_fields.keys() & Version.__dataclass_fields__.keys()
    return {name: getattr(version, name) for name in names} | {
        "price_list": version.id,
        "stands": _stands(version, versions, today),
        "ends": _ends(version, versions),
        "service_types": tuple(sorted({price.service_type for price in version.prices})),
    }


def _followers(version: Version, versions: Sequence[Version]) -> list[date]:
    return [one.valid_from for one in published(versions) if one.version > version.version and one.valid_from]


def _ends(version: Version, versions: Sequence[Version]) -> date | None:
    if version.state == "draft":
        return None
    followed = [day - timedelta(days=1) for day in _followers(version, versions)]
    return min((day for day in (version.valid_to, *followed) if day), default=None)


def _stands(version: Version, versions: Sequence[Version], today: date) -> Stands:
    if version.valid_from is None or version.state == "draft":
        return "draft"
    if any(day <= max(today, version.valid_from) for day in _followers(version, versions)):
        return "replaced"
    if version.valid_from > today:
        return "coming"
    return "ended" if version.valid_to is not None and version.valid_to < today else "in_force"


def drafted(asked: DraftQuery, versions: Sequence[Version]) -> Refused | Version | int:
    """The number of the version that the draft is; the draft itself if it stands so already; or why it cannot be."""
    if (refused := _not_theirs(asked, versions)) is not None:
        return refused
    draft = next((one for one in versions if one.state == "draft"), None)
    if draft is None:
        if asked.revision:
            return _stale(max(versions, key=lambda one: one.version, default=None))
        return max((one.version for one in versions), default=0) + 1
    if draft.revision == asked.revision:
        return draft.version
    repeated = draft.revision == asked.revision + 1 and draft.changed_by == asked.by and _same(draft, asked)
    return draft if repeated else _stale(draft)


def draft(asked: DraftQuery, number: int, at: datetime) -> Version:
    """The draft as it would be."""
    return Version(
        id=asked.price_list,
        version=number,
        reseller=asked.reseller,
        name=asked.name,
        currency=asked.currency,
        tax_note=asked.tax_note,
        state="draft",
        valid_from=None,
        valid_to=None,
        revision=asked.revision + 1,
        changed_at=at,
        changed_by=asked.by,
        why=asked.why,
        prices=asked.prices,
    )


def _not_theirs(asked: DraftQuery, versions: Sequence[Version]) -> Refused | None:
    first = versions[0] if versions else None
    if first is not None and not changes(asked.resellers, first.reseller):
        if first.reseller is None:
            return Refused(403, "price_list", "the list is the house's", "draft a list of your own")
        return Refused(409, "price_list", "the id is taken", "choose another")
    if not changes(asked.resellers, asked.reseller):
        return Refused(403, "reseller", "you may not change that reseller's lists", "name one of yours")
    if first is not None and first.reseller != asked.reseller:
        return Refused(422, "reseller", "a list stays its reseller's", "draft a new list with an id of its own")
    if first is not None and first.currency != asked.currency:
        message = f"the list is in {first.currency}, and stays so"
        return Refused(422, "currency", message, "draft a new list with an id of its own")
    return None


def _same(draft: Version, asked: DraftQuery) -> bool:
    now, then = (draft.name, draft.tax_note, set(draft.prices)), (asked.name, asked.tax_note, set(asked.prices))
    return now == then


def _stale(last: Version | None) -> Refused:
    by = f" by {last.changed_by}" if last is not None and last.changed_by else ""
    return Refused(409, "revision", f"it was changed meanwhile{by}", "load it again, and repeat your change")


def publishable(asked: PublishQuery, versions: Sequence[Version], today: date) -> Refused | Version:
    """The version, if it may be published so, or is already; or why not."""
    version = next((one for one in versions if one.version == asked.version and sees(asked.resellers, one)), None)
    if version is None:
        return Refused(404, "version", "there is no such version", "see its list's versions")
    if not changes(asked.resellers, version.reseller):
        return Refused(403, "price_list", "the list is the house's", "ask the house")
    if version.state == "published":
        if (version.valid_from, version.valid_to) == (asked.valid_from, asked.valid_to):
            return version
        return Refused(409, "version", "it is published, and is never changed again", "draft one that follows it")
    return _unready(asked, version, today) or version


def _unready(asked: PublishQuery, version: Version, today: date) -> Refused | None:
    if version.revision != asked.revision:
        return _stale(version)
    if not version.prices:
        return Refused(422, "version", "it has no prices", "add some to the draft")
    if asked.valid_from < today:
        return Refused(422, "valid_from", f"{asked.valid_from} has passed", f"choose {today} or a later day")
    return None


def differing(before: Version, after: Version) -> tuple[tuple[PriceChange, ...], int]:
    """The prices that differ, in order, and how many do not."""
    old, new = ({(price.service_type, price.grade): price for price in one.prices} for one in (before, after))
    found: list[PriceChange] = []
    same = 0
    for type_, grade in sorted(old.keys() | new.keys(), key=lambda key: (key[0], _GRADES.index(key[1]))):
        was = _price(old.get((type_, grade)), before.currency)
        is_ = _price(new.get((type_, grade)), after.currency)
        if was == is_:
            same += 1
            continue
        change: Literal["added", "removed", "changed"] = (
            "added" if was is None else "removed" if is_ is None else "changed"
        )
        less = None
        if was is not None and is_ is not None and before.currency == after.currency:
            (less,) = quoting.added((is_, *quoting.added((was,), -1)))
        found.append(
            PriceChange(service_type=type_, grade=grade, change=change, before=was, after=is_, difference=less)
        )
    return tuple(found), same


def _price(listed: ListedPrice | None, currency: str) -> Price | None:
    return None if listed is None else quoting.of(listed.setup, listed.monthly, currency)


def diff(before: Version, after: Version, versions: Sequence[Sequence[Version]], today: date) -> Diff:
    """Two versions side by side; `versions`: all of the list of each."""
    found, same = differing(before, after)
    heads = [head(one, all_, today) for one, all_ in zip((before, after), versions, strict=True)]
    return Diff(before=heads[0], after=heads[1], changes=found, same=same)
