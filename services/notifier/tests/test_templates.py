"""Templates: which one is taken, what they may name and do, and what a mail would look like."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from notifier_service import placeholders, settings_csv, summary_pdf
from notifier_service.http import app
from notifier_service.placeholders import BadTemplate, checked, filled
from notifier_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from patchbay_contracts.mail_templates import PreviewQuery
from patchbay_contracts.mails import MailCustomer

from .wanted import facts


@pytest_asyncio.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    running = Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app(running)), base_url="http://notifier") as client:
        yield client


async def posted(client: httpx.AsyncClient, path: str, body: Any, status: int = 200) -> Any:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def query(**changes: Any) -> dict[str, Any]:
    given = {"reseller": "acme", "purpose": "service_created", "kind": "customer", "name": "Ada"}
    return given | {"facts": facts().model_dump(mode="json")} | changes


def put(subject: str, version: int = 0, text: str = "x", **key: Any) -> dict[str, Any]:
    written = {"key": {"purpose": "service_created"} | key, "version": version, "by": "operator:anna", "why": "tone"}
    return written | {"template": {"subject": subject, "text": text}}


async def test_what_comes_with_the_release_is_filled_in(client: httpx.AsyncClient) -> None:
    shown = await posted(client, "/templates/preview", query(attachments=["summary", "settings", "terms"]))
    assert shown["subject"] == "Your new services"
    assert "- Voice line: +441214960000, +441214960001\n" in shown["text"]
    assert "Monthly: 9.50 GBP" in shown["text"]
    assert "<li>Voice line: +441214960000, +441214960001</li>" in shown["html"]
    assert [one["name"] for one in shown["attachments"]] == ["services.pdf", "settings.csv", "terms.txt"]


async def test_the_nearest_template_is_taken(client: httpx.AsyncClient) -> None:
    keys: list[dict[str, Any]] = [
        {},
        {"service_type": "voice-line"},
        {"reseller": "acme"},
        {"reseller": "acme", "service_type": "voice-line"},
        {"reseller": "acme", "service_type": "voice-line", "kind": "customer"},
    ]
    for n, key in enumerate(keys):
        await posted(client, "/templates/put", put(f"Number {n}", **key))
        kind = "customer" if n == 4 else "contact"
        assert (await posted(client, "/templates/preview", query(kind=kind)))["subject"] == f"Number {n}"
    theirs = await posted(client, "/templates/preview", query(reseller="borealis", kind="contact"))
    assert theirs["subject"] == "Number 1"
    unknown = await posted(client, "/templates/preview", query(language="de", purpose="birthday"))
    assert unknown["from_template"]["purpose"] == "general"


async def test_a_template_that_somebody_wrote_meanwhile_is_not_overwritten(client: httpx.AsyncClient) -> None:
    first = await posted(client, "/templates/put", put("One"))
    assert (first["version"], first["by"]) == (1, "operator:anna")
    assert await posted(client, "/templates/put", put("One")) == first
    await posted(client, "/templates/put", put("Two"), 409)
    await posted(client, "/templates/put", put("Two", version=1))
    await posted(client, "/templates/put", put("", version=2) | {"template": None})
    versions = await posted(client, "/templates/get", {"purpose": "service_created"})
    assert [one["template"] and one["template"]["subject"] for one in versions["versions"]] == [None, "Two", "One"]
    assert (await posted(client, "/templates/preview", query()))["subject"] == "Your new services"
    listed = await posted(client, "/templates/list", {"reseller": "acme", "purpose": "service_created"})
    assert {one["version"] for one in listed["templates"]} == {0}


async def test_an_unknown_placeholder_is_named(client: httpx.AsyncClient) -> None:
    problem = await posted(client, "/templates/put", put("{{ customer.nme }}", text="{{ x.y }}"), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/template/subject", "/template/text"]
    assert "customer.nme" in problem["errors"][0]["message"]
    assert "customer.name" in problem["errors"][0]["remedy"]


async def test_what_an_operator_typed_is_shown_as_it_is(client: httpx.AsyncClient) -> None:
    typed = {"subject": "{{ customer.name }}\r\nBcc: x", "text": "{{ 7 * 7 }} <img src=x>"}
    shown = await posted(client, "/templates/preview", query(typed=typed))
    assert (shown["subject"], shown["text"]) == ("{{ customer.name }} Bcc: x", typed["text"])
    assert "&lt;img src=x&gt;" in shown["html"]


async def test_a_customers_name_is_no_html_and_no_link_to_elsewhere(client: httpx.AsyncClient) -> None:
    named = facts(customer=MailCustomer(name='<b onclick="x">[bank](javascript:alert(1))'))
    body = query(kind="contact", facts=named.model_dump(mode="json"))
    html = (await posted(client, "/templates/preview", body))["html"]
    assert "&lt;b onclick" in html
    assert "<b " not in html
    assert "href" not in html


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ customer.__class__ }}",
        "{{ customer['__class__'] }}",
        "{{ customer.name|attr('__class__') }}",
        "{{ range(1000000000) }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x' * 1000000000 }}",
        "{% set x = 1 %}",
        "{% include '/etc/passwd' %}",
        "{% macro a() %}{% endmacro %}",
        "{% for a in services %}{% for b in services %}{% endfor %}{% endfor %}",
        "{% for a in services recursive %}{% endfor %}",
        "{{ services }}",
        "{{ " + "(" * 9_000 + "1",
        "{% if customer.name %}" * 150 + "{% endif %}" * 150,
        "{% for s in setup %}{% endfor %}" * 21,
        "{{ customer.name",
    ],
)
def test_a_template_does_nothing_but_name_and_repeat(bomb: str) -> None:
    with pytest.raises(BadTemplate):
        checked(bomb)


def test_a_template_that_becomes_too_long_is_stopped() -> None:
    many = facts(services=facts().services * 500)
    given = placeholders.facts_of(PreviewQuery.model_validate(query(facts=many.model_dump())), prices=True)
    with pytest.raises(BadTemplate, match="shorten"):
        filled("{% for s in services %}" + "x" * 1_000 + "{% endfor %}", given)


@pytest.mark.parametrize("evil", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "+44 121"])
def test_a_cell_that_a_spreadsheet_would_calculate_gets_an_apostrophe(evil: str) -> None:
    assert settings_csv.safe(evil) == "'" + evil


@pytest.mark.parametrize("plain", ["+441214960000", "-5", "1.5", "a=b", "", "g711a"])
def test_a_number_stays_one(plain: str) -> None:
    assert settings_csv.safe(plain) == plain


def test_opening_hours_are_written_as_people_read_them() -> None:
    hours = {"monday": [{"from": "09:00", "to": "12:30"}, {"from": "13:30", "to": "17:00"}], "sunday": []}
    plan = {"weekdays": hours, "exceptions": [{"date": "2026-12-24", "hours": []}]}
    line = facts().services[0].model_copy(update={"settings": {"hours": plan, "odd": {"weekdays": 1}}})
    written = settings_csv.written(facts(services=(line,)), prices=True).decode()
    assert '"Monday 09:00-12:30, 13:30-17:00; Sunday closed; 2026-12-24 closed"' in written
    assert '"{""weekdays"":1}"' in written


@pytest.mark.parametrize("name", ["Ädä Łukasz Ωμέγα Привет", "阿达 عربى 🎉", "\u2028a\u200b", "x" * 200])
def test_a_name_in_any_script_makes_a_document(name: str) -> None:
    made = summary_pdf.written(facts(customer=MailCustomer(name=name)), prices=True, at=None)
    assert made.startswith(b"%PDF")
    assert made == summary_pdf.written(facts(customer=MailCustomer(name=name)), prices=True, at=None)
