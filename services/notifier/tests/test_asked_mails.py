"""What an operator asked for at the end: sent once, with HTML and attachments that open, and readable afterwards."""

import csv
import io
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx
import pypdf
import pytest
import pytest_asyncio

from notifier_service import asked, queries, settings_csv
from notifier_service.handlers import deliver_mails
from notifier_service.http import app
from notifier_service.model import asked_for
from notifier_service.settings import settings
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.testing import Deliver
from patchbay_chassis.turn import Turns
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.mails import MailFacts, MailNumber
from patchbay_contracts.v1.notifier import SendMails
from patchbay_contracts.validity import Finding

from .conftest import Relay
from .ended import ADA, completed
from .wanted import CUSTOMER, ORDER, facts, send, wanted

KEY = {"order_id": str(ORDER), "recipient": "ada@example.com", "purpose": "service_created"}
MINE = {"resellers": ["acme"], "key": KEY}


@pytest.fixture(autouse=True)
def environment(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATCHBAY_SMTP", relay.settings.smtp)
    monkeypatch.setenv("PATCHBAY_MAILS_PER_S", "0")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest_asyncio.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    running = Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app(running)), base_url="http://notifier") as client:
        yield client


async def round_of(db: Connection) -> None:
    mails = await deliver_mails.take(db, deliver_mails.most)
    await deliver_mails.record(await deliver_mails.run(mails), db)


async def given(database: Database, *commands: SendMails, sent: bool = True) -> None:
    async with database.transaction() as db:
        await asked.queue(db, [mail for command in commands for mail in asked_for(command)])
        if sent:
            await round_of(db)


def parts(message: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_filename() or part.get_content_type(): part for part in message.walk() if not part.is_multipart()}


async def posted(client: httpx.AsyncClient, path: str, body: Any, status: int = 200) -> Any:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_mail_in_the_inbox_has_both_bodies_and_attachments_that_open(
    deliver: Deliver, db: Connection, relay: Relay
) -> None:
    assert await deliver(send()) == []
    await round_of(db)
    ((recipient, message),) = relay.came
    found = parts(message)
    assert (recipient, message["To"], message["Subject"]) == ("ada@example.com",) * 2 + ("Your new services",)
    assert list(found) == ["text/plain", "text/html", "services.pdf", "settings.csv", "terms.txt"]
    assert found["text/plain"].get_content().replace("\r\n", "\n") == wanted().text
    html = found["text/html"].get_content()
    assert "<li>Voice line: +441214960000</li>" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html
    pdf = pypdf.PdfReader(io.BytesIO(found["services.pdf"].get_content()))
    text = pdf.pages[0].extract_text()
    assert "Services of Ädä Łukasz" in text
    assert "+441214960000 (gold), +441214960001" in text
    assert "Monthly: 9.50 GBP" in text
    sheet = list(csv.DictReader(io.StringIO(found["settings.csv"].get_content().lstrip("\ufeff"))))
    assert [row["number"] for row in sheet] == ["+441214960000", "+441214960001"]
    assert sheet[0]["setting: caller_name"] == "'=HYPERLINK(1)"
    assert "1. Be kind." in found["terms.txt"].get_content()


async def test_who_was_written_to_is_not_written_to_again_with_another_content(
    deliver: Deliver, db: Connection, relay: Relay
) -> None:
    await deliver(send())
    await deliver(send(wanted("ADA@example.com", subject="Other"), wanted("eve@example.com")))
    await round_of(db)
    assert [(to, message["Subject"]) for to, message in relay.came] == [
        ("ada@example.com", "Your new services"),
        ("eve@example.com", "Your new services"),
    ]


async def test_another_purpose_and_what_the_order_says_itself_are_mails_of_their_own(
    deliver: Deliver, db: Connection, relay: Relay
) -> None:
    await deliver(completed(ADA, order_id=ORDER))
    await deliver(send(wanted(), wanted(purpose="welcome", subject="Welcome")))
    await round_of(db)
    assert len({message["Message-ID"] for _, message in relay.came}) == len(relay.came) == 3


async def test_what_an_operator_asked_for_is_sent_before_what_orders_say(db: Connection, deliver: Deliver) -> None:
    await deliver(completed(ADA), send(order_id=uuid4()))
    (first,) = await queries.take(db, 1, settings().mail_lease)
    assert first.said_by == "operator:anna@acme.example"


