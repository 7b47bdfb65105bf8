"""Price lists as billing answers about them, for whoever looks after prices. None of it is kept here."""

from collections.abc import Sequence
from typing import Literal

from gateway_service.pages.people import Acting
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.catalogue_changes import Versions as CatalogueVersions
from patchbay_contracts.catalogue_changes import VersionsQuery as CatalogueVersionsQuery
from patchbay_contracts.message import Frozen
from patchbay_contracts.price_lists import (
    Affected,
    AffectedQuery,
    Diff,
    DiffQuery,
    DraftQuery,
    ListsQuery,
    PriceListVersion,
    PublishQuery,
    VersionHead,
    VersionQuery,
    VersionRef,
    Versions,
    VersionsQuery,
)


class Books:
    """What an operator may see and change of the price lists."""

    def __init__(self, upstream: Upstream, who: Acting) -> None:
        self._upstream, self.who = upstream, who

    async def lists(self) -> Sequence[VersionHead]:
        """Each list by its version in force, or else its newest."""
        return Versions.model_validate_json(
            await self._ask("list", ListsQuery(resellers=self.who.resellers, all=True))
        ).versions

    async def versions(self, id_: str) -> Sequence[VersionHead]:
        """The versions of a list, the newest first. Raises Problem 404 for a list that is not there."""
        asked = VersionsQuery(resellers=self.who.resellers, price_list=id_)
        return Versions.model_validate_json(await self._ask("versions", asked)).versions

    async def version(self, id_: str, number: int) -> PriceListVersion:
        """One version with its prices."""
        asked = VersionQuery(resellers=self.who.resellers, price_list=id_, version=number)
        return PriceListVersion.model_validate_json(await self._ask("get", asked))

    async def affected(self, id_: str) -> Affected:
        """Whose charges are by the list."""
        asked = AffectedQuery(resellers=self.who.resellers, price_list=id_)
        return Affected.model_validate_json(await self._ask("affected", asked))

    async def diff(self, before: VersionRef, after: VersionRef) -> Diff:
        """What is different."""
        asked = DiffQuery(resellers=self.who.resellers, before=before, after=after)
        return Diff.model_validate_json(await self._ask("diff", asked))

    async def save(self, asked: DraftQuery) -> PriceListVersion:
        """Write a draft. Raises Problem where billing refuses it."""
        return PriceListVersion.model_validate_json(await self._ask("draft", asked))

    async def put_in_force(self, asked: PublishQuery) -> PriceListVersion:
        """Publish it. Raises Problem where billing refuses it."""
        return PriceListVersion.model_validate_json(await self._ask("publish", asked))

    async def service_types(self) -> Sequence[str]:
        """What may be typed where a service type is wanted; without the catalogue nothing is suggested."""
        resellers = self.who.resellers
        try:
            if resellers is None:
                answer = await self._upstream.ask("provisioning", "/catalogue/versions", CatalogueVersionsQuery())
                found = {one.service_type for one in CatalogueVersions.model_validate_json(answer).versions}
            elif resellers:
                asked = CatalogueQuery(resellers=resellers)
                answer = await self._upstream.ask("provisioning", "/catalogue/list", asked)
                found = {one.service_type for one in Catalogue.model_validate_json(answer).service_types}
            else:
                found = set()
        except Problem:
            return ()
        return sorted(found)

    def may_change(self, of: VersionHead) -> bool:
        """Whether the list is the operator's to change: a reseller's own, or for the house any."""
        return self.who.resellers is None or (of.reseller is not None and self.who.sees(of.reseller))

    async def _ask(self, what: Literal["list", "versions", "get", "affected", "diff", "draft", "publish"],
                   asked: Frozen) -> bytes:  # fmt: skip
        return await self._upstream.ask("billing", f"/price-lists/{what}", asked)


def draft_of(versions: Sequence[VersionHead]) -> VersionHead | None:
    """The draft, if there is one."""
    return next((one for one in versions if one.state == "draft"), None)


def in_force(versions: Sequence[VersionHead]) -> VersionHead | None:
    """The version by which one buys today."""
    return next((one for one in versions if one.stands == "in_force"), None)
