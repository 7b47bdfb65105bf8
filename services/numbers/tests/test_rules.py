"""An inventory manager edits grade rules as data: sees what they would change, and puts them in force everywhere."""

import asyncio
import threading
from collections import Counter
from typing import Any

import numpy as np
import pytest

from numbers_service import declaring, rules
from numbers_service.declaring import compared
from numbers_service.grading import DEFAULT, Grading
from patchbay_chassis.database import Database
from patchbay_chassis.testing import eventually
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.v1.blocks import GradesDeclared

from .asking import hold, numbers_of, some
from .managing import BLOCK, WHY, ask, asked, block, grade_of, load, log, order, problem, state
from .serving import Served

SEVENS = {"name": "ends in 77", "grade": "platinum", "endings": ["77"]}
ABAB = {"name": "ABAB", "grade": "gold", "letters": "ABAB"}


async def declare(served: Served, *given: dict[str, Any], version: int = 0, who: str = "ann") -> Any:
    return await ask(served, "PUT", "/grades", {"version": version, "rules": given}, who)


async def test_until_rules_are_declared_those_in_the_code_are_in_force(served: Served) -> None:
    shown = await ask(served, "GET", "/grades")
    assert (shown["version"], shown["who"]) == (0, "")
    named = [GradeRule.model_validate(one).model_dump(exclude_defaults=True) for one in shown["rules"]]
    assert [(one["name"], one["grade"]) for one in named] == [(rule.name, rule.grade) for rule in DEFAULT.rules]


async def test_declared_rules_are_in_force_at_once_and_everybody_is_told(served: Served) -> None:
    assert await grade_of(served, BLOCK + 77) == ("silver", "AABB")
    served.kafka.said.clear()
    answer = await declare(served, SEVENS, ABAB)
    assert answer == await ask(served, "GET", "/grades")
    assert (answer["version"], answer["who"], answer["why"]) == (1, "ann", WHY)
    (said,) = served.kafka.said
    assert said == GradesDeclared(version=1, rules=(GradeRule(**SEVENS), GradeRule(**ABAB)))
    assert await grade_of(served, BLOCK + 77) == ("platinum", "ends in 77")
    (found,) = await order(served, hold(some(2, prefix="0121", grades=("platinum",))))
    assert numbers_of(found) == [[BLOCK + 77, BLOCK + 177]]
    assert await log(served) == [("ann", "grade rules declared", WHY)]


async def test_other_processes_grade_by_declared_rules_soon(served: Served) -> None:
    assert await grade_of(served, BLOCK + 77) == ("silver", "AABB")
    rule = GradeRule(**SEVENS)
    await served.do("INSERT INTO grade_rules VALUES (1, $1, 'ben', 'elsewhere', now())", rules.written([rule]))

    async def graded() -> bool:
        return await grade_of(served, BLOCK + 77) == ("platinum", "ends in 77")

    assert await eventually(graded)


async def test_a_stated_grade_stands_above_all_rules(served: Served) -> None:
    await state(served, "bronze", BLOCK + 77)
    await declare(served, SEVENS)
    assert (await grade_of(served, BLOCK + 77))[0] == "bronze"


async def test_without_any_rule_all_numbers_are_standard(served: Served) -> None:
    await declare(served)
    assert await grade_of(served, BLOCK) == ("standard", "no pattern")
    assert (await ask(served, "GET", "/grades"))["rules"] == []


async def test_declaring_the_same_again_changes_nothing(served: Served) -> None:
    first = await declare(served, SEVENS)
    served.kafka.said.clear()
    assert await declare(served, SEVENS, version=0, who="ben") == first
    assert await declare(served, SEVENS, version=1, who="ben") == first
    assert served.kafka.said == []
    assert len(await log(served)) == 1


async def test_rules_that_others_replaced_meanwhile_are_not_replaced_again(served: Served) -> None:
    await declare(served, SEVENS)
    answer = await asked(served, "PUT", "/grades", {"version": 0, "rules": [ABAB]})
    problem(answer, 409)
    assert "GET the rules that are in force" in answer.json()["detail"]
    assert (await declare(served, ABAB, version=1))["version"] == 2


async def test_of_managers_who_declare_at_the_same_time_one_wins(served: Served) -> None:
    different = [{**SEVENS, "name": f"of {at}"} for at in range(6)]
    queries = [{"version": 0, "rules": [rule]} for rule in different]
    answers = await asyncio.gather(*(asked(served, "PUT", "/grades", query) for query in queries))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert (await ask(served, "GET", "/grades"))["version"] == 1


