"""How far an operator's eyes reach: whose things he may see, and by what names."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway_service.pages import resellers
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import MOST_RESELLERS

FEW = 50
"""More resellers than these are no drop-down any more."""


class Reach(NamedTuple):
    """The resellers whose things somebody may see, with their names."""

    names: Mapping[str, str]

    @property
    def ids(self) -> tuple[str, ...]:
        """As owners are asked."""
        return tuple(self.names)

    @property
    def options(self) -> list[tuple[str, str]]:
        """For a drop-down; none, if there are too many for one."""
        return list(self.names.items()) if len(self.names) <= FEW else []

    def narrowed(self, reseller: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Whose things a list shows that is asked for one reseller's, or for all; and what is wrong with the choice."""
        if not reseller:
            return self.ids, {}
        return ((reseller,), {}) if reseller in self.names else ((), {"reseller": _("Choose from the list")})


async def of(upstream: Upstream, who: Operator) -> Reach:
    """Of that operator. Raises Problem 403 for one who may see nobody's. While the customer service is away, resellers
    are called by their ids; whoever sees those of all has to wait."""
    among = who.resellers
    try:
        found = () if among == () else (await resellers.found(upstream, among, limit=MOST_RESELLERS)).resellers
    except Problem as problem:
        if problem.status < 500 or among is None:
            raise
        return Reach({id_: id_ for id_ in among[:MOST_RESELLERS]})
    if not found:
        raise Problem(
            403, _("You have no resellers yet"), _("Ask an administrator of Patchbay for those you work for.")
        )
    return Reach({one.id: one.name for one in found})
