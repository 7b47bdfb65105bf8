"""The notifier under test: its router, and a relay that answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP

from notifier_service import handlers
from notifier_service.settings import Settings
from patchbay_chassis.router import Router


@pytest.fixture(scope="session")
def service_package() -> str:
    return "notifier_service"


@pytest.fixture
def router() -> Router:
    return handlers.router


class Relay:
    """An SMTP server. It takes every mail, unless it is told how to answer a sender, a recipient or a mail to one."""

    def __init__(self) -> None:
        self.port = 0
        self.international = True
        self.sender_answer = ""
        self.recipient_answers: dict[str, str] = {}
        self.mail_answers: dict[str, str] = {}
        self.hangs_up_on = ""
        self.came: list[tuple[str, EmailMessage]] = []
        self.sessions = 0

    @property
    def settings(self) -> Settings:
        return Settings(smtp=f"127.0.0.1:{self.port}", mails_per_s=0)

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.came]

    def session(self) -> SMTP:
        self.sessions += 1
        return SMTP(self, hostname="localhost", enable_SMTPUTF8=self.international)

    async def handle_MAIL(self, *given: Any) -> str:  # noqa: N802
        _, _, envelope, address, _ = given
        envelope.mail_from = address
        return self.sender_answer or "250 OK"

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        _, _, envelope, address, _ = given
        if refused := self.recipient_answers.get(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
        server, _, envelope = given
        (recipient,) = envelope.rcpt_tos
        if recipient == self.hangs_up_on:
            server.transport.abort()
        answer = self.mail_answers.get(recipient, "250 kept")
        if answer.startswith("250") and recipient != self.hangs_up_on:
            self.came.append((recipient, message_from_bytes(envelope.content, EmailMessage, policy=SMTPUTF8)))
        return answer


@pytest_asyncio.fixture
async def relay() -> AsyncIterator[Relay]:
    relay = Relay()
    server = await asyncio.get_running_loop().create_server(relay.session, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    yield relay
    server.close()
