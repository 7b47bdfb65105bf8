"""An order that keeps what worked goes on without the lines that are refused, and of those nothing is left."""

import pytest

from tests.documents import PREFIX, Document, line, new_number, order
from tests.suite import Suite

pytestmark = pytest.mark.timeout(240)


def states(shown: Document) -> list[tuple[str, str | None]]:
    """Each line's state and reason."""
    return [(one["state"], one["reason"]) for one in shown["lines"]]


async def test_lines_that_three_services_refuse_drop_out_and_the_rest_is_made(suite: Suite) -> None:
    taken, named = new_number(), new_number()
    assert (await suite.ended(order(line(numbers={"exact": [taken]}))))["state"] == "completed"
    document = order(
        line(numbers={"exact": [taken]}),
        line(numbers={"exact": [named]}, price_list="nobody-has-it"),
        line(settings={"voicemail": "perhaps"}),
        line(numbers={"exact": [new_number()]}),
        line(numbers={"count": 2, "prefix": PREFIX}, grouping="each"),
        failure="keep_what_worked",
    )
    shown = await suite.ended(document)
    assert (shown["state"], shown["partly"]) == ("completed", True), shown["outcome"]
    assert states(shown) == [
        ("refused", "taken"),
        ("refused", "unknown_price_list"),
        ("refused", "bad_settings"),
        ("created", None),
        ("created", None),
    ]
    assert sorted(service["line"] for service in shown["outcome"]["services"]) == [3, 4, 4]
    again = await suite.ended(order(line(numbers={"exact": [named]})))
    assert again["state"] == "completed", "what was held for the line that billing refused is free again"
    (mail,) = await suite.mails("orders@acme.example", about=document["reference"])
    assert "line 2, unknown_price_list: /lines/1/price_list" in mail["body"]
    await suite.balanced()


async def test_a_named_number_that_is_gone_is_substituted_and_the_order_says_by_which(suite: Suite) -> None:
    first = await suite.ended(order(line(numbers={"count": 1, "prefix": PREFIX})))
    (taken,) = first["outcome"]["services"][0]["numbers"]
    shown = await suite.ended(order(line(numbers={"exact": [taken], "policy": "substitute"})))
    assert states(shown) == [("substituted", "taken")], shown["outcome"]
    (given,) = shown["outcome"]["services"][0]["numbers"]
    assert shown["lines"][0]["given"] == {"numbers": [given], "instead_of": {taken: given}}
    await suite.balanced()


async def test_an_order_of_which_nothing_is_left_fails_and_leaves_no_customer(suite: Suite) -> None:
    document = order(line(price_list="nobody-has-it"), line(price_list="nor-this"), failure="keep_what_worked")
    shown = await suite.ended(document)
    assert (shown["state"], shown["partly"]) == ("failed", False)
    assert states(shown) == [("refused", "unknown_price_list")] * 2
    await suite.balanced()
