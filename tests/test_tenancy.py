"""What a reseller names that is another's, in whatever he writes, is answered like what was never there."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import orjson
import pytest

from tests.documents import EXISTING, Document, existing, line, new_number, order
from tests.suite import Suite, eventually
from tests.test_dry_runs import publish
from tests.test_quotes import quoted

pytestmark = pytest.mark.timeout(240)

Ids = Mapping[str, str]
TMF = "/tmf-api/serviceOrdering/v4"
INVENTORY = "/tmf-api/serviceInventoryManagement/v4/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"
NDJSON, JSON = "application/x-ndjson", "application/json"
VOICE = {
    "serviceSpecification": {"id": "voice-line"},
    "serviceCharacteristic": [{"name": "priceList", "value": "standard-gbp"}],
}
ELSEWHERE = {"state": "active", "serviceSpecification": {"id": "leased-line"}}
PRICED = {"service_type": "voice-line", "price_list": "standard-gbp"}
NUMBER = line(numbers={"exact": ["{number}"]})
TRUNK = {"service_type": "sip-trunk", "price_list": "standard-gbp", "settings": {"channels": 4}}
"""Without numbers: which are free, and what they cost, is another thing from one moment to the next."""
CHANGING = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|20\d\d-[-0-9T:.]+(Z|[+]00:00)?|\"(age_ms|changes|matching|total)\":\d+"
)
"""What is another in each answer: ids, times, and how many numbers are free by then."""
OUTCOME = ("step", "reason", "detail", "setup", "monthly")


class Write(NamedTuple):
    """Something that names a thing: `{}` is its id, wherever it stands."""

    of: str
    path: str
    body: Document
    method: str = "POST"


def party(id_: str) -> Document:
    return {"relatedParty": [{"role": "customer", "id": id_}]}


def tmf(action: str, **service: Any) -> Document:
    return {"serviceOrderItem": [{"id": "1", "action": action, "service": service}]}


def owned(kind: str, **more: Any) -> Document:
    return {"owner": {"kind": kind, "id": "{}"}} | more


ORDERS = [
    ("customer", order(TRUNK, customer=existing("{}"))),
    ("quote", order(TRUNK, quote="{}")),
    ("price_list", order(TRUNK | {"price_list": "{}"})),
    ("service_type", order(TRUNK | {"service_type": "{}"})),
    ("preview", order(TRUNK, preview="{}")),
    ("basket", order(NUMBER, held_by="{}")),
    ("draft", order(TRUNK, held_by="{}")),
]
WRITES = [
    *(Write(of, path, document) for of, document in ORDERS for path in ("/v1/orders", "/v1/orders/dry-run")),
    *(Write(of, "/v1/orders/bulk", document) for of, document in ORDERS),
    Write("batch", "/v1/orders/bulk?batch={}", order(TRUNK)),
    Write("batch", "/v1/orders/bulk?batch={}&from=2", order(TRUNK)),
    Write("customer", "/v1/numbers/search", {"prefix": "+44", "count": 1, "customer_id": "{}", "pools": ["customer"]}),
    Write("price_list", "/v1/numbers/search", {"prefix": "+44", "count": 1, "price_list": "{}"}),
    Write("basket", "/v1/numbers/holds/list", owned("basket")),
    Write("basket", "/v1/numbers/holds/extend", owned("basket", numbers=["{number}"])),
    Write("basket", "/v1/numbers/holds/release", owned("basket", numbers=["{number}"])),
    Write("basket", "/v1/numbers/holds", owned("basket", numbers=["{number}"])),
    Write("customer", "/v1/quotes", owned("customer", lines=[PRICED])),
    Write("price_list", "/v1/quotes/preview", {"lines": [PRICED | {"price_list": "{}"}]}),
    Write("service_type", "/v1/quotes/preview", {"lines": [PRICED | {"service_type": "{}"}]}),
    Write("price_list", "/v1/quotes/compare", {"lines": [PRICED], "instead": ["{}"]}),
    Write("customer", "/v1/drafts/{draft}/customer", {"kind": "existing", "id": "{}"}, "PUT"),
    Write("price_list", "/v1/drafts/{draft}/services/b", PRICED | {"price_list": "{}"}, "PUT"),
    Write("service_type", "/v1/drafts/{draft}/services/b", PRICED | {"service_type": "{}"}, "PUT"),
    Write("order", f"{TMF}/cancelServiceOrder", {"serviceOrder": {"id": "{}"}}),
    Write("by_hand", f"{TMF}/cancelServiceOrder", {"serviceOrder": {"id": "{}"}}),
    Write("customer", f"{TMF}/serviceOrder", tmf("add", **VOICE) | party("{}")),
    Write("service_type", f"{TMF}/serviceOrder", tmf("add", **VOICE | {"serviceSpecification": {"id": "{}"}})),
    Write("service", f"{TMF}/serviceOrder", tmf("modify", id="{}", state="inactive")),
    Write("service", f"{TMF}/serviceOrder", tmf("delete", id="{}")),
    Write("customer", INVENTORY, ELSEWHERE | party("{}")),
    Write("taken_in", INVENTORY, ELSEWHERE | {"supportingResource": [{"id": "{}"}]}),
]


async def made(suite: Suite) -> dict[str, str]:
    """What acme has, by its id."""
    number, far = new_number(), "+49" + new_number()[3:]
    done = await suite.ended(order(line(), customer=existing()))
    found = {"customer": EXISTING, "order": done["id"], "service": done["outcome"]["services"][0]["id"]}
    found |= {"quote": await quoted(suite), "batch": str(uuid4()), "basket": str(uuid4()), "number": number}
    found |= {"price_list": f"list-{uuid4().hex[:8]}", "service_type": f"type-{uuid4().hex[:8]}", "taken_in": far}
    today = datetime.now(UTC).date()
    schema = {"type": "object", "additionalProperties": False}
    entry = {"name": "Own line", "settings_schema": schema, "numbers": {"most": 2}, "resellers": ["acme"]}
    entry |= {"terms": {"version": "1", "text": "Pay."}}
    await publish(suite, f"/v1/service-types/{found['service_type']}", today, entry=entry)
    prices = [{"service_type": "voice-line", "grade": None, "setup": "10.0000", "monthly": "5.0000"}]
    own: Document = {"name": "Own", "currency": "GBP", "reseller": "acme", "prices": prices}
    await publish(suite, f"/v1/prices/{found['price_list']}", today, **own)
    async with suite.client() as client:

        async def post(path: str, body: Any, name: str = "id") -> str:
            answer = await client.post(path, json=body)
            assert answer.status_code < 300, answer.text
            return str(answer.json().get(name))

        found["preview"] = await post("/v1/orders/dry-run", order(line()), "preview")
        found["draft"] = await post("/v1/drafts", {})
        found["by_hand"] = await post(f"{TMF}/serviceOrder", tmf("add", serviceSpecification={"id": "fibre-access"}))
        await post("/v1/numbers/holds", {"owner": {"kind": "basket", "id": found["basket"]}, "numbers": [number]})
        await post(RESOURCES, {"name": far})
        bulk = {"content": orjson.dumps(order(line())), "headers": {"Content-Type": NDJSON}}
        assert (await client.post(f"/v1/orders/bulk?batch={found['batch']}", **bulk)).status_code == 200  # type: ignore[arg-type]
    return found


async def test_what_is_anothers_is_answered_like_what_was_never_there_in_all_that_is_written(suite: Suite) -> None:
    theirs = await made(suite)
    nobodys = {name: str(uuid4()) for name in theirs} | {"number": theirs["number"], "taken_in": "+493012345678"}
    nobodys |= {name: f"none-{uuid4().hex[:8]}" for name in ("price_list", "service_type")}
    different = []
    async with suite.client(suite.stack.api_key_2) as rival:
        for one in WRITES:
            answers = [await answered(rival, one, ids) for ids in (theirs, nobodys)]
            if answers[0] != answers[1]:
                different.append((one.method, one.path, one.of, *answers))
    assert not different, "\n".join(map(str, different))
    async with suite.client() as acme:
        owner = {"owner": {"kind": "basket", "id": theirs["basket"]}}
        held = (await acme.post("/v1/numbers/holds/list", json=owner)).json()["held"]
        assert (await acme.post("/v1/numbers/holds/release", json=owner)).status_code == 200
        assert (await acme.delete(f"{RESOURCES}/{theirs['taken_in']}")).status_code == 204
    assert [one["e164"] for one in held] == [theirs["number"]]
    await suite.balanced()


async def answered(rival: httpx.AsyncClient, one: Write, ids: Ids) -> tuple[int, str, str]:
    """Status, text, and what came of the order, if it is one; without what differs from call to call."""
    draft = (await rival.post("/v1/drafts", json={})).json()
    path = one.path.replace("{}", ids[one.of]).replace("{draft}", draft["id"])
    body = orjson.dumps(one.body).decode().replace("{}", ids[one.of]).replace("{number}", ids["number"])
    headers = {"Content-Type": NDJSON if "bulk" in path else JSON, "If-Match": f'"{draft["version"]}"'}
    answer = await rival.request(one.method, path, content=body, headers=headers)
    end = ""
    if answer.status_code == 202 or '"state":"accepted"' in answer.text:
        end = await outcome(rival, answer.json()["id"])
    return answer.status_code, _plain(answer.text, ids), _plain(end, ids)


async def outcome(rival: httpx.AsyncClient, id_: str) -> str:
    async def ended() -> Document | None:
        shown = (await rival.get(f"/v1/orders/{id_}")).json()
        return dict(shown["outcome"]) if shown["state"] in ("completed", "failed") else None

    found = await eventually(ended)
    assert found is not None
    return str({name: found.get(name) for name in OUTCOME})


def _plain(text: str, ids: Ids) -> str:
    for name in ids.values():
        text = text.replace(name, "")
    return CHANGING.sub("", text)
