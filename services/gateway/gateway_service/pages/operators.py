"""Operators, for administrators: who may sign in, do what, for which resellers; each change is written down.

An administrator of some resellers looks after those who act for nobody else; other operators are not there for him.
He adds addresses of the domains alone that those have. Any other is refused alike, whether somebody has it or nobody,
so the form tells nothing of operators elsewhere; of these domains it may tell him that a colleague is one.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import passwords, people_queries, site
from gateway_service.pages.account import why_not
from gateway_service.pages.fields import unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import ALL, ROLES, Operator, listed, normal
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.problems import Problem
from patchbay_contracts.words import Email, Reseller, Text

STATES = ("active", "blocked")
Administrator = Annotated[Operator, Depends(site.having("administrator"))]


@dataclass(frozen=True)
class Typed:
    """An operator as he was typed."""

    email: str = ""
    name: str = ""
    roles: tuple[str, ...] = ("operator",)
    resellers: str = ""
    state: str = "active"
    version: str = "1"

    @property
    def detail(self) -> str:
        """As it is written down."""
        return f"{self.name}; roles {', '.join(self.roles) or 'none'}; resellers {self.resellers}; {self.state}"


def router(database: Database) -> APIRouter:
    """The list, one operator, and what can be changed."""
    routes = site.routes("/operators")

    @routes.get("")
    async def list_all(request: Request, who: Administrator) -> Response:
        async with database.connection() as db:
            rows = await people_queries.operators(db, who.resellers)
        return site.render(request, "operators.html", rows=rows)

    @routes.get("/new")
    async def show_new(request: Request, _who: Administrator) -> Response:
        return site.render(request, "operators-new.html", typed=Typed(), roles=roles())

    @routes.post("/new")
    async def add(request: Request, who: Administrator) -> Response:
        form = await site.form(request)
        typed, id_ = _typed(form), uuid4()
        errors = unknown(form, {"roles": ROLES}) or await _add(database, id_, typed, form.exact("password"), who)
        if errors:
            return site.render(request, "operators-new.html", 422, errors=errors, typed=typed, roles=roles())
        return site.go(f"/operators/{id_}?done=added")

    @routes.get("/{id_}")
    async def show(request: Request, id_: UUID, who: Administrator, done: str = "") -> Response:
        return await _page(request, database, id_, who, done=done)

    @routes.post("/{id_}")
    async def change(request: Request, id_: UUID, who: Administrator) -> Response:
        form = await site.form(request)
        typed = _typed(form)
        errors = faults(typed, who, with_email=False) | unknown(form, {"roles": ROLES, "state": STATES})
        if not errors:
            errors = await _change(database, id_, typed, who)
        return (
            await _page(request, database, id_, who, typed, errors)
            if errors
            else site.go(f"/operators/{id_}?done=changed")
        )

    @routes.post("/{id_}/password")
    async def set_password(request: Request, id_: UUID, who: Administrator) -> Response:
        password = (await site.form(request)).exact("password")
        async with database.connection() as db:
            row = await _found(db, id_, who)
        if why := why_not(password, row.email, row.name):
            return await _page(request, database, id_, who, errors={"password": why})
        hash_ = await passwords.hashed(password)
        async with database.transaction() as db:
            await _found(db, id_, who, locked=True)
            await people_queries.set_password(db, id_, hash_)
            await people_queries.end_others(db, id_)
            await people_queries.note(db, id_, who.by, "password")
        return site.go(f"/operators/{id_}?done=password")

    return routes


async def _add(database: Database, id_: UUID, typed: Typed, password: str, who: Operator) -> dict[str, str]:
    """Why it was not added; nothing when it was."""
    errors = faults(typed, who)
    if why := why_not(password, typed.email, typed.name):
        errors["password"] = why
    if errors:
        return errors
    hash_ = await passwords.hashed(password)
    async with database.transaction() as db:
        resellers = listed(typed.resellers)
        given = (id_, typed.email, typed.name, hash_, typed.roles, resellers)
        if not await people_queries.add(db, *given, among=who.resellers):
            return {"email": await _why_not_added(db, typed.email, who)}
        await people_queries.note(db, id_, who.by, "added", typed.detail)
    return {}


async def _why_not_added(db: Connection, email: str, who: Operator) -> str:
    """That somebody has the address who is not there for an administrator is not said: he may not add such an address,
    whoever has it or nobody."""
    if await people_queries.is_there(db, email, who.resellers):
        return _("There is an operator with this e-mail address")
    return _("Ask an administrator of all resellers to add this address")


async def _change(database: Database, id_: UUID, typed: Typed, who: Operator) -> dict[str, str]:
    """Why it was not changed; nothing when it was."""
    resellers = listed(typed.resellers)
    async with database.transaction() as db:
        administrators = await people_queries.administrators(db)
        await _found(db, id_, who, locked=True)
        if errors := _last(administrators, id_, typed):
            return errors
        version = int(typed.version) if typed.version.isdecimal() and len(typed.version) < 10 else 0
        if not await people_queries.change(db, id_, version, typed.name, typed.roles, resellers, typed.state):
            return {"": _stale()}
        if typed.state == "blocked":
            await people_queries.end_others(db, id_)
        await people_queries.note(db, id_, who.by, "changed", typed.detail)
    return {}


def _last(administrators: dict[UUID, bool], id_: UUID, typed: Typed) -> dict[str, str]:
    """Why nobody would be left who may do what he may: of the administrators of all resellers one has to stay; where
    there are none, one of some."""
    of_all = [one for one, all_ in administrators.items() if all_]
    if (of_all or list(administrators)) != [id_]:
        return {}
    if typed.state == "blocked":
        return {"state": _("Nobody else is an administrator: make another one first")}
    if "administrator" not in typed.roles:
        return {"roles": _("Nobody else is an administrator: make another one first")}
    if of_all and ALL not in listed(typed.resellers):
        return {"resellers": _("Nobody else is an administrator of all resellers: make another one first")}
    return {}


async def _page(  # noqa: PLR0917
    request: Request,
    database: Database,
    id_: UUID,
    who: Operator,
    typed: Typed | None = None,
    errors: dict[str, str] | None = None,
    *,
    done: str = "",
) -> Response:
    async with database.connection() as db:
        row, changes = await _found(db, id_, who), await people_queries.changes(db, id_)
    there = Typed(row.email, row.name, tuple(row.roles), " ".join(row.resellers), row.state, str(row.version))
    shown = replace(typed, version=there.version) if typed and errors and "" in errors else typed or there
    return site.render(
        request, "operators-one.html", 422 if errors else 200,
        errors=errors, row=row, typed=shown, changes=changes, done=done, roles=roles(),
    )  # fmt: skip


async def _found(db: Connection, id_: UUID, who: Operator, *, locked: bool = False) -> Any:
    row = await people_queries.operator(db, id_, who.resellers, locked=locked)
    if row is None:
        raise Problem(404, _("There is no such operator"))
    return row


def _stale() -> str:
    return _(
        "Somebody else changed this operator meanwhile. What you typed is still here, and not saved."
        " Look at the history below; if you change it again, yours replaces what is there."
    )


def _typed(form: site.Form) -> Typed:
    roles_ = tuple(role for role in ROLES if role in form.all("roles"))
    state = "blocked" if form.text("state") == "blocked" else "active"
    return Typed(
        normal(form.text("email")), form.text("name"), roles_, form.text("resellers"), state, form.text("version")
    )


def faults(typed: Typed, who: Operator | None = None, *, with_email: bool = True) -> dict[str, str]:
    """What is wrong with an operator as typed, by field. `who` grants no reseller but his own."""
    errors = {}
    resellers = listed(typed.resellers)
    if with_email and not _is(Email, typed.email):
        errors["email"] = _("Enter an e-mail address, such as anna@example.com")
    if not _is(Text, typed.name):
        errors["name"] = _("Enter a name of up to 200 characters, on one line")
    if not resellers or not all(one == ALL or _is(Reseller, one) for one in resellers):
        errors["resellers"] = _("Enter names of resellers with blanks between them, or * for all")
    elif who is not None and not all(who.sees(one) for one in resellers):
        errors["resellers"] = _("Choose among the resellers that you act for yourself")
    return errors


def _is(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def roles() -> list[tuple[str, str, str]]:
    """The roles as choices."""
    return [
        ("operator", _("Operator"), _("adds and changes customers and services")),
        ("inventory", _("Inventory"), _("looks after numbers")),
        ("billing", _("Billing"), _("looks after price lists, and with the first role after customers' accounts")),
        ("administrator", _("Administrator"), _("looks after the catalogue and operators")),
    ]
