"""What a problem's `type` leads to."""

from patchbay_contracts.problem_catalogue import KINDS

from .behind import Behind, refuses
from .conftest import Gateway
from .posted import order

NO_KEY = {"X-API-Key": ""}


async def test_the_type_of_a_problem_leads_to_what_it_means(gateway: Gateway) -> None:
    problem = (await gateway.client.post("/v1/orders", json=order(lines={}))).json()
    assert problem["type"] == "/problems/invalid_order"
    explained = (await gateway.client.get(problem["type"], headers=NO_KEY)).json()
    assert (explained["type"], explained["title"], explained["status"]) == (
        problem["type"], problem["title"], problem["status"],
    )  # fmt: skip
    assert explained["remedy"]


async def test_people_get_a_page_of_each_and_of_all(gateway: Gateway) -> None:
    page = {"Accept": "text/html"} | NO_KEY
    listed = (await gateway.client.get("/problems", headers=page)).text
    assert all(f'href="{kind.type}"' in listed for kind in KINDS)
    one = await gateway.client.get(KINDS[0].type, headers=page)
    assert (one.status_code, KINDS[0].title in one.text) == (200, True)
    assert (await gateway.client.get("/problems/none", headers=page)).status_code == 404


async def test_a_problem_of_an_owner_of_an_older_release_gets_the_type_of_its_status(
    behind: Behind, gateway: Gateway
) -> None:
    behind.numbers.answers = refuses({"pointer": "/query/numbers", "message": "no", "remedy": "others"})
    asked = {"owner": {"kind": "basket", "id": "00000000-0000-7000-8000-00000000ba5c"}}
    answer = await gateway.client.post("/v1/numbers/holds/list", json=asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
