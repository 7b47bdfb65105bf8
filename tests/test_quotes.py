"""An order that names a quote is charged what the quote shows, once, and otherwise refused and undone."""

from uuid import uuid4

import httpx

from tests.documents import line, order
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
