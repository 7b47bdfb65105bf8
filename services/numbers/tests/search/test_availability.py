"""What orders would get: no number is given twice, policies are followed, nothing of others is shown."""

from typing import Any

from numbers_service.search.replica import Replica
from patchbay_contracts.availability import Availability, LineAvailability
from services.numbers.tests.search.house import ACME, BOREALIS, PUBLIC, House

from .test_http import client, free, one

__all__ = ["one"]
CUSTOMER_ID = "00000000-0000-7000-8000-000000000001"


async def available(one: Replica, *lines: dict[str, Any], customer: str | None = None) -> list[LineAvailability]:
    shown = [line if "numbers" in line else {"numbers": line} for line in lines]
    asked = {"reseller": "acme", "lines": [{"customer_id": customer} | line for line in shown]}
    async with client(one) as http:
        answer = await http.post("/availability", json=asked)
    assert answer.status_code == 200, answer.text
    return list(Availability.model_validate_json(answer.content).lines)


def numbers(line: LineAvailability) -> list[int]:
    return [given.e164 for given in line.given]


async def test_lines_that_ask_for_the_same_get_different_numbers(one: Replica, house: House) -> None:
    lines = await available(one, *({"count": 3, "prefix": "0121737"} for _ in range(20)))
    given = [number for line in lines for number in numbers(line)]
    birmingham = {n for n in free(house, PUBLIC) if n // 10_000 == 44121737}
    assert len(set(given)) == 60
    assert set(given) <= birmingham
    assert all(line.total == len(birmingham) or line.at_least for line in lines)


async def test_lines_whose_filters_overlap_get_different_numbers_too(one: Replica) -> None:
    first, second = await available(one, {"count": 5, "prefix": "0121737"}, {"count": 5, "prefix": "0121"})
    assert len({*numbers(first), *numbers(second)}) == 10


async def test_a_line_that_wants_all_or_none_gets_none_and_takes_none_from_the_next(one: Replica, house: House) -> None:
    few = [n for n in sorted(free(house, PUBLIC)) if 441217371000 <= n <= 441217371099]
    wanted = {"count": len(few) + 1, "prefix": "01217371"}
    all_, available_, none = await available(
        one, wanted, wanted | {"policy": "available"}, {"count": 1, "prefix": "01217371"}
    )
    assert (numbers(all_), all_.missing) == ([], len(few) + 1)
    assert (sorted(numbers(available_)), available_.missing) == (few, 1)
    assert none.missing == 1


async def test_a_substitute_says_what_was_changed_for_it(one: Replica, house: House) -> None:
    few = [n for n in sorted(free(house, PUBLIC)) if 441217371000 <= n <= 441217371099]
    (line,) = await available(one, {"count": len(few) + 2, "prefix": "01217371", "policy": "substitute"})
    assert [given.instead for given in line.given] == [""] * len(few) + ["prefix 0121737"] * 2
    assert line.missing == 0


async def test_substitutes_are_those_that_the_service_takes_and_too_few_for_it_are_none(
    one: Replica, house: House
) -> None:
    few = [n for n in sorted(free(house, PUBLIC)) if 441217371000 <= n <= 441217371099]
    more = {"count": len(few) + 2, "prefix": "+441217371", "policy": "substitute"}
    rules = {"most": 100, "prefixes": ["441217371"]}
    (elsewhere,) = await available(one, {"numbers": more, "rules": rules})
    assert (numbers(elsewhere), elsewhere.missing) == ([], len(few) + 2)
    some = more | {"policy": "available"}
    enough, lacks = await available(
        one, {"numbers": some | {"count": 2}, "least": 2}, {"numbers": some, "least": len(few)}
    )
    assert (len(numbers(enough)), numbers(lacks)) == (2, [])


async def test_a_line_gets_numbers_where_its_service_takes_them_one_place_after_the_other(
    one: Replica, house: House
) -> None:
    few = [n for n in sorted(free(house, PUBLIC)) if 441217371000 <= n <= 441217371099]
    rules = {"most": 900, "prefixes": ["441217371", "44207946"]}
    (line,) = await available(one, {"numbers": {"count": len(few) + 2}, "rules": rules})
    assert numbers(line)[: len(few)] == few
    assert all(str(number).startswith("44207946") for number in numbers(line)[len(few) :])
    assert ({given.instead for given in line.given}, line.unwanted, line.missing) == ({""}, (), 0)


async def test_a_line_gets_numbers_of_one_pool_after_the_other(one: Replica, house: House) -> None:
    few = [n for n in sorted(free(house, ACME)) if 441217371000 <= n <= 441217371099]
    wanted = {"count": len(few) + 2, "prefix": "+441217371", "pools": ["customer", "reseller", "public"]}
    (line,) = await available(one, wanted)  # of a new customer, who has no pool yet
    assert numbers(line)[: len(few)] == few
    assert set(numbers(line)[len(few) :]) < free(house, PUBLIC)
    assert line.total == len([n for n in free(house, ACME, PUBLIC) if n // 1_000 == 441217371])


def named(number: int, *, gone: bool) -> dict[str, Any]:
    return {"e164": f"+{number}", "gone": gone, "pool": "public", "prefix": "+441217371", "grade": "standard"}


async def test_a_named_number_that_is_gone_is_replaced_by_the_like_of_it_or_nothing(one: Replica, house: House) -> None:
    there, gone, other = [n for n in sorted(free(house, PUBLIC)) if 441217371000 <= n <= 441217371099][:3]
    line = {
        "numbers": {"exact": [f"+{there}", f"+{gone}"], "policy": "substitute"},
        "named": [named(there, gone=False), named(gone, gone=True)],
    }
    many = [441217371000 + n for n in range(30)]
    lacks = {
        "numbers": {"exact": [f"+{number}" for number in many], "policy": "substitute"},
        "named": [named(number, gone=True) for number in many],
        "rules": {"most": 90, "prefixes": ["441217371"]},
    }
    lacking, first, second = await available(one, lacks, line, line)
    assert (lacking.given, lacking.missing) == ((), 30)
    assert (first.total, numbers(first)[0], first.given[1].instead_of, first.missing) == (1, there, gone, 0)
    assert [given.instead_of for given in second.given] == [there, gone]
    assert set(numbers(first)).isdisjoint(numbers(second))
    assert all(str(number).startswith("441217371") for number in numbers(first) + numbers(second))
    assert other in {*numbers(first), *numbers(second)}


async def test_what_the_service_does_not_take_is_said_where_no_filter_could_say_it(one: Replica) -> None:
    (line,) = await available(
        one, {"numbers": {"count": 1, "prefix": "0121737"}, "rules": {"most": 9, "countries": ["33", "49"]}}
    )
    assert line.unwanted == tuple(numbers(line))
    assert len(line.unwanted) == 1


async def test_named_numbers_are_given_if_they_are_free_and_no_line_before_has_them(one: Replica, house: House) -> None:
    mine, theirs = min(free(house, PUBLIC)), min(free(house, BOREALIS))
    first, second = await available(one, {"exact": [f"+{mine}", f"+{theirs}"]}, {"exact": [f"+{mine}"]})
    assert (numbers(first), first.missing) == ([mine], 1)
    assert (numbers(second), second.missing) == ([], 1)


async def test_runs_do_not_overlap(one: Replica) -> None:
    run = {"count": 4, "method": "run", "prefix": "020"}
    lines = await available(one, {"count": 1, "prefix": "020"}, run, run)
    given = [numbers(line) for line in lines]
    assert len({number for some in given for number in some}) == 9
    assert all(some == list(range(some[0], some[0] + len(some))) for some in given)


async def test_a_customers_pool_is_open_to_that_customer_alone(one: Replica) -> None:
    asked = {"count": 1, "pool": "customer"}
    assert (await available(one, asked, customer=CUSTOMER_ID))[0].missing == 0
    assert (await available(one, asked, customer="00000000-0000-7000-8000-000000000002"))[0].missing == 1
    assert (await available(one, asked))[0].missing == 1


async def test_what_no_number_can_match_is_missing(one: Replica) -> None:
    (line,) = await available(one, {"count": 1, "pattern": "0121"})
    assert (line.total, line.missing) == (0, 1)