async def test_a_supplier_does_not_see_what_the_customer_pays(deliver: Deliver, db: Connection, relay: Relay) -> None:
    await deliver(send(wanted(kind="supplier", attachments=("summary",))))
    await round_of(db)
    pdf = pypdf.PdfReader(io.BytesIO(parts(relay.came[0][1])["services.pdf"].get_content()))
    text = pdf.pages[0].extract_text()
    assert ("+441214960000 (gold)" in text, "GBP" in text) == (True, False)


async def test_a_mail_is_found_and_read_with_what_the_relay_replied(
    client: httpx.AsyncClient, database: Database, relay: Relay
) -> None:
    relay.recipient_answers["eve@example.com"] = "550 no such user"
    await given(database, send(wanted(), wanted("eve@example.com")))
    page = await posted(client, "/mails/search", {"resellers": ["acme"], "customer_id": str(CUSTOMER), "limit": 1})
    rest = await posted(client, "/mails/search", {"resellers": ["acme"], "after": page["next"]})
    states = {one["key"]["recipient"]: one["state"] for one in page["mails"] + rest["mails"]}
    assert states == {"ada@example.com": "sent", "eve@example.com": "failed"}
    for orders, many in (([KEY["order_id"], str(uuid4())], 2), ([str(uuid4())], 0)):
        of_orders = await posted(client, "/mails/search", {"resellers": ["acme"], "order_ids": orders})
        assert len(of_orders["mails"]) == many
    read = await posted(client, "/mails/get", MINE)
    assert (read["subject"], read["text"]) == ("Your new services", wanted().text)
    assert [(one["outcome"], one["reply"]) for one in read["deliveries"]] == [("sent", "kept")]
    assert [one["name"] for one in read["attachments"]] == ["services.pdf", "settings.csv", "terms.txt"]
    answer = await client.post("/mails/attachment", json=MINE | {"name": "services.pdf"})
    assert answer.content == parts(relay.came[0][1])["services.pdf"].get_content()
    checked = await posted(
        client,
        "/validity",
        {"reseller": "acme", "held_by": str(uuid4()), "mails": [{"recipient": "EVE@example.com", "subject": "x"}]},
    )
    assert [(f["code"], f["severity"]) for f in checked["findings"]] == [("mail.bounced_before", "warning")]
    assert unknown(map(Finding.model_validate, checked["findings"])) == []


async def test_addresses_of_a_customer_that_were_not_known_are_warnings_at_their_fields(
    client: httpx.AsyncClient, database: Database, relay: Relay
) -> None:
    relay.recipient_answers["eve@example.com"] = "550 no such user"
    await given(database, send(wanted("eve@example.com")))
    contacts = [{"name": "Ada", "email": "ada@example.com"}, {"name": "Eve", "email": " Eve@example.com"}]
    customer = {"email": "eve@example.com", "contacts": [*contacts, {"email": "\0"}]}
    asked = {"held_by": str(uuid4()), "customer": customer}
    found = (await posted(client, "/validity", asked | {"reseller": "acme"}))["findings"]
    assert [(one["code"], one["severity"], one["tab"], one["pointer"]) for one in found] == [
        ("mail.bounced_before", "warning", "customer", "/customer/email"),
        ("mail.bounced_before", "warning", "customer", "/customer/contacts/1/email"),
    ]
    there = str(uuid4())
    known = await posted(client, "/validity", asked | {"reseller": "acme", "customer": customer | {"id": there}})
    assert [one["about"] for one in known["findings"]] == [[there], [there]]
    anothers = await posted(client, "/validity", asked | {"reseller": "borealis"})
    assert anothers["findings"] == [], "what came back to one reseller is nobody else's business"


async def test_nobody_reads_or_sends_another_resellers_mail(client: httpx.AsyncClient, database: Database) -> None:
    await given(database, send())
    theirs = {"resellers": ["borealis"], "key": KEY}
    assert (await posted(client, "/mails/search", {"resellers": ["borealis"]}))["mails"] == []
    await posted(client, "/mails/get", theirs, 404)
    await posted(client, "/mails/attachment", theirs | {"name": "terms.txt"}, 404)
    await posted(client, "/mails/again", theirs | {"request": str(uuid4()), "by": "x", "why": "y"}, 404)