@pytest.mark.parametrize(
    ("rule", "pointer", "says"),
    [
        ({"name": "x", "grade": "gold"}, "/rules/0", "exactly one of letters"),
        ({**SEVENS, "letters": "ABAB"}, "/rules/0", "exactly one of letters"),
        ({**SEVENS, "grade": "copper"}, "/rules/0/grade", "platinum"),
        ({**SEVENS, "endings": ["7x"]}, "/rules/0/endings/0", "as it should be"),
        ({"name": "x", "grade": "gold", "ascending": 7}, "/rules/0/ascending", "less than or equal to 6"),
        ({**SEVENS, "colour": "red"}, "/rules/0/colour", "no such field"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_its_field(
    served: Served, rule: dict[str, Any], pointer: str, says: str
) -> None:
    for method, path in (("PUT", "/grades"), ("POST", "/grades/preview")):
        query = {"rules": [rule]} | ({"version": 0, "why": WHY} if method == "PUT" else {})
        answer = await served.client.request(method, f"/inventory{path}?who=ann", json=query)
        (fault,) = problem(answer)
        assert (fault["pointer"], says in fault["message"]) == (pointer, True)
    twice = await asked(served, "PUT", "/grades", {"version": 0, "rules": [SEVENS, SEVENS]})
    assert "two rules are called ends in 77" in problem(twice)[0]["message"]


async def test_a_preview_counts_what_would_change_and_changes_nothing(served: Served) -> None:
    await load(served, block(4721001000, 1_000, country="47", trunk="", area="Oslo"), block(1999950 // 100 * 100, 100,
               country="1", trunk="", area="Reno"))  # fmt: skip
    await state(served, "silver", BLOCK + 77)
    await declare(served, ABAB)
    answer = await served.client.post("/inventory/grades/preview", json={"rules": [SEVENS, ABAB]})
    preview = answer.json()
    abab, sevens = GradeRule.model_validate(ABAB), GradeRule.model_validate(SEVENS)
    before, after = Grading([abab]), Grading([sevens, abab])
    blocks = await served.rows("SELECT first, last FROM block")
    numbers = {n for row in blocks for n in range(row.first, row.last + 1)} - {BLOCK + 77}
    changes = {n: (before.grade(n)[0], after.grade(n)[0]) for n in numbers}
    counted = Counter(change for change in changes.values() if change[0] != change[1])
    found = {(one["before"], one["after"]): one for one in preview["regraded"]}
    assert {change: one["numbers"] for change, one in found.items()} == counted
    for change, one in found.items():
        examples = [int(n) for n in one["examples"]]
        assert len(set(examples)) == min(20, one["numbers"])
        assert {changes[n] for n in examples} == {change}
    assert (preview["version"], preview["numbers"]) == (1, counted.total())
    assert (await ask(served, "GET", "/grades"))["version"] == 1


async def test_a_preview_of_the_rules_in_force_finds_nothing(served: Served) -> None:
    shown = (await ask(served, "GET", "/grades"))["rules"]
    preview = (await served.client.post("/inventory/grades/preview", json={"rules": shown})).json()
    assert (preview["numbers"], preview["regraded"]) == (0, [])


def test_a_block_that_goes_over_the_end_of_endings_is_counted_whole() -> None:
    blocks = np.array([[1_999_900, 2_000_099], [5_000_000, 5_000_099]])
    nothing, sevens = Grading([]), Grading([GradeRule(name="s", grade="gold", endings=("77",))])
    (one,) = compared(nothing, sevens, blocks, np.array([5_000_077]))
    assert (one.before, one.after, one.numbers) == ("standard", "gold", 2)
    assert sorted(one.examples) == [1_999_977, 2_000_077]


@pytest.mark.parametrize("name", ["no pattern", "override: the mayor's"])
def test_a_rule_cannot_be_called_what_stands_where_no_rule_decides(name: str) -> None:
    with pytest.raises(ValueError, match="give the rule another name"):
        GradeRule(name=name, grade="gold", letters="ABAB")


async def test_a_preview_keeps_no_connection_while_it_computes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def compared(*_: Any) -> list[Any]:
        begun.set()
        assert go_on.wait(60)
        return []

    monkeypatch.setattr(declaring, "compared", compared)
    database = Database(database_url, "tests", connections=1)
    async with Served(database) as served, asyncio.timeout(60):
        preview = asyncio.create_task(served.client.post("/inventory/grades/preview", json={"rules": [SEVENS]}))
        await asyncio.to_thread(begun.wait, 60)
        other = await served.client.get("/inventory/grades")
        go_on.set()
        assert (other.status_code, (await preview).status_code) == (200, 200)
    await database.close()
