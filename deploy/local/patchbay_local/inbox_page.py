"""The inbox over HTTP: a page for people, JSON for scripts."""

from __future__ import annotations

import asyncio
import json
import re
from html import escape
from http import HTTPStatus
from urllib.parse import SplitResult, parse_qs, urlsplit

from patchbay_local.mailbox import Mail, Mailbox

MOST = 1_000  # mails in one answer
ON_PAGE = 200
RAW = re.compile(r"/mails/([0-9]{1,9})\.eml")

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Inbox ({count})</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
details {{ border-top: 1px solid #ccc; padding: .4rem 0 }}
summary {{ cursor: pointer; overflow-wrap: anywhere }} small {{ color: #555 }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: .8rem }}
</style></head><body>
<h1>Inbox</h1>
<p>{count} mails kept, newest first{shown}. <a href="/mails">As JSON</a>.</p>
{mails}
</body></html>
"""

MAIL = """<details><summary><strong>{subject}</strong> <small>to {to}, {at}</small></summary>
<p><small>from {sender}, {message_id}, <a href="/mails/{id}.eml">as it came</a>{attached}</small></p>
<pre>{body}</pre></details>"""


def answer(mails: Mailbox, target: str) -> tuple[HTTPStatus, str, bytes]:
    """Status, content type and content for a request's target."""
    url = urlsplit(target)
    if (one := RAW.fullmatch(url.path)) and (raw := mails.raw(int(one[1]))) is not None:
        return HTTPStatus.OK, "message/rfc822", raw
    status, kind, text = _read(mails, url)
    return status, f"{kind}; charset=utf-8", text.encode(errors="replace")


def _read(mails: Mailbox, url: SplitResult) -> tuple[HTTPStatus, str, str]:
    if url.path == "/livez":
        return HTTPStatus.OK, "text/plain", "ok\n"
    if url.path == "/count":
        return HTTPStatus.OK, "application/json", json.dumps({"mails": len(mails)})
    if url.path == "/mails":
        given = parse_qs(url.query)
        return _listed(mails, given.get("after", ["0"])[0], given.get("limit", ["100"])[0])
    if url.path == "/":
        return HTTPStatus.OK, "text/html", _page(mails)
    return HTTPStatus.NOT_FOUND, "text/plain", "there are /, /mails, /mails/<id>.eml, /count and /livez\n"


def _listed(mails: Mailbox, after: str, limit: str) -> tuple[HTTPStatus, str, str]:
    try:
        found = mails.after(int(after), max(0, min(int(limit), MOST)))
    except ValueError:
        return HTTPStatus.BAD_REQUEST, "text/plain", "after and limit must be whole numbers\n"
    return HTTPStatus.OK, "application/json", json.dumps({"mails": [_as_json(one) for one in found]})


def _as_json(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id, "to": mail.to, "from": mail.sender, "subject": mail.subject,
        "message_id": mail.message_id, "received_at": mail.received_at, "body": mail.body,
        "attachments": mail.attachments,
    }  # fmt: skip


def _page(mails: Mailbox) -> str:
    listed = "\n".join(
        MAIL.format(
            subject=escape(one.subject or "(no subject)"), to=escape(", ".join(one.to)),
            at=escape(one.received_at), sender=escape(one.sender),
            message_id=escape(one.message_id), body=escape(one.body), id=one.id,
            attached=escape("".join(f", {name}" for name in one.attachments)),
        )
        for one in mails.newest(ON_PAGE)
    )  # fmt: skip
    shown = f", the last {ON_PAGE} shown" if len(mails) > ON_PAGE else ""
    return PAGE.format(count=len(mails), shown=shown, mails=listed)


async def serve_pages(mails: Mailbox, port: int) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ", 2)
            status, kind, body = HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"only GET\n"
            if len(request) == 3 and request[0] in {"GET", "HEAD"}:
                status, kind, body = answer(mails, request[1])
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + (b"" if request[0] == "HEAD" else body))
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked has gone, or did not speak HTTP
        finally:
            writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)
