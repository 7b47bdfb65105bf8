"""What the gateway asks of the owners of customers, services, prices, numbers and mails."""

import asyncio
from functools import partial
from typing import get_args
from uuid import uuid4

import pytest

from gateway_service import upstream as upstream_module
from gateway_service.settings import settings
from gateway_service.upstream import Away, Owner, Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import ResellersFound, ResellersQuery

from .behind import Behind, Service, refuses, says
from .conftest import Gateway
from .test_replicas import Clock

pytestmark = pytest.mark.usefixtures("behind")
OWNERS = get_args(Owner)
QUERY = ResellersQuery(text="acme")
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


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


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: few\r\n\r\n{}",
        JSON_HEAD + b'Content-Length: 100\r\n\r\n{"a":',
        JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":',
        JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nmany\r\n{}",
        JSON_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n\r\nno!",
    ],
)
@pytest.mark.parametrize("aborts", [True, False])
async def test_whatever_comes_back_is_an_answer_or_a_service_that_is_away(
    environment: pytest.MonkeyPatch, said: bytes, aborts: bool
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.transport.abort() if aborts else writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        environment.setenv("PATCHBAY_CUSTOMER_URL", f"http://127.0.0.1:{port}")
        settings.cache_clear()
        async with Upstream(settings()) as upstream:
            with pytest.raises(Problem) as raised:
                await upstream.ask("customer", "/things/list", QUERY)
    assert raised.value.status in {502, 503}


async def test_what_is_not_understood_is_a_fault_behind_the_gateway(behind: Behind, gateway: Gateway) -> None:
    behind.provisioning.answers = says({"services": [{"id": "no id"}]})
    answer = await gateway.client.get(f"/v1/services/{uuid4()}")
    assert (answer.status_code, answer.json()["type"]) == (502, "/problems/other_release")


async def test_an_owner_that_lets_one_wait_in_vain_is_waited_for_once(
    behind: Behind, environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.setenv("PATCHBAY_ANSWER_LIMIT", "PT0.05S")
    settings.cache_clear()
    clock = Clock()
    monkeypatch.setattr(upstream_module, "time", clock)
    behind.billing.answers = behind.silence
    async with Upstream(settings()) as upstream:
        for _ in range(3):
            with pytest.raises(Away) as raised:
                await upstream.ask("billing", "/things/list", QUERY)
            assert raised.value.service == "billing"
        assert len(behind.billing.asked) == 1
        behind.billing.answers = says({})
        clock.now += upstream_module.REST
        assert await upstream.ask("billing", "/things/list", QUERY) == b"{}"


async def test_while_an_owner_is_away_what_it_said_last_is_good_enough_for_who_says_so(behind: Behind) -> None:
    behind.customer.answers = says({"resellers": [], "more": True})
    async with Upstream(settings()) as upstream:
        ask = partial(upstream.recent.ask, "customer", "/resellers/list", QUERY, ResellersFound)
        assert (await ask()).more
        await behind.customer.go()
        assert (await ask(fresh_for=0, or_last=True)).more
        with pytest.raises(Away):
            await ask(fresh_for=0)
