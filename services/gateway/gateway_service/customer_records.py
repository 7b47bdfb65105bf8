"""Customers as the customer service tells of them, for whatever here speaks of one."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from gateway_service.draft import Draft
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import CustomerFound, CustomerRecord, CustomerRecords, CustomersGet


async def get(upstream: Upstream, resellers: Sequence[str], ids: Sequence[UUID]) -> tuple[CustomerRecord, ...]:
    """These customers, as far as they are there and the resellers'."""
    query = CustomersGet(resellers=tuple(resellers), ids=tuple(ids))
    return CustomerRecords.model_validate_json(await upstream.ask("customer", "/customers/get", query)).customers


async def names(upstream: Upstream, drafts: Sequence[Draft]) -> Mapping[UUID, str]:
    """What the customers of these drafts are called, by the draft: as typed, or as who was chosen is called. Nothing
    for nobody yet, and for who was chosen while the customer service is away."""
    chosen = [one for one in drafts if one.document.customer.kind == "existing"]
    ids = {id_ for one in chosen if (id_ := one.document.customer.id) is not None}
    called = await _called(upstream, {one.reseller for one in chosen}, ids)
    typed = {one.id: one.document.customer.name for one in drafts}
    return typed | {one.id: called.get(one.document.customer.id, "") for one in chosen}


async def _called(upstream: Upstream, resellers: Collection[str], ids: Collection[UUID]) -> Mapping[UUID | None, str]:
    try:
        found = await get(upstream, sorted(resellers), sorted(ids)) if ids else ()
    except Problem as problem:
        if problem.status < 500:
            raise
        return {}
    return {one.id: one.details.name for one in found}


def listed(one: CustomerRecord) -> CustomerFound:
    """A customer as a list shows it."""
    return CustomerFound(
        id=one.id,
        reseller=one.reseller,
        name=one.details.name,
        email=one.details.email,
        phone=one.details.phone,
        reference=one.details.reference,
        state=one.state,
        created_at=one.created_at,
    )
