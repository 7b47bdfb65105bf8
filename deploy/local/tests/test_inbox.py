"""The inbox: every mail is kept and listed, whatever it looks like and whatever happens to the process."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from patchbay_local.inbox import inbox_process
from patchbay_local.inbox_page import answer
from patchbay_local.mailbox import Mailbox
from patchbay_local.running import Process, Running
from patchbay_local.state import State
from patchbay_local.waiting import http_ok, wait_for


def _mail(subject: str, body: str = "Your numbers are ready.") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "patchbay@example.net", "ada@example.org", subject
    mail["Message-ID"] = "<1@patchbay>"
    mail.set_content(body)
    return mail


def _get(state: State, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{state.port('inbox')}{path}", timeout=5) as found:
        return json.load(found)


def test_a_mail_that_was_sent_is_listed_also_after_a_kill(state: State, run: Callable[[Process], Running]) -> None:
    url = f"http://127.0.0.1:{state.port('inbox')}"
    running = run(inbox_process(state))
    wait_for(lambda: http_ok(f"{url}/livez"), 20, "inbox")
    with smtplib.SMTP("127.0.0.1", state.port("smtp"), timeout=10) as client:
        client.send_message(_mail("Grüße"))
        client.send_message(_mail("second"))
    running.kill()
    run(inbox_process(state))
    wait_for(lambda: http_ok(f"{url}/livez"), 20, "inbox again")

    assert _get(state, "/count") == {"mails": 2}
    (mail,) = _get(state, "/mails?limit=1")["mails"]
    assert (mail["id"], mail["subject"], mail["from"]) == (1, "Grüße", "patchbay@example.net")
    assert mail["to"] == ["ada@example.org"]
    assert mail["message_id"] == "<1@patchbay>"
    assert mail["body"].strip() == "Your numbers are ready."
    assert [one["subject"] for one in _get(state, "/mails?after=1")["mails"]] == ["second"]


def test_the_page_shows_the_newest_first_and_lets_no_markup_through(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mails")
    for subject in ("older", "<script>alert(1)</script>"):
        mailbox.keep("a@example.org", ["b@example.org"], _mail(subject, "<b>bold</b>").as_bytes())
    _, kind, content = answer(mailbox, "/")
    page = content.decode()
    mailbox.close()
    assert kind == "text/html; charset=utf-8"
    assert "<script>" not in page
    assert "<b>" not in page
    assert page.index("&lt;script&gt;") < page.index("older")


def test_what_is_no_proper_mail_is_listed_too(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mails")
    mailbox.keep("", ["b@example.org"], b"\xff\xfe\x00 no header at all")
    mailbox.keep("", ["b@example.org"], b"Content-Type: text/plain; charset=none-such\r\n\r\nbody")
    _, _, content = answer(mailbox, "/mails")
    mailbox.close()
    assert [one["id"] for one in json.loads(content)["mails"]] == [1, 2]


def test_a_mail_is_handed_out_as_it_came_with_what_is_attached(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mails")
    mail = _mail("with a file")
    mail.add_attachment(b"1,2", maintype="text", subtype="csv", filename="<b>.csv")
    mailbox.keep("", ["b@example.org"], mail.as_bytes())
    assert answer(mailbox, "/mails/1.eml") == (200, "message/rfc822", mail.as_bytes())
    (listed,) = json.loads(answer(mailbox, "/mails")[2])["mails"]
    assert listed["attachments"] == ["<b>.csv"]
    assert b"&lt;b&gt;.csv" in answer(mailbox, "/")[2]
    mailbox.close()


def test_half_a_record_left_by_a_crash_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "mails"
    mailbox = Mailbox(file)
    mailbox.keep("a@example.org", ["b@example.org"], _mail("whole").as_bytes())
    mailbox.close()
    with file.open("ab") as crashed:
        crashed.write(b'{"from": "a@example.org", "to": [], "at": "now", "size": 900}\nhalf')
    mailbox = Mailbox(file)
    mailbox.keep("a@example.org", ["b@example.org"], _mail("next").as_bytes())
    assert [one.subject for one in mailbox.after(0, 10)] == ["whole", "next"]
    mailbox.close()


def test_questions_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mails")
    assert answer(mailbox, "/mails?after=x")[0] == 400
    for path in ("/none", "/mails/1.eml", "/mails/0.eml", "/mails/x.eml"):
        assert answer(mailbox, path)[0] == 404
    mailbox.close()
