"""Every problem that any service raises is one of the catalogue."""

import ast
from collections.abc import Iterator
from pathlib import Path

from patchbay_chassis.problems import BY_STATUS, TYPES, type_of
from patchbay_contracts.problem_catalogue import BASE, BY_CODE, KINDS

ROOT = Path(__file__).parents[1]
CODE = [*(ROOT / "chassis/patchbay_chassis").glob("*.py"), *(ROOT / "services").glob("*/*_service/**/*.py")]


def raised() -> Iterator[tuple[str, ast.expr, ast.expr | None, ast.expr | None]]:
    """Where a problem is made; its status, title and code, as they are written there."""
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in {"Problem", "Away"}:
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                title = node.args[1] if len(node.args) > 1 else given.get("title")
                status = node.args[0] if node.args else given["status"]
                place = f"{file.relative_to(ROOT)}:{node.lineno}"
                yield place, ast.Constant(503) if name == "Away" else status, title, given.get("code")


def test_every_problem_that_is_raised_is_of_a_kind_that_the_catalogue_has() -> None:
    wrong, seen = [], set[str]()
    for place, status, title, code in raised():
        if code is None:
            if isinstance(status, ast.Constant) and status.value not in BY_STATUS:
                wrong.append(f"{place}: nothing is the code of {status.value!r}")
            continue
        kind = BY_CODE.get(code.value) if isinstance(code, ast.Constant) and isinstance(code.value, str) else None
        if kind is None:
            wrong.append(f"{place}: the code is none of the catalogue, or not written there")
            continue
        seen.add(kind.code)
        if not isinstance(status, ast.Constant) or status.value != kind.status:
            wrong.append(f"{place}: {kind.code} has the status {kind.status}")
        if isinstance(title, ast.Constant) and title.value != kind.title:
            wrong.append(f"{place}: {kind.code} is called {kind.title!r}")
    assert wrong == []
    assert BY_CODE.keys() - seen <= set(BY_STATUS.values()), "nothing says these"


def test_each_code_and_each_status_has_one_kind() -> None:
    assert len(BY_CODE) == len(KINDS)
    assert TYPES == BASE
    for status, code in BY_STATUS.items():
        assert (BY_CODE[code].status, BY_CODE[code].type) == (status, type_of(status))


def test_a_status_that_nobody_thought_of_is_of_a_kind_all_the_same() -> None:
    assert [type_of(status).removeprefix(BASE) for status in (418, 507)] == ["bad_request", "broken"]
