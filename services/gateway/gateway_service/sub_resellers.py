"""Resellers below a reseller: a key of the upper one may act for a lower one that the request names."""

import time

from pydantic import ValidationError

from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import ResellersFound, ResellersGet

FRESH_FOR = 10.0
"""Seconds for which it is remembered who is below whom."""
MOST = 10_000


class SubResellers:
    """Asks the customer service, which keeps resellers, who is below whom."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    async def check(self, upper: str, lower: str) -> None:
        """Raises Problem 403 unless the lower one is directly below the upper one; whether it is there is not said."""
        until, is_below = self._known.get((upper, lower), (0.0, False))
        if time.monotonic() >= until:
            is_below = await self._ask(upper, lower)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[upper, lower] = time.monotonic() + FRESH_FOR, is_below
        if not is_below:
            detail = (
                "Patchbay-Reseller names no reseller directly below yours that is active. Leave it out, or correct it."
            )
            raise Problem(403, "Not for this reseller", detail, code="reseller_not_yours")

    async def _ask(self, upper: str, lower: str) -> bool:
        try:
            query = ResellersGet(ids=(lower,))
        except ValidationError:
            return False
        found = ResellersFound.model_validate_json(await self._upstream.ask("customer", "/resellers/get", query))
        return any(one.id == lower and one.parent == upper and one.state == "active" for one in found.resellers)
