"""Grades of numbers: stated for some of them, or decided by rules, which are tried before they are declared."""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import inventory_typed, site, told
from gateway_service.pages.fields import Fields, refused, seen, unknown
from gateway_service.pages.inventory import Keeper
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.pages.wording import word
from gateway_service.stock import Stock
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory import MOST_OVERRIDES, DeclareGrades, GradeRules, StateGrades
from patchbay_contracts.inventory_answers import Grades, GradesStated, Preview
from patchbay_contracts.words import Grade

BY_RULES = "rules"
WAYS = ("preview", "declare")
_OF_GRADE = {"/numbers": "numbers", "/grade": "grade", "/why": "why"}
_OF_RULES = {"/rules": "rules", "/why": "why"}


def router(upstream: Upstream) -> APIRouter:
    """Two forms."""
    routes, stock = site.routes("/inventory"), Stock(upstream)

    @routes.get("/grade")
    async def show_grade(request: Request, _who: Keeper) -> Response:
        response = _grade(request, {"grade": ""}, said=told.heard(request))
        return told.forget(request, response, "/inventory/grade")

    @routes.post("/grade")
    async def state_grade(request: Request, who: Keeper) -> Response:
        form = await site.form(request)
        typed = {name: form.text(name) for name in ("numbers", "grade", "why")}
        return await _state(request, stock, who, Fields(form), typed)

    @routes.get("/rules")
    async def show_rules(request: Request, _who: Keeper) -> Response:
        there = await _in_force(stock)
        typed = {"rules": inventory_typed.written(there.rules), "version": str(there.version)}
        response = _rules(request, there, typed, said=told.heard(request))
        return told.forget(request, response, "/inventory/rules")

    @routes.post("/rules")
    async def change_rules(request: Request, who: Keeper) -> Response:
        form = await site.form(request)
        typed = {name: form.text(name) for name in ("rules", "version", "why")}
        return await _change(request, stock, who, Fields(form), typed)

    return routes


async def _state(request: Request, stock: Stock, who: Operator, read: Fields, typed: Mapping[str, str]) -> Response:
    ranges, why = inventory_typed.ranges(typed["numbers"], read.errors), read.why()
    read.errors |= unknown(read.form, {"grade": _grades()})
    if not typed["grade"]:
        read.errors["grade"] = _("Choose a grade, or that the rules decide")
    many = sum(last - first + 1 for first, last in ranges)
    if many > MOST_OVERRIDES:
        read.errors["numbers"] = _("Enter %(most)s numbers at the most") % {"most": f"{MOST_OVERRIDES:,}"}
    if read.errors:
        return _grade(request, typed, read.errors)
    numbers = [number for first, last in ranges for number in range(first, last + 1)]
    grade = None if typed["grade"] == BY_RULES else typed["grade"]
    asked = StateGrades.model_validate({"why": why, "numbers": numbers, "grade": grade})
    try:
        stated = GradesStated.model_validate_json(await stock.change("POST", "/overrides", who.by, asked))
    except Problem as problem:
        return _grade(request, typed, refused(problem, _OF_GRADE))
    return told.say(request, "/inventory/grade", f"{stated.changed}_{len(stated.unknown)}", "/inventory/grade")


def _grade(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str] | None = None, said: str = ""
) -> Response:
    """The form; after a change with how many numbers were changed, and how many are in no block."""
    changed, _by, unknown_ = said.partition("_")
    heard = (int(changed), int(unknown_)) if changed.isdecimal() and unknown_.isdecimal() else None
    return site.render(
        request, "inventory-grade.html", 422 if errors else 200, errors=errors, heard=heard, grades=_grades().items(),
        typed={"numbers": "", "why": ""} | dict(typed),
    )  # fmt: skip


def _grades() -> dict[str, str]:
    """What may be stated."""
    return {grade: word("grade", grade) for grade in get_args(Grade)} | {BY_RULES: _("as the rules decide")}


async def _in_force(stock: Stock) -> Grades:
    return Grades.model_validate_json(await stock.get("/grades"))


async def _change(request: Request, stock: Stock, who: Operator, read: Fields, typed: Mapping[str, str]) -> Response:
    """Say what the rules would change, or declare them in place of those that were seen."""
    rules, way = inventory_typed.rules(typed["rules"], read.errors), read.form.text("do")
    read.errors |= unknown(read.form, {"do": WAYS})
    why = read.why() if way == "declare" else ""
    preview: Preview | None = None
    if not read.errors:
        try:
            if way == "declare":
                asked = DeclareGrades(why=why, version=seen(read.form, "version"), rules=rules)
                await stock.change("PUT", "/grades", who.by, asked)
                return told.say(request, "/inventory/rules", "declared", "/inventory/rules")
            said = await stock.change("POST", "/grades/preview", who.by, GradeRules(rules=rules))
            preview = Preview.model_validate_json(said)
        except Problem as problem:
            read.errors = refused(problem, _OF_RULES)
    return _rules(request, await _in_force(stock), typed, read.errors, preview=preview)


def _rules(
    request: Request,
    there: Grades,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    return site.render(
        request, "inventory-rules.html", 422 if errors else 200, errors=errors, there=there,
        typed={"why": ""} | dict(typed), **{"preview": None, "said": ""} | more,
    )  # fmt: skip