async def test_a_mail_is_sent_again_once_for_each_request(
    client: httpx.AsyncClient, database: Database, relay: Relay
) -> None:
    await given(database, send())
    request = MINE | {"request": str(uuid4()), "by": "operator:bob", "why": "it was lost"}
    for _ in range(2):
        again = await posted(client, "/mails/again", request)
        async with database.transaction() as db:
            await round_of(db)
    assert [one["why"] for one in again["again"]] == ["it was lost"]
    first, second = (message["Message-ID"] for _, message in relay.came)
    assert first != second


async def test_a_mail_on_its_way_is_not_sent_again(client: httpx.AsyncClient, database: Database, relay: Relay) -> None:
    await given(database, send(), sent=False)
    await posted(client, "/mails/again", MINE | {"request": str(uuid4()), "by": "x", "why": "y"}, 409)
    assert (await posted(client, "/mails/get", MINE))["again"] == []
    async with database.transaction() as db:
        await round_of(db)
        await round_of(db)
    assert [recipient for recipient, _ in relay.came] == ["ada@example.com"]


@pytest.mark.parametrize(
    ("recipient", "subject", "codes"),
    [
        ("", "", ["mail.no_recipient", "mail.no_subject"]),
        ("ada", "x" * 201, ["mail.bad_recipient", "mail.long_subject"]),
        ("a@b.c, d@e.f", "Hi\r\nBcc: eve@example.com", ["mail.bad_recipient", "mail.bad_subject"]),
        ("\0@a.b", "\0", ["mail.bad_recipient", "mail.bad_subject"]),
        ("ada@example.com", "Hi", []),
    ],
)
async def test_what_cannot_be_sent_is_named_with_its_field(
    client: httpx.AsyncClient, recipient: str, subject: str, codes: list[str]
) -> None:
    mails = [{"recipient": recipient, "subject": subject}]
    found = await posted(client, "/validity", {"reseller": "acme", "held_by": str(uuid4()), "mails": mails})
    assert [one["code"] for one in found["findings"]] == codes
    assert unknown(map(Finding.model_validate, found["findings"])) == []
    assert {one["pointer"].rpartition("/")[0] for one in found["findings"]} <= {"/mails/0"}


@pytest.mark.parametrize("wrong", [{"subject": "Hi\r\nBcc: eve@example.com"}, {"text": "x" * 20_001}, {"text": "\0"}])
def test_what_would_break_a_mail_cannot_be_asked_for(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        wanted(**wrong)


def test_a_message_that_no_consumer_would_read_is_refused_with_the_remedy() -> None:
    one = facts().services[0].model_copy(update={"settings": {"note": "x" * 1_900}})
    with pytest.raises(ValueError, match="attach less"):
        send(facts=facts(services=(one,) * 600))


def test_settings_of_single_numbers_stand_in_their_rows_over_those_of_their_service() -> None:
    first, second, plain = 441214960000, 441214960001, 441214960002
    numbers = (
        MailNumber(e164=first, settings={"caller_name": "Ada"}),
        MailNumber(e164=second, settings={"caller_name": "Bob", "voicemail": False}),
        MailNumber(e164=plain),
    )
    line = facts().services[0].model_copy(update={"numbers": numbers, "settings": {"voicemail": True}})
    alone = line.model_copy(update={"numbers": ()})
    said = MailFacts.model_validate_json(facts(services=(line, alone)).model_dump_json())
    sheet = csv.DictReader(io.StringIO(settings_csv.written(said, prices=True).decode("utf-8-sig")))
    assert [(row["number"], row["setting: voicemail"], row["setting: caller_name"]) for row in sheet] == [
        (f"+{first}", "true", "Ada"),
        (f"+{second}", "false", "Bob"),
        (f"+{plain}", "true", ""),
        ("", "true", ""),
    ]


def test_a_number_without_settings_of_its_own_is_said_as_releases_before_said_it() -> None:
    assert MailNumber(e164=441214960000).model_dump() == {"e164": 441214960000, "grade": None}
