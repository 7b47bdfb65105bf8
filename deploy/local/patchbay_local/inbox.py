"""An SMTP server that keeps every mail in a file, and a page that lists them."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from patchbay_local.inbox_page import serve_pages
from patchbay_local.mailbox import Mailbox
from patchbay_local.running import Process
from patchbay_local.state import State


class Keeper:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        self._mailbox.keep(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return "250 kept"


def inbox_process(state: State) -> Process:
    folder = state.folder / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        sys.executable, "-m", "patchbay_local.inbox", "--file", str(folder / "mails"),
        "--smtp-port", str(state.port("smtp")), "--http-port", str(state.port("inbox")),
    )  # fmt: skip
    return Process("inbox", command, folder)


async def run(file: Path, smtp_port: int, http_port: int) -> None:
    mailbox = Mailbox(file)
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        # Without a name it would look the machine's up, which can take seconds.
        return SMTP(Keeper(mailbox), hostname="localhost", ident="Patchbay inbox", enable_SMTPUTF8=True)

    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ended.set)
    await loop.create_server(session, "127.0.0.1", smtp_port)
    await serve_pages(mailbox, http_port)
    print(f"{len(mailbox)} mails kept; SMTP on {smtp_port}, page on {http_port}", flush=True)
    await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m patchbay_local.inbox", description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    given = parser.parse_args()
    asyncio.run(run(given.file, given.smtp_port, given.http_port))


if __name__ == "__main__":
    main()
