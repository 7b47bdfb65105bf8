"""The mails of the wizard as they are in the inbox, opened as programs open them."""

import csv
import io
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

import httpx
import pypdf

from tests.documents import Document
from tests.suite import Suite, eventually


async def one_mail(suite: Suite, to: str, subject: str, name: str) -> dict[str, str]:
    """The texts of its parts, as programs read them; what is the same in the mails to all is checked. `name`: of the
    customer whom it is about, as others' mails come to the same address."""

    async def there() -> list[dict[str, EmailMessage]]:
        mails = [await opened(suite, mail) for mail in await suite.mails(to, subject)]
        return [parts for parts in mails if name in parts["text/plain"].get_content()]

    (parts,) = await eventually(there)
    assert list(parts) == ["text/plain", "text/html", "services.pdf", "settings.csv", "terms.txt"]
    pdf = pypdf.PdfReader(io.BytesIO(parts["services.pdf"].get_content()))
    texts = {name: part.get_content() for name, part in parts.items() if name != "services.pdf"}
    rows = list(csv.DictReader(io.StringIO(texts["settings.csv"].lstrip("\ufeff"))))
    assert [row["setting: caller_name"] for row in rows] == ["'=1+1", "Desk of Zoë", "Desk two"]
    assert all(row["number"] in texts["text/plain"] for row in rows)
    assert "These terms apply to Voice line" in texts["terms.txt"]
    assert texts["text/html"].count("<html") == 1
    return texts | {"services.pdf": "\n".join(one.extract_text() for one in pdf.pages)}


async def opened(suite: Suite, mail: Document) -> dict[str, EmailMessage]:
    """The parts of a mail in the inbox as a mail program sees them, by file name or kind."""
    async with httpx.AsyncClient() as client:
        raw = (await client.get(f"{suite.stack.inbox_url}/mails/{mail['id']}.eml")).content
    whole = message_from_bytes(raw, policy=modern)
    return {part.get_filename() or part.get_content_type(): part for part in whole.walk() if not part.is_multipart()}
