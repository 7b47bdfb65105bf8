"""Operators are looked after by administrators; everybody looks after his own password and sessions."""

import pytest

from gateway_service import operators as console

from .behind import Behind
from .conftest import Gateway
from .operators import ANNA, BEN, PASSWORD, Visitor, add_operator
from .page_forms import Page
from .shelves import Shelves

NEW = {
    "email": "Cleo@acme.example",
    "name": "Cleo",
    "roles": ["operator"],
    "resellers": "acme",
    "password": "a-b-c-d-e-f-g-h",
}


async def signed_in(gateway: Gateway, email: str = ANNA) -> Visitor:
    visitor = Visitor(gateway)
    assert (await visitor.sign_in(email)).status_code == 303
    return visitor


async def changes(gateway: Gateway) -> list[tuple[str, str]]:
    return [(row.by, row.what) for row in await gateway.rows("SELECT by, what FROM operator_change ORDER BY id")]


async def test_without_the_role_there_is_a_page_that_says_so(gateway: Gateway) -> None:
    await add_operator(gateway, BEN, roles=("operator",))
    ben = await signed_in(gateway, BEN)
    page = await ben.get("/operators")
    assert page.status_code == 403
    assert "Ask an administrator" in page.text
    assert 'href="/operators"' not in (await ben.get("/")).text


