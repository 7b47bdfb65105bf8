"""What the example orders are made of: customers, lines, and an order with the ending that it should have."""

import random
from dataclasses import dataclass
from typing import Any

NOBODY = "00000000-0000-7000-8000-00000000ffff"
BLOCKED, ANOTHERS = "00000000-0000-7000-8000-000000000019", "00000000-0000-7000-8000-000000000101"
EXISTING = [n for n in range(1, 41) if n != 19]

FIRST = ("Ada", "Alan", "Grace", "Edsger", "Barbara", "Tim", "Radia", "Donald", "Hedy", "Claude", "Zoë", "José")
LAST = ("Archer", "Brontë", "Cole", "Dupont", "Evans", "Fraser", "García", "Hughes", "Iqbal", "Jones", "Khan", "Łoś")
FIRMS = ("Motors", "& Sons", "Studio", "Foods", "Partners", "Surgery", "Estates", "Hotel", "Works", "Clinic")
TOWNS = (("Birmingham", "B2 4QA"), ("London", "SW1A 1AA"), ("Manchester", "M1 1AE"), ("Edinburgh", "EH1 1YZ"))
AREAS, AREA_WEIGHTS = ("0121", "020", "+44161", "0131", "0121737", ""), (25, 25, 15, 10, 1, 20)
LISTS, LIST_WEIGHTS = ("standard-gbp", "wholesale-gbp", "standard-eur"), (70, 20, 10)

Json = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """An order, how it ends when the file is placed for the first time, and how when it is placed again.

    An ending is `completed` or the reason of a failure. Of orders with the same `rivals` exactly one has the
    ending `first`, the others have the ending `again`.
    """

    document: Json
    first: str = "completed"
    again: str = ""
    rivals: str = ""

    @property
    def reference(self) -> str:
        """The order's name."""
        return str(self.document["reference"])


class Maker:
    """Makes parts of orders, by chance that is the same each time."""

    def __init__(self) -> None:
        self.chance = random.Random(20_260_101)
        self._named = 0

    def new_customer(self, **more: Any) -> Json:
        """A person or a firm."""
        chance, self._named = self.chance, self._named + 1
        first, last = chance.choice(FIRST), chance.choice(LAST)
        firm = chance.random() < 0.6
        name = f"{last} {chance.choice(FIRMS)}" if firm else f"{first} {last}"
        found: Json = {"kind": "new", "name": name, "email": f"customer{self._named:04}@mail.example"}
        found["pin"] = f"{chance.randrange(10_000):04}" if chance.random() < 0.8 else f"{chance.randrange(10**6):06}"
        if chance.random() < 0.5:
            city, postcode = chance.choice(TOWNS)
            street = f"{chance.randrange(1, 200)} {last} Street"
            found["address"] = {"lines": [street], "city": city, "postcode": postcode, "country": "GB"}
        if chance.random() < 0.3:
            found["phone"] = f"+44 7700 900{chance.randrange(1000):03}"
        if firm and chance.random() < 0.4:
            found["contacts"] = [{"name": f"{first} {last}", "email": f"office{self._named}@office.example"}]
            if chance.random() < 0.3:
                fitter = {"kind": "supplier", "name": "Swift Fitters", "email": f"job{self._named}@fitters.example"}
                found["contacts"].append(fitter)
        return found | more

    def existing_customer(self) -> Json:
        """One of the customers that the seed brings."""
        return {"kind": "existing", "id": existing_id(self.chance.choice(EXISTING))}

    def line(self) -> Json:
        """One service type with what it needs, and numbers by criteria."""
        kind = self.chance.choices((_voice, _trunk, _group, _fax, _exchange), (45, 15, 15, 15, 10))[0]
        made = kind(self.chance)
        if count := made.pop("count", 0):
            made["numbers"] = {"count": count}
            if area := self.chance.choices(AREAS, AREA_WEIGHTS)[0]:
                made["numbers"]["prefix"] = area
        made["price_list"] = self.chance.choices(LISTS, LIST_WEIGHTS)[0]
        return made

    def order(self, customer: Json, lines: list[Json]) -> Json:
        """The document, but for its reference."""
        notify = ["customer"]
        if self.chance.random() < 0.15:
            notify.append("reseller")
        if "contacts" in customer or (customer["kind"] == "existing" and self.chance.random() < 0.5):
            notify += ["contact", "supplier"]
        return {"customer": customer, "lines": lines, "notify": notify}


def existing_id(number: int) -> str:
    """A customer of the seed."""
    return f"00000000-0000-7000-8000-0000000000{number:02}"


def _voice(chance: random.Random) -> Json:
    count = chance.choices((1, 2, 3, 4), (60, 20, 10, 10))[0]
    settings: Json = {"voicemail": chance.random() < 0.7}
    if chance.random() < 0.3:
        settings["destination"] = f"sip:desk{chance.randrange(100)}@pbx.example"
    return {"service_type": "voice-line", "count": count, "settings": settings} | _grouped(chance, count)


def _trunk(chance: random.Random) -> Json:
    settings = {"channels": chance.choice((2, 5, 10, 30)), "codec": chance.choice(("g711a", "g722", "opus"))}
    return {"service_type": "sip-trunk", "count": chance.choice((0, 2, 5, 10)), "settings": settings}


def _group(chance: random.Random) -> Json:
    settings = {"strategy": chance.choice(("all", "in-turn", "least-recent"))}
    return {"service_type": "hunt-group", "count": chance.randrange(2, 6), "settings": settings}


def _fax(chance: random.Random) -> Json:
    count = chance.choice((1, 1, 2))
    settings = {"email": f"fax{chance.randrange(1000)}@office.example"}
    return {"service_type": "fax-to-email", "count": count, "grouping": "each", "settings": settings}


def _exchange(chance: random.Random) -> Json:
    settings = {"seats": chance.randrange(5, 80)}
    return {"service_type": "hosted-pbx", "count": chance.randrange(1, 9), "settings": settings}


def _grouped(chance: random.Random, count: int) -> Json:
    return {"grouping": "each"} if count > 1 and chance.random() < 0.6 else {}


def exact(*numbers: str, **more: Any) -> Json:
    """A line that names its numbers."""
    line = {"service_type": "voice-line", "price_list": "standard-gbp", "numbers": {"exact": list(numbers)}}
    return line | {"settings": {"voicemail": True}} | more


def some(count: int, pool: str, prefix: str = "") -> Json:
    """A line that takes numbers from a pool of the reseller's or the customer's own."""
    numbers = {"count": count, "pool": pool} | ({"prefix": prefix} if prefix else {})
    return {"service_type": "hunt-group", "price_list": "wholesale-gbp", "numbers": numbers}
