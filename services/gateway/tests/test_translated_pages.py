"""In a language that has all words no page says anything in English, but for what people typed and programs know."""

import re
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any, get_args

import httpx
import pytest
import pytest_asyncio

from gateway_service.keys import Scope
from gateway_service.pages.language import Language
from gateway_service.pages.wizard_ways import TABS

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .places import PLACES
from .serving import a_change
from .test_every_page_in_a_browser import ended
from .walking import Walk
from .whole_site import WholeSite, clerk_of

UNREAD = {"script", "style", "textarea", "code", "pre"}
CODES = re.compile(r"\S*[@/_\d=]\S*|\w+([.:-]\w+)+|a{20,}")
"""Ids, addresses, times, codes and names of files: nobody translates them."""
GIVEN = re.compile(
    r"Patchbay|(Acme|Voice|One) line|Acme Telecom|Borealis|Anna Ash|Ben Birch|Ada Lovelace|Ada|Babbage & Co|Birmingham"
    r"|St James's Square London|GB\b|GBP|Ines & Co|Billing run|Shop|acme|borealis|Jan(uary)?|Jun|Jul|Dec|Mar|Nov|SHA"
    r"|A service|Standard|plus VAT|A telephone line\. For one desk\.|Be fair\.|Pay\.|[Vv]oicemail|Greeting|Hello"
    r"|What callers hear|Rings|Codec|Opus|Hours|When busy|Code|bought in June|inventory manager|ticket|unpaid|seed"
    r"|a better name|asked for it|exchange is busy|no such user|as agreed|Welcome|ABBA|not a text|of borealis"
    r"|There is a customer of this name\. Choose that one, or waive this\.|ask for one|no answer|as sold|day|ValueError"
    r"|(Your|Dear Ada your) services( are there\.)?|Subject|Text|wanted|free|\bof\b|alert|^(test|(numbers|orders) only)"
)
"""What people typed."""
NAMES = set(get_args(Scope)) | {
    *("gateway", "customer", "billing", "notifier", "provisioning", "add", "lend", "blocks", "type", "boolean"),
    *("row", "reason", "first", "size", "country", "trunk", "area", "pool", "owner", "public", "should", "be", "or"),
}
"""What programs know things by: scopes of API keys, services, columns of CSVs."""


class Foreign(NullTranslations):
    """Each letter of each text is another one; what is filled in stays."""

    def gettext(self, message: str) -> str:
        return re.sub(r"%\(\w+\)s|[A-Za-z]", lambda found: found[0] if len(found[0]) > 1 else "ж", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Languages:
    """There is one alone."""

    def choose(self, _accepted: str) -> Language:
        return Language("en_GB", Foreign())


class Texts(HTMLParser):
    """What can be read of a page, or heard."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said = list[str]()
        self._unread = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unread += tag in UNREAD
        self.said += [value for name, value in attrs if name in {"aria-label", "title", "placeholder"} and value]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(" ".join(data.split()))


@pytest.fixture
def site(behind: Behind) -> WholeSite:
    return WholeSite(behind)


@pytest_asyncio.fixture
async def clerk(site: WholeSite, gateway: Gateway) -> Clerk:
    return await clerk_of(site, gateway)


async def test_no_page_has_english_left(
    site: WholeSite, gateway: Gateway, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.changes = [a_change(), a_change("add_numbers", "failed", before={})]
    gateway.app.state.site.languages = Languages()
    heard, get = dict[str, str](), clerk.visitor.get

    async def read(path: str, **headers: str) -> httpx.Response:
        answer = await get(path, **headers)
        for text in Texts(answer.text).said:
            heard.setdefault(text, path)
        return answer

    monkeypatch.setattr(clerk.visitor, "get", read)
    begin = ["/", *await ended(gateway)]
    for place in PLACES.values():
        begin += [*await place(gateway, clerk), *(f"/wizard/{clerk.id}/{tab}" for tab in TABS if clerk.id)]
    walk = Walk(gateway)
    await walk.through(clerk.visitor, begin)
    assert len(walk.pages) > 50
    assert [f"{path}: {text}" for text, path in heard.items() if _english(text)] == []


def _english(text: str) -> bool:
    words = re.findall(r"[A-Za-z]{3,}", GIVEN.sub("", CODES.sub("", text)))
    return bool(set(words) - NAMES)