async def test_an_added_operator_can_sign_in_and_it_is_written_down_by_whom(gateway: Gateway) -> None:
    await add_operator(gateway)
    anna = await signed_in(gateway)
    assert (await anna.post("/operators/new", NEW)).status_code == 303
    assert (await Visitor(gateway).sign_in("cleo@acme.example", "a-b-c-d-e-f-g-h")).status_code == 303
    assert await changes(gateway) == [(f"operator:{ANNA}", "added")]
    assert "There is an operator with this" in (await anna.post("/operators/new", NEW)).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "cleo"),
        ("name", ""),
        ("name", "x" * 201),
        ("resellers", "a b'; --"),
        ("resellers", ", ,"),
        ("resellers", "acme cumulus"),
        ("resellers", "*"),
        ("password", "short"),
        ("password", "Cleo-is-the-best"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(gateway: Gateway, field: str, value: str) -> None:
    await add_operator(gateway)
    page = await (await signed_in(gateway)).post("/operators/new", NEW | {field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert field == "email" or 'value="cleo@acme.example"' in page.text
    assert await changes(gateway) == []


async def test_a_blocked_operator_is_signed_out_at_once_and_cannot_come_back(gateway: Gateway) -> None:
    await add_operator(gateway)
    id_ = await add_operator(gateway, BEN, roles=("operator",))
    ben, anna = await signed_in(gateway, BEN), await signed_in(gateway)
    fields = {"name": "Ben", "roles": ["operator"], "resellers": "borealis", "state": "blocked", "version": "1"}
    assert (await anna.post(f"/operators/{id_}", fields)).status_code == 303
    assert (await ben.get("/")).status_code == 303
    assert (await Visitor(gateway).sign_in(BEN)).status_code == 422
    stale = await anna.post(f"/operators/{id_}", fields | {"state": "active"})
    assert "Somebody else changed" in stale.text


async def test_the_last_administrator_stays_one(gateway: Gateway) -> None:
    id_ = await add_operator(gateway)
    anna = await signed_in(gateway)
    fields = {"name": "Anna", "roles": ["operator"], "resellers": "acme", "state": "active", "version": "1"}
    assert "make another one first" in (await anna.post(f"/operators/{id_}", fields)).text


async def test_of_those_who_administer_all_resellers_the_last_one_stays(gateway: Gateway) -> None:
    id_ = await add_operator(gateway, resellers=("*",))
    await add_operator(gateway, BEN)
    anna = await signed_in(gateway)
    fields = {"name": "Anna", "roles": ["administrator"], "resellers": "acme", "state": "active", "version": "1"}
    page = await anna.post(f"/operators/{id_}", fields)
    assert page.status_code == 422
    assert 'id="resellers-error"' in page.text
    await add_operator(gateway, "cleo@acme.example", resellers=("*",))
    assert (await anna.post(f"/operators/{id_}", fields)).status_code == 303


@pytest.mark.parametrize("resellers", [("*",), ("acme", "cumulus"), ()])
async def test_who_acts_for_others_too_is_not_there_for_an_administrator_of_some(
    gateway: Gateway, resellers: tuple[str, ...]
) -> None:
    mine = await add_operator(gateway)
    id_ = await add_operator(gateway, BEN, resellers=resellers)
    anna = await signed_in(gateway)
    page = await anna.get("/operators")
    assert (f"/operators/{mine}" in page.text, f"/operators/{id_}" in page.text) == (True, False)
    assert (await anna.get(f"/operators/{id_}")).status_code == 404
    fields = {"name": "Ben", "roles": ["operator"], "resellers": "acme", "state": "blocked", "version": "1"}
    assert (await anna.post(f"/operators/{id_}", fields, on="/operators/new")).status_code == 404
    password = {"password": "quite-another-thing"}
    assert (await anna.post(f"/operators/{id_}/password", password, on="/operators/new")).status_code == 404
    assert (await Visitor(gateway).sign_in(BEN)).status_code == 303
    assert await changes(gateway) == []


async def test_who_else_is_an_operator_is_not_told_to_an_administrator_of_some(gateway: Gateway) -> None:
    await add_operator(gateway)
    await add_operator(gateway, BEN, resellers=("cumulus",))
    await add_operator(gateway, "dora@acme.example", resellers=("*",))
    anna, said = await signed_in(gateway), set[str]()
    for taken_or_not in (BEN, "nobody@borealis.example", "dora@acme.example"):
        page = await anna.post("/operators/new", NEW | {"email": taken_or_not})
        assert page.status_code == 422
        said |= set(Page(page.text).beside.values())
    assert said == {"Ask an administrator of all resellers to add this address"}
    assert await changes(gateway) == []


async def test_that_somebody_may_act_for_all_is_told_to_those_alone_who_may_say_so(gateway: Gateway) -> None:
    await add_operator(gateway)
    await add_operator(gateway, BEN, resellers=("*",))
    told = ["* for all" in (await (await signed_in(gateway, who)).get("/operators/new")).text for who in (ANNA, BEN)]
    assert told == [False, True]


async def test_nobody_grants_himself_what_he_may_not(gateway: Gateway) -> None:
    id_ = await add_operator(gateway)
    anna = await signed_in(gateway)
    fields = {"name": "Anna", "roles": ["administrator"], "resellers": "*", "state": "active", "version": "1"}
    page = await anna.post(f"/operators/{id_}", fields)
    assert page.status_code == 422
    assert "that you act for yourself" in page.text


async def test_a_new_password_ends_the_other_sessions(gateway: Gateway) -> None:
    await add_operator(gateway)
    here, there = await signed_in(gateway), await signed_in(gateway)
    fields = {"old": PASSWORD, "new": "quite-another-thing", "again": "quite-another-thing"}
    assert (await here.post("/account/password", fields | {"old": "x"}, on="/account")).status_code == 422
    assert (await here.post("/account/password", fields, on="/account")).status_code == 303
    assert (await here.get("/account")).status_code == 200
    assert (await there.get("/account")).status_code == 303
    assert (await Visitor(gateway).sign_in(ANNA)).status_code == 422


async def test_a_revoked_session_is_over(gateway: Gateway) -> None:
    await add_operator(gateway)
    here, there = await signed_in(gateway), await signed_in(gateway)
    await here.post("/account/sessions", {"session": "others"}, on="/account")
    assert (await here.get("/")).status_code == 200
    assert (await there.get("/")).status_code == 303
    part = await there.get("/account", **{"HX-Request": "true", "HX-Current-URL": "http://gateway/account"})
    assert part.headers["hx-redirect"] == "/sign-in?next=%2Faccount&ended=yes"


@pytest.mark.parametrize("change", ["seen_at = now() - interval '3 hours'", "expires_at = now()"])
async def test_a_session_ends_when_it_is_idle_or_old(gateway: Gateway, change: str) -> None:
    await add_operator(gateway)
    anna = await signed_in(gateway)
    await gateway.do(f"UPDATE session SET {change}")
    assert (await anna.get("/")).status_code == 303


async def test_tries_are_limited_by_account_whoever_it_is(gateway: Gateway) -> None:
    await add_operator(gateway)
    for email in (ANNA, "nobody@acme.example"):
        visitor = Visitor(gateway)
        answers = [(await visitor.sign_in(email, "wrong-wrong-wrong")).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
    assert (await Visitor(gateway).sign_in(ANNA)).status_code == 429


async def test_the_first_administrator_comes_from_the_console(
    environment: pytest.MonkeyPatch, fragile: Gateway, database_url: str
) -> None:
    environment.setenv("PATCHBAY_DATABASE", database_url)
    for password in ("first-of-them-all", "second-of-them-all"):
        await console.add(ANNA, "Anna Ash", "*", password)
        assert (await Visitor(fragile).sign_in(ANNA, password)).status_code == 303
    with pytest.raises(SystemExit, match="12 characters"):
        await console.add(ANNA, "Anna Ash", "*", "x")


async def test_the_console_lets_nobody_act_for_a_reseller_that_is_not_there(
    environment: pytest.MonkeyPatch, behind: Behind, fragile: Gateway, database_url: str
) -> None:
    Shelves(behind)
    environment.setenv("PATCHBAY_DATABASE", database_url)
    with pytest.raises(
        SystemExit, match=r"no reseller acmee\. There are acme, borealis.*: name some of them, or \* for all"
    ):
        await console.add(ANNA, "Anna Ash", "acme acmee", "first-of-them-all")
    assert await fragile.rows("SELECT FROM operator") == []
    await console.add(ANNA, "Anna Ash", "acme", "first-of-them-all")
    assert (await Visitor(fragile).sign_in(ANNA, "first-of-them-all")).status_code == 303
