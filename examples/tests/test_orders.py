"""The example orders: the file is what the generator makes, and what it holds."""

from collections import Counter

from examples.make_orders import FILE, ORDERS, made, text
from patchbay_contracts.order import ExistingCustomer, NewCustomer, OrderDocument


def documents() -> list[OrderDocument]:
    return [OrderDocument.model_validate_json(line) for line in FILE.read_bytes().splitlines()]


def test_the_file_is_what_the_generator_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m examples.make_orders writes it"


def test_every_line_is_an_order() -> None:
    assert len(documents()) == ORDERS


def test_every_order_has_a_reference_of_its_own() -> None:
    assert len({order.reference for order in made()}) == ORDERS


def test_most_orders_are_good_on_the_first_run_and_on_later_ones() -> None:
    rivals = Counter(order.rivals for order in made() if order.rivals)
    losers = rivals.total() - len(rivals)
    assert 960 <= sum(order.first == "completed" for order in made()) - losers <= 980
    assert sum(order.again == "completed" for order in made()) > 940


def test_it_holds_what_real_life_holds() -> None:
    orders = documents()
    lines = [line for order in orders for line in order.lines]
    assert {type(order.customer) for order in orders} == {NewCustomer, ExistingCustomer}
    assert {len(order.lines) for order in orders} >= {0, 1, 2, 3, 5}
    assert {line.grouping for line in lines} == {"each", "together"}
    assert {line.numbers.pool for line in lines} == {"public", "reseller", "customer"}
    assert any(len(line.numbers.exact) > 1 and line.settings and line.settings_by_number for line in lines)
    assert {kind for order in orders for kind in order.notify} == {"customer", "reseller", "contact", "supplier"}
