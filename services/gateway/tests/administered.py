"""The owners as administrators meet them: billing with price lists that can be drafted and published. They read what
they are asked by the contract, so that what it forbids fails the test."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue_changes import Versions as CatalogueVersions
from patchbay_contracts.catalogue_changes import VersionsQuery as CatalogueVersionsQuery
from patchbay_contracts.price_lists import (
    Affected,
    AffectedQuery,
    Diff,
    DiffQuery,
    DraftQuery,
    ListedPrice,
    ListsQuery,
    PriceListVersion,
    PublishQuery,
    VersionQuery,
    Versions,
    VersionsQuery,
)

from .behind import Answers, Behind, price

TODAY = datetime.now(UTC).date()
Route = tuple[type[Any], Callable[[Any], BaseModel]]


def owner(routes: Mapping[str, Route]) -> Answers:
    """A service with these routes; what its functions refuse is answered as every service does."""

    async def answer(request: web.Request) -> web.StreamResponse:
        kind, function = routes[request.path]
        try:
            said = function(kind.model_validate_json(await request.read()))
        except ValidationError as error:
            problem = Problem(422, "The request is not valid", errors=problems.faults(error))
        except Problem as refused:
            problem = refused
        else:
            return web.Response(body=said.model_dump_json().encode(), content_type="application/json")
        return web.json_response(problem.body, status=problem.status, content_type=problems.KIND)

    return answer


def listed(type_: str, setup: str, monthly: str, grade: str | None = None) -> ListedPrice:
    return ListedPrice.model_validate({"service_type": type_, "grade": grade, "setup": setup, "monthly": monthly})


class PriceLists:
    """Billing, with a list of the house and one of acme's in force. It keeps drafts and notes whom it was asked for."""

    def __init__(self, behind: Behind) -> None:
        self.scopes = list[Any]()
        self.versions_: dict[str, list[PriceListVersion]] = {
            "standard-gbp": [_version("standard-gbp", None, listed("voice-line", "5", "8.5"))],
            "acme-gbp": [_version("acme-gbp", "acme", listed("voice-line", "4", "7"))],
        }
        behind.billing.answers = owner(
            {
                "/price-lists/list": (ListsQuery, self.all),
                "/price-lists/versions": (VersionsQuery, self.versions),
                "/price-lists/get": (VersionQuery, self.get),
                "/price-lists/affected": (AffectedQuery, self.affected),
                "/price-lists/diff": (DiffQuery, self.diff),
                "/price-lists/draft": (DraftQuery, self.draft),
                "/price-lists/publish": (PublishQuery, self.publish),
            }
        )
        behind.provisioning.answers = owner(
            {"/catalogue/versions": (CatalogueVersionsQuery, lambda _: CatalogueVersions())}
        )

    def newest(self, id_: str) -> PriceListVersion:
        return self.versions_[id_][-1]

    def someone_else_saves(self, id_: str) -> None:
        """Between what somebody reads and what he writes."""
        last = self.newest(id_)
        self.versions_[id_][-1] = last.model_copy(update={"revision": last.revision + 1, "changed_by": "operator:eve"})

    def draft_at(self, revision: int) -> None:
        """acme's list has a draft of that revision."""
        last = self.newest("acme-gbp")
        draft = {"version": 2, "state": "draft", "stands": "draft", "valid_from": None, "revision": revision}
        self.versions_["acme-gbp"].append(last.model_copy(update=draft))

    def all(self, asked: ListsQuery) -> Versions:
        self.scopes.append(asked.resellers)
        return Versions(versions=tuple(versions[0] for versions in self.versions_.values()))

    def versions(self, asked: VersionsQuery) -> Versions:
        if asked.price_list not in self.versions_:
            raise _fault(404, "/price_list", "there is no such price list")
        return Versions(versions=tuple(reversed(self.versions_[asked.price_list])))

    def get(self, asked: VersionQuery) -> PriceListVersion:
        return self._one(asked.price_list, asked.version)

    def affected(self, asked: AffectedQuery) -> Affected:
        of = {"reseller": "acme", "customers": 2, "services": 3, "numbers": 4}
        monthly = [{"amount": "25.5", "currency": "GBP"}]
        document = {"price_list": asked.price_list, "customers": 2, "resellers": [of | {"monthly": monthly}]}
        return Affected.model_validate(document)

    def diff(self, asked: DiffQuery) -> Diff:
        change = {"service_type": "voice-line", "change": "changed", "before": price("5", "8.5")}
        change |= {"after": price("6", "9"), "difference": price("1", "0.5")}
        before = self._one(asked.before.price_list, asked.before.version or 1)
        after = self._one(asked.after.price_list, asked.after.version)
        heads = {"before": before.model_dump(), "after": after.model_dump()}
        return Diff.model_validate(heads | {"changes": [change], "same": 1})

    def draft(self, asked: DraftQuery) -> PriceListVersion:
        self.scopes.append(asked.resellers)
        versions = self.versions_.setdefault(asked.price_list, [])
        last = versions[-1] if versions else None
        if (last.revision if last is not None and last.state == "draft" else 0) != asked.revision:
            raise _fault(409, "/revision", "it was changed meanwhile")
        number = last.version if last is not None and last.state == "draft" else len(versions) + 1
        kept = asked.model_dump(include={"price_list", "reseller", "name", "currency", "tax_note", "prices", "why"})
        kept |= {"version": number, "state": "draft", "stands": "draft", "revision": asked.revision + 1}
        made = PriceListVersion.model_validate(kept | {"changed_by": asked.by, "changed_at": datetime.now(UTC)})
        versions[number - 1 :] = [made]
        return made

    def publish(self, asked: PublishQuery) -> PriceListVersion:
        found = self._one(asked.price_list, asked.version)
        if found.revision != asked.revision:
            raise _fault(409, "/revision", "it was changed meanwhile")
        if asked.valid_from < TODAY:
            raise _fault(422, "/valid_from", "that day has passed")
        changes = {"state": "published", "stands": "in_force", "valid_from": asked.valid_from, "why": asked.why}
        made = found.model_copy(update=changes | {"valid_to": asked.valid_to, "changed_by": asked.by})
        self.versions_[asked.price_list][asked.version - 1] = made
        return made

    def _one(self, id_: str, number: int | None) -> PriceListVersion:
        for one in self.versions_.get(id_, ()):
            if one.version == number:
                return one
        raise _fault(404, "/version", "there is no such version")


def _version(id_: str, reseller: str | None, *prices: ListedPrice) -> PriceListVersion:
    return PriceListVersion(
        price_list=id_, version=1, reseller=reseller, name="Standard", currency="GBP", tax_note="plus VAT",
        state="published", stands="in_force", valid_from=date(2026, 1, 1), revision=1, prices=prices,
    )  # fmt: skip


def _fault(status: int, at: str, message: str) -> Problem:
    return Problem(status, "Not so", errors=[{"pointer": at, "message": message, "remedy": "do otherwise"}])
