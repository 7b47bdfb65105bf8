"""All owners at once as the pages meet them, in memory that can be put back; they note what they were told to write."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from aiohttp import web

from patchbay_contracts.catalogue_changes import SaveDraft
from patchbay_contracts.operations import StuckOrders
from patchbay_contracts.price_lists import DraftQuery

from .administered import PriceLists, listed
from .behind import Answers, Behind, says
from .catalogued import ENTRY, Catalogue
from .clerk import Clerk
from .conftest import Gateway
from .everybody import Everybody
from .owners import PRODUCT
from .registry import AT, DETAILS, SERVICE
from .serving import NUMBERS, a_service
from .templated import MailTemplates

STUCK = UUID("00000000-0000-7000-8000-00000000057c")
SUSPENDED, BLOCKED = UUID("00000000-0000-7000-8000-0000000005d5"), UUID("00000000-0000-7000-8000-0000000000b1")
READS = {
    "affected", "by-number", "compare", "diff", "extend", "get", "list", "log", "of-service", "preview", "prices",
    "search", "stuck", "terms", "validity", "version", "versions",
}  # fmt: skip
"""How the paths of questions end; whatever else an owner is asked changes something."""
SETTINGS: list[dict[str, Any]] = [
    {"name": "greeting", "kind": "text", "title": "Greeting", "description": "What callers hear"},
    {"name": "voicemail", "kind": "yes_no", "title": "Voicemail"},
    {"name": "rings", "kind": "number", "title": "Rings", "least": 1, "most": 20, "whole": True},
    {"name": "codec", "kind": "choice", "title": "Codec", "choices": [{"value": "g711", "title": "G.711"},
                                                                      {"value": "opus", "title": "Opus"}]},
    {"name": "hours", "kind": "time_plan", "title": "Hours"},
    {"name": "busy_to", "kind": "destination", "title": "When busy", "destinations": ["number", "voicemail"]},
    {"name": "code", "kind": "text", "title": "Code"},
]  # fmt: skip


class WholeSite(Everybody):
    """What every page needs: drafts and versions in force of service types and price lists, templates, a service that
    is active and one that is suspended, a customer who is blocked, an order that is stuck. `written`: what was
    changed, by path."""

    def __init__(self, behind: Behind) -> None:
        self.written = list[tuple[str, Any]]()
        self.catalogue, self.lists, self.templates = Catalogue(behind), PriceLists(behind), MailTemplates(behind)
        special = {"billing": behind.billing.answers, "notifier": behind.notifier.answers}
        Catalogue.__init__(self.catalogue, behind)
        special["provisioning"] = behind.provisioning.answers
        super().__init__(behind)
        self.product = self.owners.product = PRODUCT | {"settings": SETTINGS}
        self.services[SERVICE] = a_service(numbers=NUMBERS[:2])
        self.services[SUSPENDED] = a_service(id=SUSPENDED, numbers=NUMBERS[2:4], state="suspended")
        blocked = self.record("acme", DETAILS | {"reference": "B-1"}, BLOCKED)
        self.customers[BLOCKED] = blocked.model_copy(update={"state": "blocked"})
        for name in ("customer", "provisioning", "billing", "notifier", "numbers"):
            service = getattr(behind, name)
            service.answers = self._noting(name, special.get(name), service.answers)
        _drafts(self.catalogue, self.lists)
        self._kept = self._state()

    def _noting(self, owner: str, special: Answers | None, general: Answers) -> Answers:
        async def answer(request: web.Request) -> web.StreamResponse:
            if request.path == "/validity" and owner != "customer":  # one warning is enough
                return await says({"findings": []})(request)
            if request.path.startswith("/inventory/"):
                return await self._of_inventory(request, general)
            asked = json.loads(await request.read())
            of_a_template = request.path != "/templates/preview" or asked.get("template") is not None
            try:
                said = await (special if special and of_a_template else general)(request)
            except KeyError:  # none of its routes
                said = await general(request)
            if said.status < 300 and request.path.rpartition("/")[2] not in READS:
                self.written.append((request.path, asked))
            return said

        return answer

    async def _of_inventory(self, request: web.Request, general: Answers) -> web.StreamResponse:
        said = await general(request)
        if request.method != "GET" and said.status < 300:
            sent: Any = (await request.read()).decode(errors="replace")
            document = json.loads(sent) if request.content_type == "application/json" else sent
            self.written.append((request.path, [dict(request.query), document]))
        return said

    def _said(self, path: str, asked: dict[str, Any]) -> Any:
        return _stuck() if path == "/sagas/stuck" else super()._said(path, asked)

    def _state(self) -> list[dict[str, Any]]:
        """What they remember."""
        return [_copied(vars(one)) for one in (self, self.owners, self.catalogue, self.lists, self.templates)]

    def restore(self) -> None:
        """All is as it was when the site was made."""
        self.written.clear()
        for one, kept in zip((self, self.owners, self.catalogue, self.lists, self.templates), self._kept, strict=True):
            for name, value in kept.items():
                setattr(one, name, _copied(value))

    def keep(self) -> None:
        """From now on it is put back to what it is now."""
        self.written.clear()
        self._kept = self._state()


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items() if name != "_kept"}
    if isinstance(value, list | set):
        return type(value)(_copied(one) for one in value)
    return value


def _drafts(catalogue: Catalogue, lists: PriceLists) -> None:
    """One of the service type of all, one of the price list of all."""
    of: Mapping[str, Any] = {"by": "operator:eve", "why": "a better name", "revision": 0}
    catalogue.draft(SaveDraft.model_validate({**of, "service_type": "voice-line", "entry": ENTRY.model_dump()}))
    prices = (listed("voice-line", "5", "9"), listed("voice-line", "10", "1", "gold"))
    one = {"price_list": "standard-gbp", "name": "Standard", "currency": "GBP", "tax_note": "plus VAT"}
    lists.draft(
        DraftQuery.model_validate({**of, **one, "resellers": None, "prices": [price.model_dump() for price in prices]})
    )


def _stuck() -> StuckOrders:
    of = {"order_id": STUCK, "reseller": "acme", "kind": "order", "begun_at": AT, "moved_at": AT, "mended": ()}
    why = {"failed_step": "billing", "reason": "timed_out", "detail": "no answer", "waits_for": ()}
    return StuckOrders.model_validate({"orders": [of | why]})


async def clerk_of(site: WholeSite, gateway: Gateway) -> Clerk:
    """Somebody who may do everything."""
    clerk = Clerk(gateway, site.owners)
    await clerk.sign_in(resellers=("*",))
    return clerk
