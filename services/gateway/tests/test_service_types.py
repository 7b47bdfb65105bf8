"""Service types are looked after by programs as by administrators: drafted, compared, published, retired."""

from typing import Any

import httpx
import pytest

from gateway_service import key_queries
from gateway_service.key_form import hashed

from .administered import TODAY
from .behind import Behind
from .catalogued import ENTRY, Catalogue
from .conftest import Gateway

Body = dict[str, Any]
ENTRY_: Body = ENTRY.model_dump(mode="json") | {"name": "Voice line, new"}
DRAFT: Body = {"why": "a better name", "entry": ENTRY_}
TYPES, VOICE = "/v1/service-types", "/v1/service-types/voice-line"
NEW, SEEN = {"If-Match": '"0"'}, {"If-Match": '"1"'}


@pytest.fixture
def catalogue(behind: Behind) -> Catalogue:
    return Catalogue(behind)


async def keeper(gateway: Gateway, reseller: str = "acme", *scopes: str) -> httpx.AsyncClient:
    """A client whose key looks after the catalogue and prices of that reseller."""
    key = f"keeper-{reseller}-{'-'.join(scopes)}"
    async with gateway.database.transaction() as db:
        await key_queries.seed(db, hashed(key), reseller, "keeper", ["catalogue", "prices", *scopes])
    gateway.client.headers["X-API-Key"] = key
    return gateway.client


