"""The service catalogue as provisioning answers about it, for administrators, and who may see and change what of it.

A service type belongs to everybody, and the house changes it; what only an operator's own resellers may sell
is his.
"""

from collections.abc import Sequence

from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Acting
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue_changes import (
    Affected,
    CatalogueLog,
    CatalogueLogQuery,
    Diff,
    DiffQuery,
    PublishVersion,
    RetireVersion,
    SaveDraft,
    Version,
    VersionListed,
    VersionQuery,
    Versions,
    VersionsQuery,
)
from patchbay_contracts.message import Frozen


class Shelves:
    """What an operator may see and change of the catalogue."""

    def __init__(self, upstream: Upstream, who: Acting) -> None:
        self._upstream, self.who = upstream, who

    async def all(self, service_type: str | None = None) -> Sequence[VersionListed]:
        """Versions that may be seen, of one service type or of all, by type, the newest first."""
        return [one for one in await self._there(service_type) if self.sees(one)]

    async def of_type(self, service_type: str) -> Sequence[VersionListed]:
        """The versions of a type. Raises Problem 404 for one that is not there, or not to be seen."""
        if not (found := await self.all(service_type)):
            raise Problem(404, _("There is no such service type"))
        return found

    async def exists(self, service_type: str) -> bool:
        """Whether the id is taken, by whomever."""
        return bool(await self._there(service_type))

    async def version(self, service_type: str, number: int) -> Version:
        """One version with everything. Raises Problem 404."""
        asked = VersionQuery(service_type=service_type, version=number)
        found = Version.model_validate_json(await self._ask("version", asked))
        if not self.sees(found):
            raise Problem(404, _("There is no such version"))
        return found

    async def diff(self, service_type: str, before: int, after: int) -> Diff:
        """What is different between two versions that may both be seen."""
        for number in (before, after):
            await self.version(service_type, number)
        asked = DiffQuery(service_type=service_type, before=before, after=after)
        return Diff.model_validate_json(await self._ask("diff", asked))

    async def affected(self, service_type: str, number: int) -> Affected:
        """What a version touches; of other operators' resellers nothing."""
        asked = VersionQuery(service_type=service_type, version=number)
        found = Affected.model_validate_json(await self._ask("affected", asked))
        if self.who.resellers is None:
            return found
        resellers = {one: many for one, many in found.resellers.items() if self.who.sees(one)}
        sample = tuple(one for one in found.sample if self.who.sees(one.reseller))
        losing = tuple(filter(self.who.sees, found.losing))
        services = sum(resellers.values())
        own = {"services": services, "checked": min(services, found.checked), "refused": len(sample)}
        return found.model_copy(update=own | {"sample": sample, "resellers": resellers, "losing": losing})

    async def log(self, service_type: str | None, after: str = "") -> CatalogueLog:
        """Who changed what, the newest first."""
        document = {"service_type": service_type, "after": after or None}
        return CatalogueLog.model_validate_json(await self._ask("log", CatalogueLogQuery.model_validate(document)))

    async def save(self, asked: SaveDraft) -> Version:
        """Write a draft. Raises Problem where provisioning refuses it."""
        return Version.model_validate_json(await self._ask("draft", asked))

    async def put_in_force(self, asked: PublishVersion) -> None:
        """Have it come into force. Raises Problem where provisioning refuses it."""
        await self._ask("publish", asked)

    async def retire(self, asked: RetireVersion) -> None:
        """Have it not sold any more. Raises Problem where provisioning refuses it."""
        await self._ask("retire", asked)

    def sees(self, version: VersionListed) -> bool:
        """Whether a version may be seen: by those who may sell it; a draft for all is the house's alone."""
        if self.who.resellers is None:
            return True
        if not version.resellers:
            return version.state != "draft"
        return any(map(self.who.sees, version.resellers))

    async def may_change(self, service_type: str) -> bool:
        """Whether all that the type ever was is the operator's own, or the operator the house."""
        if self.who.resellers is None:
            return True
        return service_type in await self.changeable(service_type)

    async def changeable(self, service_type: str | None = None) -> frozenset[str]:
        """Which of all types, or whether this one, may be changed."""
        versions = await self._there(service_type)
        others = {one.service_type for one in versions if not self.owns(one.resellers)}
        return frozenset(one.service_type for one in versions) - others

    async def check_may_change(self, service_type: str) -> None:
        """Raises Problem 404 or 403."""
        await self.of_type(service_type)
        if not await self.may_change(service_type):
            raise Problem(
                403, _("This service type is for other resellers too"),
                _("Only an operator who acts for all resellers may change it. Ask one of them."),
            )  # fmt: skip

    def owns(self, resellers: Sequence[str]) -> bool:
        """Whether what only these may sell is the operator's to change."""
        return self.who.resellers is None or (bool(resellers) and all(map(self.who.sees, resellers)))

    async def _there(self, service_type: str | None) -> Sequence[VersionListed]:
        answer = await self._ask("versions", VersionsQuery(service_type=service_type))
        return Versions.model_validate_json(answer).versions

    async def _ask(self, what: str, asked: Frozen) -> bytes:
        return await self._upstream.ask("provisioning", f"/catalogue/{what}", asked)


def draft_of(versions: Sequence[VersionListed]) -> VersionListed | None:
    """The draft, if there is one."""
    return next((one for one in versions if one.state == "draft"), None)


def in_force(versions: Sequence[VersionListed]) -> VersionListed | None:
    """The version that is sold today."""
    return next((one for one in versions if one.in_force), None)
