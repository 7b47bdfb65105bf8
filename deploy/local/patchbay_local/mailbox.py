"""The mails that came, kept in one file: written as they came, parsed only when someone looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mail:
    id: int
    to: list[str]
    sender: str
    subject: str
    message_id: str
    received_at: str
    body: str
    attachments: list[str]


class Mailbox:
    """A file of records: a line of JSON (envelope and size), then that many bytes of mail, and a newline.

    Nothing is parsed when a mail comes: a bench sends thousands.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.open("a+b")
        self._places: list[int] = []
        self._end = self._index()
        self._file.truncate(self._end)  # a killed process may have left half a record

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        self._file.close()

    def keep(self, sender: str, to: list[str], content: bytes) -> None:
        envelope = {"from": sender, "to": to, "at": datetime.now(UTC).isoformat(), "size": len(content)}
        record = json.dumps(envelope).encode() + b"\n" + content + b"\n"
        self._file.write(record)
        self._file.flush()
        self._places.append(self._end)
        self._end += len(record)

    def after(self, last: int, limit: int) -> list[Mail]:
        """Oldest first; ids count from 1 without gaps."""
        first = max(0, last)
        return [self._read(number) for number in range(first, min(len(self), first + limit))]

    def newest(self, limit: int) -> Iterator[Mail]:
        return (self._read(number) for number in range(len(self) - 1, max(-1, len(self) - 1 - limit), -1))

    def raw(self, id_: int) -> bytes | None:
        """The mail as it came, to be opened by a mail program; None if there is no such mail."""
        return self._found(id_ - 1)[1] if 0 < id_ <= len(self) else None

    def _found(self, number: int) -> tuple[dict[str, Any], bytes]:
        self._file.seek(self._places[number])
        envelope = json.loads(self._file.readline())
        return envelope, self._file.read(envelope["size"])

    def _read(self, number: int) -> Mail:
        envelope, content = self._found(number)
        mail = message_from_bytes(content, policy=modern)
        return Mail(
            id=number + 1,
            to=envelope["to"],
            sender=envelope["from"],
            subject=str(mail.get("Subject", "")),
            message_id=str(mail.get("Message-ID", "")),
            received_at=envelope["at"],
            body=_text(mail),
            attachments=[part.get_filename("(no name)") for part in mail.iter_attachments()],
        )

    def _index(self) -> int:
        size = self._file.seek(0, 2)
        end = 0
        while end < size:
            self._file.seek(end)
            try:
                envelope = json.loads(self._file.readline())
                following = self._file.tell() + envelope["size"] + 1
            except (ValueError, TypeError, KeyError):
                break
            if following > size:
                break
            self._places.append(end)
            end = following
        return end


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    try:
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError, KeyError):  # a charset that nobody knows
        return "(not readable)"
