"""Customers as the customer service tells of them, for whatever here speaks of one."""

from collections.abc import Sequence
from uuid import UUID

from gateway_service.upstream import Upstream
from patchbay_contracts.customers import CustomerFound, CustomerRecord, CustomerRecords, CustomersGet


async def get(upstream: Upstream, resellers: Sequence[str], ids: Sequence[UUID]) -> tuple[CustomerRecord, ...]:
    """These customers, as far as they are there and the resellers'."""
    query = CustomersGet(resellers=tuple(resellers), ids=tuple(ids))
    return CustomerRecords.model_validate_json(await upstream.ask("customer", "/customers/get", query)).customers


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
