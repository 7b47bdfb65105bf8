"""`python -m examples.make_orders`: writes `orders.ndjson`, a thousand orders as resellers place them.

The same each time. Every order's reference names it (`demo-0001`), and `made` also says how it should end.
Most orders want "n that match", so the file can be placed again and again. A few name exact numbers or give
their customer a reference of the reseller's own: those belong to the first run, and later ones are refused them.
"""

import json
from pathlib import Path

from examples.parts import Made, Maker
from examples.special_orders import KINDS

FILE = Path(__file__).with_name("orders.ndjson")
ORDERS = 1_000


def made() -> list[Made]:
    """All orders, in the order in which they stand in the file."""
    make = Maker()
    orders = [order for kind in KINDS for order in kind(make)]
    while len(orders) < ORDERS:
        customer = make.new_customer() if make.chance.random() < 0.7 else make.existing_customer()
        lines = [make.line() for _ in range(make.chance.choices((1, 2, 3, 5), (60, 25, 10, 5))[0])]
        orders.append(Made(make.order(customer, lines)))
    make.chance.shuffle(orders)
    return [
        Made({"reference": f"demo-{at:04}"} | order.document, order.first, order.again or order.first, order.rivals)
        for at, order in enumerate(orders, 1)
    ]


def text() -> str:
    """The file's content."""
    return "".join(json.dumps(order.document, ensure_ascii=False) + "\n" for order in made())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
