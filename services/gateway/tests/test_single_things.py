"""Single things of the API: shown with an ETag, and nobody else's."""

from typing import Any
from uuid import uuid4

import pytest

from patchbay_contracts.problem_catalogue import BY_CODE

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .posted import order
from .registry import ADA, SERVICE
from .shelves import HELD, QUOTES, Shelves

OTHER = uuid4()
QUOTE = next(iter(QUOTES))
THINGS = {
    f"/v1/customers/{ADA}": f"/v1/customers/{OTHER}",
    f"/v1/customers/{ADA}/account": f"/v1/customers/{OTHER}/account",
    f"/v1/services/{SERVICE}": f"/v1/services/{OTHER}",
    f"/v1/quotes/{QUOTE}": f"/v1/quotes/{OTHER}",
    "/v1/price-lists/acme-gbp": "/v1/price-lists/none",
    "/v1/numbers/+441214960000": "/v1/numbers/+441214969999",
    f"/v1/numbers/{HELD[0]}": "/v1/numbers/441214969999",
    f"/v1/mails/{SERVICE}/service_created?to=ada%2Bo'b@example.com": f"/v1/mails/{OTHER}/service_created?to=a@b.org",
}
SHARED = ("/v1/catalogue/voice-line", "/v1/catalogue/voice-line/terms", "/v1/price-lists/standard-gbp")


@pytest.fixture
def shelves(behind: Behind) -> Shelves:
    return Shelves(behind)


async def test_what_somebody_has_already_is_not_sent_again(shelves: Shelves, gateway: Gateway) -> None:
    for path in [*THINGS, *SHARED]:
        answer = await gateway.client.get(path)
        assert answer.status_code == 200, answer.text
        tag = answer.headers["etag"]
        for given in (tag, f'"other", W/{tag}', "*"):
            again = await gateway.client.get(path, headers={"If-None-Match": given})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert (await gateway.client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200, path


async def test_an_order_has_another_etag_once_it_moved(gateway: Gateway) -> None:
    place = (await gateway.client.post("/v1/orders", json=order())).headers["location"]
    before = await gateway.client.get(place)
    await gateway.do("UPDATE orders SET state = 'delayed'")
    after = await gateway.client.get(place, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["state"]) == (200, "delayed")


async def test_another_resellers_is_answered_like_what_is_not_there(shelves: Shelves, gateway: Gateway) -> None:
    for path, none in THINGS.items():
        theirs = await gateway.client.get(path, headers={"X-API-Key": BOREALIS})
        not_there = await gateway.client.get(none, headers={"X-API-Key": BOREALIS})
        assert theirs.status_code == not_there.status_code == 404, path
        for name in ("type", "title", "status"):
            assert theirs.json()[name] == not_there.json()[name], path
        assert theirs.json()["type"].removeprefix("/problems/") in BY_CODE.keys() - {"not_found"}, path


async def test_exactly_the_fields_that_are_named_are_shown(shelves: Shelves, gateway: Gateway) -> None:
    for path in (path for path in [*THINGS, *SHARED] if not path.endswith("terms")):
        named = list((await gateway.client.get(path)).json())[1:3]
        sign = "&" if "?" in path else "?"
        assert list((await gateway.client.get(f"{path}{sign}fields={','.join(named)}")).json()) == named, path
        refused = await gateway.client.get(f"{path}{sign}fields=colour")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "fields"), path


async def test_what_the_house_says_of_a_price_list_among_itself_stays_there(shelves: Shelves, gateway: Gateway) -> None:
    shown = await gateway.client.get("/v1/price-lists/standard-gbp")
    assert (shown.status_code, shown.json()["price_list"]) == (200, "standard-gbp")
    assert "zoe" not in shown.text
    assert "we earn too little" not in shown.text


async def change(gateway: Gateway, body: dict[str, Any], **headers: str) -> Any:
    return await gateway.client.patch(f"/v1/customers/{ADA}", json=body, headers=headers)


async def test_a_customer_is_changed_where_it_is_named_and_nowhere_else(shelves: Shelves, gateway: Gateway) -> None:
    was = (await gateway.client.get(f"/v1/customers/{ADA}")).json()
    changed = await change(gateway, {"phone": "0121 496 0001", "reference": None}, **{"If-Match": '"3"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"4"')
    assert changed.json() == was | {"phone": "0121 496 0001", "reference": None, "version": 4}
    asked = shelves.asked["/customers/change"][-1]
    assert (asked["by"], asked["resellers"], asked["version"]) == ("key:test", ["acme"], 3)


async def test_a_change_of_a_customer_that_somebody_else_changed_is_refused(shelves: Shelves, gateway: Gateway) -> None:
    assert (await change(gateway, {"phone": None})).json()["type"] == "/problems/version_required"
    shelves.refusals["/customers/change"] = (409, {"title": "Somebody else changed it"})
    stale = await change(gateway, {"phone": None}, **{"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["type"], stale.headers["etag"]) == (412, "/problems/version_changed", '"3"')


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": None}, "/name"),
    ({"email": "nobody"}, "/email"),
    ({"colour": "red"}, "/colour"),
    ({"state": "blocked"}, "/why"),
    ({"contacts": [{"name": "Bob"}]}, "/contacts/0/email"),
)


async def test_a_change_that_cannot_be_meant_is_refused_where_it_stands(shelves: Shelves, gateway: Gateway) -> None:
    for body, pointer in WRONG:
        answer = await change(gateway, body, **{"If-Match": '"3"'})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body
    assert "/customers/change" not in shelves.asked


async def test_a_reference_that_is_taken_is_refused_where_it_stands(shelves: Shelves, gateway: Gateway) -> None:
    fault = {"pointer": "/details/reference", "message": "taken", "remedy": "another"}
    shelves.refusals["/customers/change"] = (422, {"errors": [fault]})
    answer = await change(gateway, {"reference": "B-1"}, **{"If-Match": '"3"'})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reference")


async def test_another_resellers_customer_cannot_be_changed(shelves: Shelves, gateway: Gateway) -> None:
    answer = await change(gateway, {"phone": None}, **{"If-Match": '"3"', "X-API-Key": BOREALIS})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no_such_customer")
    assert "/customers/change" not in shelves.asked
