"""Who gets into the operators' site, and who does not."""

import re

import httpx
import pytest

from gateway_service.pages import passwords, site

from .conftest import Gateway
from .operators import ANNA, PASSWORD, Visitor, add_operator


async def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(gateway: Gateway) -> None:
    await add_operator(gateway, ANNA)
    visitor = Visitor(gateway)
    sent = await visitor.get("/?x=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2F%3Fx%3D1")
    back = await visitor.sign_in(ANNA, next="/?x=1")
    assert (back.status_code, back.headers["location"]) == (303, "/?x=1")
    home = await visitor.get("/")
    assert home.status_code == 200
    assert "Anna Ash" in home.text
    assert "The Add Services Wizard" in home.text


async def test_programs_are_welcomed_as_ever(gateway: Gateway) -> None:
    assert (await gateway.client.get("/")).json()["documentation"] == "/docs"


@pytest.mark.parametrize(("email", "password"), [(ANNA, "wrong-wrong-wrong"), ("nobody@acme.example", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    gateway: Gateway, email: str, password: str
) -> None:
    await add_operator(gateway, ANNA)
    answer = await Visitor(gateway).sign_in(email, password)
    assert answer.status_code == 422
    assert "<title>Error: Sign in" in answer.text
    assert answer.text.count("do not let anybody in") == 2
    assert "set-cookie" not in answer.headers or "patchbay=" not in answer.headers["set-cookie"]


def test_who_is_unknown_costs_as_much_as_who_is_known() -> None:
    assert not passwords.is_outdated(passwords.NOBODY)
    assert passwords.is_outdated(passwords.NOBODY.replace("t=2", "t=1"))


async def test_the_session_ends_with_signing_out(gateway: Gateway) -> None:
    await add_operator(gateway, ANNA)
    visitor = Visitor(gateway)
    await visitor.sign_in(ANNA)
    kept = dict(visitor.client.cookies)
    await visitor.post("/sign-out", {}, on="/")
    visitor.client.cookies.update(kept)
    assert (await visitor.get("/")).headers["location"].startswith("/sign-in")


async def test_a_form_without_its_token_or_from_elsewhere_is_refused(gateway: Gateway) -> None:
    await add_operator(gateway, ANNA)
    visitor = Visitor(gateway)
    token = await visitor.token("/sign-in")
    data = {"email": ANNA, "password": PASSWORD}
    assert (await visitor.client.post("/sign-in", data=data)).status_code == 403
    assert (await visitor.client.post("/sign-in", data=data | {"csrf": token[:-4] + "AAAA"})).status_code == 403
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        answer = await visitor.client.post("/sign-in", data=data | {"csrf": token}, headers=headers)
        assert answer.status_code == 403
    assert (await visitor.client.post("/sign-in", data=data | {"csrf": token})).status_code == 303


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "", "/a\nb", "/ü"]
)
def test_nobody_is_sent_to_another_site(target: str) -> None:
    assert site.local(target) == "/"


async def test_pages_say_what_browsers_may_do_with_them(gateway: Gateway) -> None:
    page = await Visitor(gateway).get("/sign-in")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    for src in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text):
        asset = await gateway.client.get(src)
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
        assert asset.headers["content-encoding"] == "gzip"


async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(gateway: Gateway) -> None:
    page = await Visitor(gateway).get("/nothing")
    assert page.status_code == 404
    assert "<h1>There is no such page</h1>" in page.text
    problem = await gateway.client.get("/v1/nothing", headers={"Accept": "text/html"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert httpx.codes(problem.status_code) == httpx.codes.NOT_FOUND
