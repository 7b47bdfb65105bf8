"""What is written to whom."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTPUTF8

import pytest

from notifier_service.model import mails, message_id, pause, rendered
from patchbay_contracts.v1.orders import LineOutcome
from patchbay_contracts.words import Organisation

from .ended import ACME, ADA, CHARLES, WIRES, completed, failed, mail

SENDER = "Patchbay <orders@patchbay.example>"


def written(event: object, to: Organisation) -> str:
    (one,) = (mail for mail in mails(event) if mail.recipient == to.email)  # type: ignore[arg-type]
    return str(rendered(one, SENDER).get_content())


def test_a_completed_order_tells_everybody_whom_it_names() -> None:
    told = [one.recipient for one in mails(completed(ADA, ACME, WIRES, CHARLES))]
    assert told == [one.email for one in (ADA, ACME, WIRES, CHARLES)]


def test_a_failed_order_tells_only_the_reseller() -> None:
    assert [one.recipient for one in mails(failed(ADA, ACME, WIRES, CHARLES))] == [ACME.email]


def test_an_order_that_names_nobody_tells_nobody() -> None:
    assert list(mails(completed())) == list(mails(failed(ADA))) == []


def test_one_address_gets_one_mail_however_it_is_written() -> None:
    again = Organisation(kind="contact", name="Ada at work", email="ADA@example.com")
    assert [one.recipient for one in mails(completed(ADA, again))] == [ADA.email]


def test_a_customer_reads_its_numbers_and_what_they_cost() -> None:
    text = written(completed(ADA), ADA)
    assert text.startswith("Dear Ada,\n")
    assert "- voice-line: +441214960000, +441214960001\n" in text
    assert "Set-up: 5.00 GBP\nMonthly: 9.995 GBP\n" in text


@pytest.mark.parametrize("other", [WIRES, CHARLES])
def test_what_the_customer_pays_is_nobody_elses_business(other: Organisation) -> None:
    assert "GBP" not in written(completed(other), other)
    assert "GBP" in written(completed(ACME), ACME)


def test_a_customer_without_services_reads_that_its_account_is_open() -> None:
    assert "No service was ordered" in written(completed(ADA, services=()), ADA)


def test_the_reseller_reads_why_an_order_failed_and_that_nothing_is_left_of_it() -> None:
    text = written(failed(ACME), ACME)
    assert "everything done for it was taken back" in text
    assert "Step: billing\nReason: no_price\n/lines/0: ask for one\n" in text


def test_the_reseller_alone_reads_which_lines_were_left_out() -> None:
    left = LineOutcome(line=1, state="refused", reason="taken", detail="/lines/1/numbers: +441214960000 taken")
    event = completed(ADA, ACME, lines=(left,))
    assert "- line 2, taken: /lines/1/numbers: +441214960000 taken" in written(event, ACME)
    assert "left out" not in written(event, ADA)
    assert "left out" not in written(completed(ACME), ACME)


def test_subjects_name_the_order_by_the_resellers_reference_or_else_by_its_id() -> None:
    (one,) = mails(failed(ACME))
    assert rendered(one, SENDER)["Subject"] == "Order PO-1 was not carried out"
    (one,) = mails(completed(ACME, reference=None))
    assert rendered(one, SENDER)["Subject"] == f"Order {one.order_id} is complete"


def test_a_line_break_in_a_text_makes_no_header() -> None:
    evil = "x\r\nBcc: all@example.com\n\nBuy!"
    one = mail(name=evil, kind="reseller", facts=mail().facts | {"reference": evil})
    read = message_from_bytes(rendered(one, SENDER).as_bytes(), policy=SMTPUTF8)
    assert read["Bcc"] is None
    assert read["Subject"] == "Order x Bcc: all@example.com Buy! is complete"
    assert str(read.get_payload()).startswith("Dear x Bcc: all@example.com Buy!,\n")


def test_a_line_break_in_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="line"):
        rendered(mail("ada@example.com\r\nBcc: all@example.com"), SENDER)


def test_a_mail_has_the_same_id_each_time_it_is_sent_and_another_for_each_address() -> None:
    assert message_id(mail()) == message_id(mail("ADA@example.com", tries=7))
    assert message_id(mail()) != message_id(mail("bob@example.com"))
    assert rendered(mail(), SENDER)["Message-ID"] == message_id(mail())


def test_a_mail_has_the_headers_of_one_that_a_machine_wrote() -> None:
    asked = datetime(2026, 11, 24, 12, tzinfo=UTC)
    headers = rendered(mail(asked_at=asked), SENDER)
    assert (headers["From"], headers["To"], headers["Auto-Submitted"]) == (SENDER, "ada@example.com", "auto-generated")
    assert headers["Date"] == "Tue, 24 Nov 2026 12:00:00 +0000"


def test_pauses_double_from_seconds_to_an_hour_and_are_never_the_same_for_all() -> None:
    assert timedelta(seconds=1.5) <= pause(1) <= timedelta(seconds=2.5)
    assert timedelta(seconds=6) <= pause(3) <= timedelta(seconds=10)
    assert all(timedelta(minutes=45) <= pause(tries) <= timedelta(minutes=75) for tries in (12, 100, 5_000))
    assert len({pause(5) for _ in range(20)}) > 1
