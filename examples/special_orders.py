"""What is not everyday: each kind of good order that the file should hold, and every way to fail.

Exact numbers lie where "n that match", which takes the lowest, gets to last.
"""

from collections.abc import Callable, Iterator

from examples.parts import ANOTHERS, BLOCKED, NOBODY, Json, Made, Maker, exact, existing_id, some

Kind = Callable[[Maker], Iterator[Made]]


def customers_only(make: Maker) -> Iterator[Made]:
    """No lines: the account is opened, or confirmed."""
    for _ in range(10):
        yield Made(make.order(make.new_customer(), []))
    for _ in range(3):
        yield Made(make.order(make.existing_customer(), []))


def own_pools(make: Maker) -> Iterator[Made]:
    """Numbers that only this reseller, or only this customer, may draw."""
    for at in range(30):
        yield Made(make.order(make.new_customer(), [some(2 + at % 3, "reseller"), make.line()]))
    for at in range(4):
        own = {"kind": "existing", "id": existing_id(1 + at % 2)}
        yield Made(make.order(own, [some(2, "customer", "0113")]))


def exact_numbers(make: Maker) -> Iterator[Made]:
    """Memorable numbers by name, from every pool, some with settings of their own."""
    named = {"+442079471234": {"caller_name": "Sales"}, "+442079474321": {"caller_name": "Returns"}}
    one = {"kind": "existing", "id": existing_id(1)}
    by_number = exact(*named, "+442079471212", settings_by_number=named, grouping="each")
    together = exact("+442079476677", "+442079476678", settings_by_number={"+442079476678": {"voicemail": False}})
    orders: list[tuple[Json, list[Json]]] = [
        (make.new_customer(), [by_number]),
        (make.existing_customer(), [together, make.line()]),
        (make.new_customer(), [exact("+442079477777")]),
        (make.new_customer(), [exact("+442079478888"), make.line()]),
        (make.existing_customer(), [exact("+441314960987")]),
        (make.new_customer(), [exact("+441314960990", "+441314960991", grouping="each")]),
        (one, [exact("+441134970888")]),
    ]
    for customer, lines in orders:
        yield Made(make.order(customer, lines), again="taken")


def own_references(make: Maker) -> Iterator[Made]:
    """A new customer under the reseller's own reference; two that want the same one."""
    for at in range(4):
        yield Made(make.order(make.new_customer(reference=f"CRM-{4100 + at}"), [make.line()]), again="reference_taken")
    for _ in range(2):
        order = make.order(make.new_customer(reference="CRM-5000"), [make.line()])
        yield Made(order, again="reference_taken", rivals="CRM-5000")


def rivals_for_a_number(make: Maker) -> Iterator[Made]:
    """Two orders want the same number; three want another."""
    for number, many in (("+442079470123", 2), ("+442079475555", 3)):
        for _ in range(many):
            yield Made(make.order(make.new_customer(), [exact(number)]), again="taken", rivals=number)


def _failing(make: Maker, reason: str, line: Json, customer: Json | None = None) -> Made:
    return Made(make.order(customer or make.new_customer(), [make.line(), line]) | _TOLD, first=reason)


_TOLD = {"notify": ["customer", "reseller"]}


def refused_customers(make: Maker) -> Iterator[Made]:
    """A blocked one, one that is another reseller's, one that nobody has."""
    for id_, reason, many in (
        (BLOCKED, "customer_blocked", 3),
        (ANOTHERS, "unknown_customer", 2),
        (NOBODY, "unknown_customer", 1),
    ):
        for _ in range(many):
            yield _failing(make, reason, make.line(), {"kind": "existing", "id": id_})


def refused_numbers(make: Maker) -> Iterator[Made]:
    """Not ours, in another reseller's pool, more than there are, in a pool that a new customer cannot have."""
    yield _failing(make, "unknown_number", exact("+33142278186"))
    yield _failing(make, "unknown_number", exact("+441414960001"))
    yield _failing(make, "too_few", some(3, "public", "01632"))
    yield _failing(make, "too_few", some(2, "customer"))


def refused_prices(make: Maker) -> Iterator[Made]:
    """A price list that is not there, that is another reseller's, that is not yet in force."""
    for list_, reason, many in (
        ("christmas-gbp", "unknown_price_list", 4),
        ("borealis-gbp", "unknown_price_list", 1),
        ("future-gbp", "price_list_not_in_force", 3),
    ):
        for _ in range(many):
            yield _failing(make, reason, make.line() | {"price_list": list_})


def not_valid(make: Maker) -> Iterator[Made]:
    """A service type that does not exist, settings that do not fit it, too many numbers, settings for no number."""
    for type_ in ("telex-line", "pager"):
        yield _failing(make, "unknown_service_type", make.line() | {"service_type": type_})
    trunk = {"service_type": "sip-trunk", "price_list": "standard-gbp"}
    for settings in ({"codec": "opus"}, {"channels": 0}, {"channels": "ten"}, {"channels": 2, "colour": "blue"}):
        yield _failing(make, "bad_settings", trunk | {"settings": settings})
    fax = {"service_type": "fax-to-email", "price_list": "standard-gbp", "settings": {"email": "fax@office.example"}}
    yield _failing(make, "too_many_numbers", fax | {"numbers": {"count": 2}, "grouping": "together"})
    stray = exact("+442079479999", settings_by_number={"+442079470000": {"voicemail": False}})
    yield _failing(make, "unknown_number", stray)


KINDS: tuple[Kind, ...] = (
    customers_only,
    own_pools,
    exact_numbers,
    own_references,
    rivals_for_a_number,
    refused_customers,
    refused_numbers,
    refused_prices,
    not_valid,
)