async def test_the_house_drafts_publishes_and_retires(catalogue: Catalogue, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    saved = await house.put(f"{VOICE}/draft", json=DRAFT, headers=NEW)
    assert (saved.status_code, saved.headers["etag"], saved.json()["version"]) == (200, '"1"', 2)
    assert saved.json()["entry"]["name"] == "Voice line, new"
    differences = (await house.get(f"{VOICE}/versions/2/diff")).json()["differences"]
    where = ["/name", "/settings_schema/properties/voicemail", "/resellers"]
    assert [one["pointer"] for one in differences] == where
    assert (await house.get(f"{VOICE}/versions/2/affected")).json()["resellers"] == {"acme": 2, "borealis": 3}
    publish = {"why": "agreed", "valid_from": str(TODAY)}
    published = await house.post(f"{VOICE}/versions/2/publish", json=publish, headers=SEEN)
    assert (published.status_code, published.json()["state"]) == (200, "published")
    retire = {"why": "too dear", "valid_to": str(TODAY)}
    assert (await house.post(f"{VOICE}/versions/2/retire", json=retire, headers=SEEN)).json()["state"] == "retired"
    assert [(one.what, one.by, one.why) for one in catalogue.noted] == [
        ("drafted", "key:keeper", "a better name"),
        ("published", "key:keeper", "agreed"),
        ("retired", "key:keeper", "too dear"),
    ]


async def test_two_who_change_the_same_do_not_overwrite_each_other(catalogue: Catalogue, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    assert (await house.put(f"{VOICE}/draft", json=DRAFT)).status_code == 428
    await house.put(f"{VOICE}/draft", json=DRAFT, headers=NEW)
    catalogue.someone_else_saves("voice-line")
    for answer in (
        await house.put(f"{VOICE}/draft", json=DRAFT, headers=SEEN),
        await house.post(f"{VOICE}/versions/2/publish", json={"why": "now", "valid_from": str(TODAY)}, headers=SEEN),
    ):
        assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')
        assert answer.json()["type"] == "/problems/version_changed"
    fresh = await house.put(f"{TYPES}/fax-line/draft", json=DRAFT, headers=SEEN)
    assert (fresh.status_code, fresh.headers["etag"]) == (412, '"0"')


async def test_what_is_wrong_is_said_with_its_place(catalogue: Catalogue, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    badly = DRAFT | {"entry": ENTRY_ | {"settings_schema": {"properties": {"badly": {}}}}}
    refused = await house.put(f"{VOICE}/draft", json=badly, headers=NEW)
    assert refused.json()["errors"][0]["pointer"] == "/entry/settings_schema/properties/badly"
    slip = await house.put(f"{VOICE}/draft", json=DRAFT | {"entry": ENTRY_ | {"nmae": "x"}}, headers=NEW)
    assert (slip.status_code, slip.json()["errors"][0]["pointer"]) == (422, "/entry/nmae")
    await house.put(f"{VOICE}/draft", json=DRAFT, headers=NEW)
    past = await house.post(f"{VOICE}/versions/2/publish", json={"why": "w", "valid_from": "2020-01-01"}, headers=SEEN)
    assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/valid_from")
    for path in ("/versions/9", "/versions/9/affected", "/versions/9/diff"):
        assert (await house.get(VOICE + path)).status_code == 404


async def test_a_reseller_changes_what_it_alone_sells(catalogue: Catalogue, gateway: Gateway) -> None:
    acme = await keeper(gateway)
    rows = (await acme.get(TYPES)).json()["service_types"]
    assert [(row["id"], row["in_force"], row["may_change"]) for row in rows] == [
        ("acme-line", 1, True),
        ("voice-line", 1, False),
    ]
    assert (await acme.put(f"{VOICE}/draft", json=DRAFT, headers=NEW)).status_code == 403
    own = f"{TYPES}/acme-line/draft"
    for resellers in ([], ["acme", "borealis"]):
        refused = await acme.put(own, json=DRAFT | {"entry": ENTRY_ | {"resellers": resellers}}, headers=NEW)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/entry/resellers")
    mine = DRAFT | {"entry": ENTRY_ | {"resellers": ["acme"]}}
    assert (await acme.put(own, json=mine, headers=NEW)).status_code == 200
    affected = (await acme.get(f"{TYPES}/acme-line/versions/2/affected")).json()
    assert (affected["resellers"], len(affected["sample"])) == ({"acme": 2}, 1)
    assert (await acme.get(f"{VOICE}")).json()["versions"][0]["changed_by"] == ""


async def test_what_others_alone_sell_is_not_there(catalogue: Catalogue, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    await house.put(f"{VOICE}/draft", json=DRAFT, headers=NEW)
    borealis = await keeper(gateway, "borealis")
    assert [row["id"] for row in (await borealis.get(TYPES)).json()["service_types"]] == ["voice-line"]
    for path in ("acme-line", "acme-line/versions/1", "acme-line/versions/1/diff", "voice-line/versions/2"):
        assert (await borealis.get(f"{TYPES}/{path}")).status_code == 404
    mine = DRAFT | {"entry": ENTRY_ | {"resellers": ["borealis"]}}
    taken = await borealis.put(f"{TYPES}/acme-line/draft", json=mine, headers=NEW)
    assert (taken.status_code, "taken" in taken.json()["title"]) == (409, True)
    move = {"why": "w", "valid_from": str(TODAY)}
    assert (await borealis.post(f"{TYPES}/acme-line/versions/1/publish", json=move, headers=SEEN)).status_code == 404


async def test_without_the_scope_nothing_is_seen(catalogue: Catalogue, gateway: Gateway) -> None:
    assert (await gateway.client.get(TYPES)).status_code == 403
    assert (await gateway.client.get("/v1/prices")).status_code == 403


async def test_service_types_are_found_by_their_names_and_by_what_comes(catalogue: Catalogue, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    await house.put(f"{TYPES}/fax-line/draft", json=DRAFT, headers=NEW)
    for query, found in (
        ({"state": "draft"}, ["fax-line"]),
        ({"state": "coming"}, []),
        ({"text": "voice LINE", "state": "in_force"}, ["voice-line"]),
        ({"text": "trunk"}, []),
    ):
        answer = await house.get(TYPES, params=query)
        assert [one["id"] for one in answer.json()["service_types"]] == found, query
