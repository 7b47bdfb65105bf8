"""Sending: one SMTP session for a set of mails, paced; each mail's outcome told on its own."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import aiosmtplib

from notifier_service.model import Mail, pause, rendered
from notifier_service.settings import Settings
from patchbay_chassis.log import log

LIMIT = 20.0
"""Seconds for each answer of the relay."""


@dataclass(frozen=True)
class Delivery:
    """What became of one try: `sent`, `delayed` (to be tried again after `pause`) or `failed` for good. `bounced`: it
    failed because the relay knows no such address."""

    mail: Mail
    outcome: Literal["sent", "delayed", "failed"]
    reply: str
    pause: timedelta = timedelta(0)
    bounced: bool = False


async def send(mails: Sequence[Mail], settings: Settings) -> list[Delivery]:
    """Try each mail once. A mail may go out twice if the process dies between the relay's yes and our record of
    it; its Message-ID is the same then.

    A 5xx to a recipient or to the mail itself is final (RFC 5321, 4.2.1); anything else, such as a relay that does
    not let us in, is tried again until `give_up_after`. A relay that is so slow that the lease would end over it
    gets the rest later: after that, another replica would send the same mails.
    """
    host, _, port = settings.smtp.rpartition(":")
    client = aiosmtplib.SMTP(hostname=host, port=int(port), timeout=LIMIT, start_tls=None)
    done: list[Delivery] = []
    began = time.monotonic()
    try:
        await client.connect()
        for mail in mails:
            if time.monotonic() - began > settings.session_limit:
                break
            done.append(await _one(client, mail, settings))
            if settings.mails_per_s:
                ahead = len(done) / settings.mails_per_s - (time.monotonic() - began)
                await asyncio.sleep(max(0.0, ahead))
        await client.quit()
    except (OSError, aiosmtplib.SMTPException) as error:
        # The session is gone, not the mails: what was not tried yet is tried in another.
        done += [_again(mail, f"{type(error).__name__}: {error}", settings) for mail in mails[len(done) :]]
    else:
        done += [Delivery(mail, "delayed", "not tried: the relay is slow") for mail in mails[len(done) :]]
    finally:
        client.close()
    return done


async def _one(client: aiosmtplib.SMTP, mail: Mail, settings: Settings) -> Delivery:
    try:
        if mail.order_facts is None:
            message = rendered(mail, settings.mail_from)
        else:  # a PDF takes a tenth of a second, in which others have their turn
            message = await asyncio.to_thread(rendered, mail, settings.mail_from)
        _, reply = await client.send_message(message, recipients=[mail.recipient])
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        return replace(_refused(mail, refusal, settings), bounced=_no_such_address(refusal))
    except aiosmtplib.SMTPDataError as error:
        return _refused(mail, error, settings)
    except aiosmtplib.SMTPSenderRefused as error:
        return _again(mail, f"{error.code} {error.message}", settings)
    except aiosmtplib.SMTPNotSupported as error:
        return Delivery(mail, "failed", f"{type(error).__name__}: {error}")
    except (OSError, aiosmtplib.SMTPException):
        raise
    except Exception as error:
        # An address that SMTP cannot carry, or that Python's e-mail package breaks over, will not get better; it must
        # not hold up the others.
        log.warning("mail.unwritable", order_id=str(mail.order_id), error=repr(error))
        await client.rset()  # it may have been begun
        return Delivery(mail, "failed", f"{type(error).__name__}: {error}")
    return Delivery(mail, "sent", reply)


def _refused(mail: Mail, error: aiosmtplib.SMTPResponseException, settings: Settings) -> Delivery:
    reply = f"{error.code} {error.message}"
    return Delivery(mail, "failed", reply) if 500 <= error.code < 600 else _again(mail, reply, settings)


def _no_such_address(error: aiosmtplib.SMTPResponseException) -> bool:
    """Policy (5.7.x) says nothing about the address."""
    return error.code in (550, 551, 553) and "5.7." not in error.message


def _again(mail: Mail, reply: str, settings: Settings) -> Delivery:
    asked = mail.asked_at or datetime.now(UTC)
    if datetime.now(UTC) - asked > settings.give_up_after:
        return Delivery(mail, "failed", f"gave up after {settings.give_up_after}: {reply}")
    return Delivery(mail, "delayed", reply, pause(mail.tries))
