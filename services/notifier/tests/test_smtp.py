"""Sending over SMTP: what a relay answers decides what becomes of each mail, and of no other."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier_service.settings import Settings
from notifier_service.smtp import Delivery, send

from .conftest import Relay
from .ended import mail

ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


async def sent(relay: Relay, *recipients: str) -> list[Delivery]:
    return await send([mail(recipient) for recipient in recipients], relay.settings)


def outcomes(deliveries: list[Delivery]) -> dict[str, str]:
    return {delivery.mail.recipient: delivery.outcome for delivery in deliveries}


async def test_mails_go_out_in_one_session_and_the_relays_reply_is_kept(relay: Relay) -> None:
    deliveries = await sent(relay, ADA, BOB)
    assert [(d.outcome, d.reply) for d in deliveries] == [("sent", "kept")] * 2
    assert relay.recipients == [ADA, BOB]
    assert relay.sessions == 1
    assert relay.came[0][1]["Subject"] == "Your new services"


@pytest.mark.parametrize("answer", ["450 busy", "452 mailbox full", "421 closing"])
async def test_a_recipient_that_is_refused_for_now_is_tried_later(relay: Relay, answer: str) -> None:
    relay.recipient_answers[BOB] = answer
    deliveries = await sent(relay, ADA, BOB, EVE)
    assert outcomes(deliveries)[BOB] == "delayed"
    assert deliveries[1].reply == answer
    assert deliveries[1].pause > timedelta(0)
    assert outcomes(deliveries)[ADA] == "sent"


async def test_a_recipient_that_is_refused_for_good_is_not_tried_again(relay: Relay) -> None:
    relay.recipient_answers[BOB] = "550 no such user"
    deliveries = await sent(relay, ADA, BOB, EVE)
    assert outcomes(deliveries) == {ADA: "sent", BOB: "failed", EVE: "sent"}
    assert deliveries[1].reply == "550 no such user"


@pytest.mark.parametrize(("answer", "outcome"), [("451 greylisted", "delayed"), ("554 spam", "failed")])
async def test_a_mail_that_is_refused_fares_as_the_relay_says(relay: Relay, answer: str, outcome: str) -> None:
    relay.mail_answers[BOB] = answer
    assert outcomes(await sent(relay, ADA, BOB, EVE)) == {ADA: "sent", BOB: outcome, EVE: "sent"}


@pytest.mark.parametrize("answer", ["451 later", "530 log in first", "550 not from you"])
async def test_a_relay_that_does_not_let_us_in_costs_no_mail(relay: Relay, answer: str) -> None:
    relay.sender_answer = answer
    assert outcomes(await sent(relay, ADA, BOB)) == {ADA: "delayed", BOB: "delayed"}


async def test_when_the_connection_breaks_what_was_not_answered_is_tried_later(relay: Relay) -> None:
    relay.hangs_up_on = BOB
    deliveries = await sent(relay, ADA, BOB, EVE)
    assert outcomes(deliveries) == {ADA: "sent", BOB: "delayed", EVE: "delayed"}
    relay.hangs_up_on = ""
    await send([one.mail for one in deliveries if one.outcome == "delayed"], relay.settings)
    assert relay.recipients == [ADA, BOB, EVE]


async def test_with_no_relay_there_every_mail_is_tried_later(unused_tcp_port: int) -> None:
    deliveries = await send([mail(ADA), mail(BOB)], Settings(smtp=f"127.0.0.1:{unused_tcp_port}"))
    assert outcomes(deliveries) == {ADA: "delayed", BOB: "delayed"}
    assert "refused" in deliveries[0].reply or "Connect" in deliveries[0].reply


async def test_a_mail_that_could_not_be_sent_for_a_day_is_given_up(unused_tcp_port: int) -> None:
    now, settings = datetime.now(UTC), Settings(smtp=f"127.0.0.1:{unused_tcp_port}")
    old, young = (mail(asked_at=now - timedelta(hours=hours)) for hours in (25, 23))
    first, second = await send([old, young], settings)
    assert (first.outcome, second.outcome) == ("failed", "delayed")
    assert first.reply.startswith("gave up after 1 day")


async def test_names_and_addresses_may_be_in_any_script(relay: Relay) -> None:
    recipient = "ädä@exämple.com"
    (delivery,) = await send([mail(recipient, name="Ädä 阿达")], relay.settings)
    assert delivery.outcome == "sent"
    ((to, message),) = relay.came
    assert to == recipient
    assert str(message.get_content()).startswith("Dear Ädä 阿达,")


async def test_an_address_that_the_relay_cannot_carry_fails_alone(relay: Relay) -> None:
    relay.international = False
    assert outcomes(await sent(relay, ADA, "ädä@example.com", EVE)) == {
        ADA: "sent",
        "ädä@example.com": "failed",
        EVE: "sent",
    }


@pytest.mark.parametrize("address", [".:@:.:", '("."@a).a)', "x\r\nRCPT TO:<eve@example.com>@example.com", "\0@\0.a"])
async def test_an_address_that_cannot_be_written_fails_alone(relay: Relay, address: str) -> None:
    deliveries = await sent(relay, ADA, address, BOB)
    assert [delivery.outcome for delivery in deliveries] == ["sent", "failed", "sent"]
    assert relay.recipients == [ADA, BOB]


async def test_a_relay_that_is_too_slow_for_the_lease_gets_the_rest_later(relay: Relay) -> None:
    hurried = relay.settings.model_copy(update={"mail_lease": timedelta(0)})
    deliveries = await send([mail(ADA), mail(BOB)], hurried)
    assert outcomes(deliveries) == {ADA: "delayed", BOB: "delayed"}
    assert (deliveries[0].reply, deliveries[0].pause) == ("not tried: the relay is slow", timedelta(0))
    assert relay.came == []


@pytest.mark.parametrize("relay_address", ["localhost", "localhost:", "localhost:smtp", ":25"])
def test_a_relay_without_a_port_is_refused_at_the_start(relay_address: str) -> None:
    with pytest.raises(ValueError, match="smtp"):
        Settings(smtp=relay_address)
