"""Webhooks are their reseller's own; no target lies inside the house; a secret is shown once and kept sealed."""

from base64 import b64decode
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiohttp import web

from gateway_service import webhook_targets
from gateway_service.settings import settings

from .conftest import BOREALIS, ORDERS_ONLY, Gateway
from .receiving import receiving, webhook

PUBLIC = "https://93.184.215.14/patchbay"


@pytest.fixture
def in_house(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_WEBHOOK_HTTP", "true")
    environment.setenv("PATCHBAY_WEBHOOK_NETWORKS", "127.0.0.0/8, ::1/128")
    settings.cache_clear()


async def test_a_webhook_is_made_shown_listed_changed_and_deleted(gateway: Gateway) -> None:
    made = await webhook(gateway, PUBLIC, types=["order.completed"], description="desk")
    assert len(b64decode(made["secret"].removeprefix("whsec_"))) == 32
    path = made["links"]["self"]
    shown = (await gateway.client.get(path)).json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert (await gateway.client.get("/v1/webhooks")).json() == {"webhooks": [shown]}
    changed = await gateway.client.patch(path, json={"types": [], "state": "disabled"})
    assert changed.json() == shown | {"types": [], "state": "disabled"}
    assert (await gateway.client.delete(path)).status_code == 204
    assert (await gateway.client.get(path)).status_code == 404


async def test_a_secret_is_kept_sealed_and_shown_once(gateway: Gateway) -> None:
    made = await webhook(gateway, PUBLIC)
    rotated = (await gateway.client.post(f"{made['links']['self']}/rotate", json={})).json()
    assert rotated["secret"] != made["secret"]
    kept = str(await gateway.rows("SELECT w::text, s::text FROM webhook w JOIN webhook_secret s ON webhook_id = id"))
    for secret in (made["secret"], rotated["secret"]):
        raw = b64decode(secret.removeprefix("whsec_"))
        assert secret.removeprefix("whsec_") not in kept
        assert raw.hex() not in kept
    for path in ("/v1/webhooks", made["links"]["self"], made["links"]["deliveries"]):
        assert "whsec_" not in (await gateway.client.get(path)).text


async def test_the_same_call_again_makes_no_second_webhook(gateway: Gateway) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = await gateway.client.post("/v1/webhooks", json={"url": PUBLIC}, headers=key)
    again = await gateway.client.post("/v1/webhooks", json={"url": PUBLIC}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await gateway.client.post("/v1/webhooks", json={"url": PUBLIC})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/webhook_exists")
    assert first.json()["id"] in other.json()["errors"][0]["remedy"]
    second = await webhook(gateway, PUBLIC + "/2")
    taken = await gateway.client.patch(second["links"]["self"], json={"url": PUBLIC})
    assert taken.status_code == 409


async def test_another_resellers_webhook_is_not_there(gateway: Gateway) -> None:
    made = await webhook(gateway, PUBLIC)
    path = made["links"]["self"]
    assert (await gateway.client.get("/v1/webhooks", headers={"X-API-Key": BOREALIS})).json() == {"webhooks": []}
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"state": "disabled"}),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate", {}),
        ("POST", f"{path}/test", None),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/redeliver", {"since": made["created_at"]}),
        ("POST", f"{path}/deliveries/{uuid4()}/redeliver", None),
    ):
        answers = [
            await gateway.client.request(method, one, json=body, headers={"X-API-Key": BOREALIS})
            for one in (where, where.replace(made["id"], str(uuid4())))
        ]
        assert [answer.status_code for answer in answers] == [404, 404], where
        answer = await gateway.client.request(method, where, json=body, headers={"X-API-Key": ORDERS_ONLY})
        assert answer.status_code == 403, where
    # Both may send to one URL: neither learns of the other.
    answer = await gateway.client.post("/v1/webhooks", json={"url": PUBLIC}, headers={"X-API-Key": BOREALIS})
    assert answer.status_code == 201
    assert (await gateway.client.get(path)).json()["state"] == "enabled"


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({"url": "http://example.com/"}, "/url", "https"),
        ({"url": "ftp://example.com/"}, "/url", "https"),
        ({"url": "example.com"}, "/url", "https"),
        ({"url": "https://"}, "/url", "host"),
        ({"url": "https://me:secret@example.com/"}, "/url", "password"),
        ({"url": "https://example.com/#top"}, "/url", "leave it out"),
        ({"url": "https://example.com:99999/"}, "/url", "URL"),
        ({"url": "https://exa mple.com/"}, "/url", "URL"),
        ({"url": "https://b\u00fccher.example/"}, "/url", "ASCII"),
        ({"url": "https://127.0.0.1/"}, "/url", "public"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url", "public"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "/url", "public"),
        ({"url": "https://localhost/"}, "/url", "public"),
        ({"url": "https://2130706433/"}, "/url", ""),
        ({"url": "https://0x7f.1/"}, "/url", ""),
        ({"url": "https://nowhere.invalid/"}, "/url", ""),
        ({"url": PUBLIC, "types": ["order.eaten"]}, "/types/0", ""),
        ({"url": PUBLIC, "secret": "whsec_"}, "/secret", "remove"),
        ({}, "/url", "add"),
    ],
)
async def test_what_is_no_webhook_is_refused_with_what_to_do(
    gateway: Gateway, body: dict[str, Any], pointer: str, says: str
) -> None:
    answer = await gateway.client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], says in f"{fault['message']} {fault['remedy']}") == (pointer, True), fault
    assert await gateway.rows("SELECT FROM webhook") == []


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.0.1", "127.8.8.8", "0.0.0.0", "169.254.1.1", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:192.168.0.1",
        "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_are_not_sent_to(environment: pytest.MonkeyPatch, address: str) -> None:
    assert not webhook_targets.is_allowed(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_public_addresses_are_sent_to(environment: pytest.MonkeyPatch, address: str) -> None:
    assert webhook_targets.is_allowed(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_a_target_is_checked_when_it_is_sent_to_whatever_it_was_when_it_was_made(
    in_house: None, environment: pytest.MonkeyPatch, gateway: Gateway, host: str
) -> None:
    """As when a name resolves to another address by then."""
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        made = await webhook(gateway, url)
        environment.setenv("PATCHBAY_WEBHOOK_NETWORKS", "")
        settings.cache_clear()
        tested = (await gateway.client.post(f"{made['links']['self']}/test")).json()
        assert (tested["delivered"], tested["status"], receiver.got) == (False, None, [])
        assert "events may be sent to" in tested["error"]


async def test_only_addresses_that_are_allowed_are_connected_to(
    in_house: None, environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_WEBHOOK_NETWORKS", "::1/128")
    settings.cache_clear()
    found = await webhook_targets.Checked().resolve("localhost", 80) if await has_v6() else []
    assert all(one["host"] == "::1" for one in found)
    environment.setenv("PATCHBAY_WEBHOOK_NETWORKS", "")
    settings.cache_clear()
    with pytest.raises(webhook_targets.Forbidden):
        await webhook_targets.Checked().resolve("localhost", 80)


async def has_v6() -> bool:
    try:
        return bool(await webhook_targets.Checked().resolve("localhost", 80))
    except webhook_targets.Forbidden:
        return False


async def test_a_test_says_what_came_back_and_is_told_nowhere(in_house: None, gateway: Gateway) -> None:
    async with receiving() as receiver:
        made = await webhook(gateway, receiver.url)
        receiver.answers = lambda _: web.Response(status=418, text="I am a teapot" + "!" * 10_000)
        tested = (await gateway.client.post(f"{made['links']['self']}/test")).json()
        assert (tested["delivered"], tested["status"]) == (False, 418)
        assert tested["answer"].startswith("I am a teapot!")
        (got,) = receiver.got
        said = got.verified(made["secret"])
        assert (said["id"], said["type"], said["reseller"]) == (tested["event"], "webhook.test", "acme")
    assert (await gateway.client.get("/v1/events")).json()["events"] == []
    assert (await gateway.client.get(made["links"]["deliveries"])).json() == {"deliveries": [], "next": None}
    gone = (await gateway.client.post(f"{made['links']['self']}/test")).json()
    assert (gone["delivered"], gone["error"]) == (False, "no connection could be made")


async def test_a_reseller_has_so_many_webhooks_and_secrets_and_no_more(
    environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_MOST_WEBHOOKS", "2")
    settings.cache_clear()
    made = [await webhook(gateway, f"{PUBLIC}/{at}") for at in range(2)]
    answer = await gateway.client.post("/v1/webhooks", json={"url": PUBLIC})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too_many_webhooks")
    rotated = [await _rotated(gateway, made[0]) for _ in range(5)]
    assert [answer.status_code for answer in rotated] == [200, 200, 200, 200, 409]
    assert (await _rotated(gateway, made[0], overlap_hours=200)).status_code == 422


async def _rotated(gateway: Gateway, of: dict[str, Any], **body: Any) -> httpx.Response:
    return await gateway.client.post(f"{of['links']['self']}/rotate", json=body)


async def test_a_secret_that_cannot_be_read_any_more_sends_nothing(in_house: None, gateway: Gateway) -> None:
    async with receiving() as receiver:
        made = await webhook(gateway, receiver.url)
        await gateway.do("UPDATE webhook_secret SET sealed = sealed || '\\x00'")
        tested = (await gateway.client.post(f"{made['links']['self']}/test")).json()
        assert (tested["delivered"], receiver.got) == (False, [])
        assert "secret" in tested["error"]


async def test_deliveries_are_listed_page_by_page(gateway: Gateway) -> None:
    made = await webhook(gateway, PUBLIC)
    path = made["links"]["deliveries"]
    await gateway.do(
        """INSERT INTO webhook_delivery SELECT $1::text::uuid,
               ('01997c1e-0000-7000-8000-00000000000' || n)::uuid, now(), 'order.failed', 1, n,
               CASE WHEN n = 3 THEN 'failed' ELSE 'delivered' END, 1, 204, 5, '', now(), now(), NULL
           FROM generate_series(1, 5) n""",
        made["id"],
    )
    first = (await gateway.client.get(path, params={"limit": 3})).json()
    rest = (await gateway.client.get(path, params={"limit": 3, "after": first["next"]})).json()
    assert [one["event"][-1] for one in first["deliveries"] + rest["deliveries"]] == list("54321")
    assert rest["next"] is None
    failed = (await gateway.client.get(path, params={"state": "failed"})).json()
    assert [one["event"][-1] for one in failed["deliveries"]] == ["3"]
    for bad in ({"after": "?"}, {"state": "lost"}, {"limit": "0"}):
        assert (await gateway.client.get(path, params=bad)).status_code == 422
    disabled = await gateway.client.patch(made["links"]["self"], json={"state": "disabled"})
    assert disabled.status_code == 200
    answer = await gateway.client.post(f"{path}/{first['deliveries'][0]['event']}/redeliver")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/webhook_disabled")
