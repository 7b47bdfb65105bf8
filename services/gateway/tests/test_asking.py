"""What the gateway asks of the owners of customers, services, prices, numbers and mails."""

from typing import get_args

import pytest

from gateway_service.settings import settings
from gateway_service.upstream import Owner, Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import ResellersQuery

from .behind import Behind, Service, refuses, says

pytestmark = pytest.mark.usefixtures("behind")
OWNERS = get_args(Owner)
QUERY = ResellersQuery(text="acme")


def named(behind: Behind, owner: Owner) -> Service:
    service = getattr(behind, owner)
    assert isinstance(service, Service)
    return service


@pytest.mark.parametrize("owner", OWNERS)
async def test_each_owner_is_asked_at_its_own_address(behind: Behind, owner: Owner) -> None:
    named(behind, owner).answers = says({"from": owner})
    async with Upstream(settings()) as upstream:
        answer = await upstream.ask(owner, "/things/list", QUERY)
    assert answer.decode() == f'{{"from": "{owner}"}}'
    (call,) = named(behind, owner).asked
    assert (call.method, call.path, call.document["text"]) == ("POST", "/things/list", "acme")


@pytest.mark.parametrize("owner", OWNERS)
async def test_an_owner_that_is_gone_is_named(behind: Behind, owner: Owner) -> None:
    await named(behind, owner).go()
    async with Upstream(settings()) as upstream:
        with pytest.raises(Problem) as raised:
            await upstream.ask(owner, "/things/list", QUERY, "Look again later.")
    assert raised.value.status == 503
    assert raised.value.body["detail"] == f"The {owner} service did not answer. Look again later."


async def test_a_404_that_names_its_faults_is_a_refusal(behind: Behind) -> None:
    fault = {"pointer": "/id", "message": "you have no such customer", "remedy": "look for it"}
    behind.customer.answers = refuses(fault, status=404)
    async with Upstream(settings()) as upstream:
        with pytest.raises(Problem) as raised:
            await upstream.ask("customer", "/customers/get", QUERY)
    assert (raised.value.status, raised.value.body["errors"]) == (404, [fault])
