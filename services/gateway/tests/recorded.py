"""The owners of services and numbers as the facade's inventories meet them: they keep records, and parts of lists."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from patchbay_contracts.services import Service
from patchbay_contracts.taken_in import AllTakenIn, Done, NumbersInPart, NumbersKnown, ServicesInPart, TakenIn

from .behind import Behind
from .registry import AT
from .serving import NUMBERS, a_service
from .tmf import Owners


class Recorded(Owners):
    """`taken` is what was taken in, by number; numbers in `services` are of the house, and `free` ones anybody's."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(behind)
        self.taken_numbers = dict[str, str]()
        self.free = {"+441217370000"}
        behind.numbers.answers = self._answer

    def services_part(self, asked: dict[str, Any]) -> ServicesInPart:
        known = [one for one in self.services.values() if one.reseller == asked["reseller"]]
        known += [a_service(id=UUID(int=n + 1)) for n in range(self.many)]
        ways: dict[str, Callable[[Service, list[Any]], bool]] = {
            "ids": lambda one, ids: str(one.id) in ids,
            "customer_ids": lambda one, ids: str(one.customer_id) in ids,
            "service_types": lambda one, types: one.service_type in types,
            "states": lambda one, states: one.state in states,
            "numbers": lambda one, numbers: bool({f"+{number}" for number in one.numbers} & {*numbers}),
        }
        for name, way in ways.items():
            known = [one for one in known if asked[name] is None or way(one, asked[name])]
        known = [one for one in known if str(one.id) not in asked["but_not"]]
        known += [self.services[UUID(id_)] for id_ in asked["also"]]
        part = known[asked["offset"] : asked["offset"] + asked["count"]]
        return ServicesInPart(services=tuple(part), total=len(known))

    def services_numbers(self, asked: dict[str, Any]) -> NumbersInPart:
        mine = [one for one in self.services.values() if one.reseller == asked["reseller"] and not one.taken_in]
        rows = [
            {"e164": number, "service_id": one.id, "service_state": one.state, "since": one.created_at}
            for one in mine
            for number in one.numbers
            if _is_wanted(f"+{number}", one, asked)
        ]
        part = rows[asked["offset"] : asked["offset"] + asked["count"]]
        return NumbersInPart.model_validate({"numbers": part, "total": len(rows)})

    def services_taken_in(self, asked: dict[str, Any]) -> Service:
        made = a_service(**asked, version=1, order_id=asked["id"], price_list="elsewhere", price_list_to_come=None,
                         settings_by_number={}, taken_in=True)  # fmt: skip
        self.services[made.id] = made
        return made

    def services_taken_in_change(self, asked: dict[str, Any]) -> Service:
        was = self.services[UUID(asked["id"])]
        given = {name: value for name, value in asked.items() if value is not None}
        self.services[was.id] = a_service(**(was.model_dump() | given))
        return self.services[was.id]

    def services_taken_in_forget(self, asked: dict[str, Any]) -> Done:
        del self.services[UUID(asked["id"])]
        return Done()

    def numbers_get(self, asked: dict[str, Any]) -> NumbersKnown:
        mine = {f"+{n}" for one in self.services.values() if one.reseller == asked["reseller"] for n in one.numbers}
        found = []
        for number in asked["numbers"]:
            if self.taken_numbers.get(number) == asked["reseller"]:
                found.append({"e164": number, "state": "assigned", "taken_in": True})
            elif number in mine & {f"+{n}" for n in NUMBERS}:
                found.append({"e164": number, "state": "assigned", "grade": "gold", "pool": "public"})
            elif number in self.free:
                found.append({"e164": number, "state": "free", "grade": "standard", "pool": "public"})
        return NumbersKnown.model_validate({"numbers": found})

    def numbers_taken_in(self, asked: dict[str, Any]) -> TakenIn:
        self.taken_numbers[asked["e164"]] = asked["reseller"]
        return TakenIn.model_validate({"e164": asked["e164"], "since": AT})

    def numbers_taken_in_list(self, asked: dict[str, Any]) -> AllTakenIn:
        mine = [number for number, whose in self.taken_numbers.items() if whose == asked["reseller"]]
        numbers = [{"e164": n, "since": "2099-01-01T00:00:00Z"} for n in mine[::-1]]
        return AllTakenIn.model_validate({"numbers": numbers, "total": len(numbers)})

    def numbers_taken_in_forget(self, asked: dict[str, Any]) -> Done:
        del self.taken_numbers[asked["e164"]]
        return Done()


def _is_wanted(number: str, service: Service, asked: dict[str, Any]) -> bool:
    named, states = asked["numbers"], asked["states"]
    if number in asked["also"] or number in asked["but_not"]:
        return number in asked["also"]
    return (named is None or number in named) and (states is None or service.state in states)
