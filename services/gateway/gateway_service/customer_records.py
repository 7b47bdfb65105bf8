"""Customers as the customer service tells of them, for whatever here speaks of one."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from gateway_service.draft import Draft
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import CustomerFound, CustomerRecord, CustomerRecords, CustomersGet, Details

Known = Mapping[UUID | None, Details]
Names = Mapping[UUID | None, str]


async def get(upstream: Upstream, resellers: Sequence[str], ids: Sequence[UUID]) -> tuple[CustomerRecord, ...]:
    """These customers, as far as they are there and the resellers'."""
    query = CustomersGet(resellers=tuple(resellers), ids=tuple(ids))
    return CustomerRecords.model_validate_json(await upstream.ask("customer", "/customers/get", query)).customers


async def details(upstream: Upstream, resellers: Sequence[str], ids: Iterable[UUID | None]) -> Known:
    """Who they are, by id, as far as they are there and the resellers'."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    return {one.id: one.details for one in await get(upstream, resellers, wanted)} if wanted else {}


async def called(upstream: Upstream, resellers: Sequence[str], ids: Iterable[UUID | None]) -> Names:
    """What they are called, by id; nothing while the customer service is away."""
    try:
        known = await details(upstream, resellers, ids)
    except Problem as problem:
        if problem.status < 500:
            raise
        return {}
    return {id_: one.name for id_, one in known.items()}


async def names(upstream: Upstream, drafts: Sequence[Draft]) -> Mapping[UUID, str]:
    """What the customers of these drafts are called, by the draft: as typed, or as who was chosen is called. Nothing
    for nobody yet, and for who was chosen while the customer service is away."""
    chosen = [one for one in drafts if one.document.customer.kind == "existing"]
    of = sorted({one.reseller for one in chosen})
    known = await called(upstream, of, (one.document.customer.id for one in chosen))
    typed = {one.id: one.document.customer.name for one in drafts}
    return typed | {one.id: known.get(one.document.customer.id, "") for one in chosen}


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
