"""Orders and drafts are held to what billing knows: a quote is used once, a limit counts the numbers as well."""

from typing import Any
from uuid import uuid4

import httpx

from tests.documents import Document, existing, line, new_number, order
from tests.suite import Suite

GRADES = ("platinum", "gold", "silver", "bronze", "standard")


async def quoted(suite: Suite) -> str:
    """A quote for a voice line with one number of any grade, as billing makes it for the gateway."""
    one = {"service_type": "voice-line", "price_list": "standard-gbp", "numbers": dict.fromkeys(GRADES, 1)}
    body = {"reseller": "acme", "owner": {"kind": "draft", "id": str(uuid4())}, "lines": [one]}
    async with httpx.AsyncClient(base_url=suite.stack.url("billing", "1")) as billing:
        answer = await billing.post("/quotes", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_an_order_uses_its_quote_and_a_second_one_is_undone(suite: Suite) -> None:
    quote = await quoted(suite)
    first = await suite.ended(order(line(), quote=quote))
    assert first["state"] == "completed"
    second = await suite.ended(order(line(), quote=quote))
    assert (second["state"], second["outcome"]["reason"]) == ("failed", "quote_used")
    used = await suite.rows("billing", "SELECT used_by FROM quote WHERE id = $1", quote)
    assert [str(row[0]) for row in used] == [first["id"]]
    await suite.balanced()


async def test_an_order_with_a_quote_that_nobody_made_is_undone(suite: Suite) -> None:
    shown = await suite.ended(order(line(), quote=str(uuid4())))
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "unknown_quote")
    assert "quote again" in shown["outcome"]["detail"]
    await suite.balanced()


async def test_a_draft_is_told_that_the_price_of_its_number_goes_beyond_the_customers_limit(suite: Suite) -> None:
    first = await suite.ended(order(line()))
    customer = first["outcome"]["customer_id"]
    await suite.rows(
        "billing",
        "UPDATE account SET credit_currency = 'GBP', credit_limit = ($2 || '')::numeric"
        " + (SELECT sum(monthly) FROM charge WHERE customer_id = $1) WHERE customer_id = $1",
        customer,
        "8.60",  # the service alone costs 8.50, and the cheapest number 1.00
    )
    number = new_number()
    async with suite.client() as client:
        draft = Drafting(client, (await client.post("/v1/drafts", json={})).json())
        await draft.put("customer", {"kind": "existing", "id": customer})
        await draft.put("services/a", {"service_type": "voice-line", "price_list": "standard-gbp"})
        assert await draft.found() == set()
        await draft.post("services/a/numbers", {"numbers": [number]})
        assert await draft.found() == {"billing.credit_exceeded"}
    ordered = order(line(numbers={"exact": [number]}), customer=existing(customer), held_by=draft.id)
    ended = await suite.ended(ordered)
    assert ended["outcome"]["reason"] == "credit_exceeded"


class Drafting:
    """A program that works on a draft."""

    def __init__(self, client: httpx.AsyncClient, draft: dict[str, Any]) -> None:
        self._client, self._draft = client, draft
        self.id = draft["id"]
        self._path = f"/v1/drafts/{self.id}"

    async def put(self, path: str, body: Document) -> None:
        await self._write("PUT", path, body)

    async def post(self, path: str, body: Document) -> None:
        await self._write("POST", path, body)

    async def found(self) -> set[str]:
        """What billing has to say."""
        report = (await self._client.get(f"{self._path}/validity")).json()
        return {one["code"] for one in report["findings"] if one["code"].startswith("billing.")}

    async def _write(self, method: str, path: str, body: Document) -> None:
        version = {"If-Match": f'"{self._draft["version"]}"'}
        answer = await self._client.request(method, f"{self._path}/{path}", json=body, headers=version)
        assert answer.status_code == 200, answer.text
        self._draft |= answer.json()
