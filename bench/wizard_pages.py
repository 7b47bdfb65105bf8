"""The site as it is seen without a browser: pages by HTTP, forms with what stands in them, and what each took."""

import asyncio
import gzip
import html
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp

Fields = list[tuple[str, str]]
Change = Mapping[str, str | Sequence[str] | None]
"""What is typed into a form, by the names of the fields; several for boxes, None for what is not sent."""

_FORM = re.compile(r'<form method="post" action="([^"]*)"(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r"<(input|select|textarea|option)\b([^>]*)>(?:([^<]*)</textarea>)?")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_ASSET = re.compile(r'(?:src|href)="(/assets/[^"]+)"')


@dataclass
class Times:
    """Milliseconds by what was asked, bytes of each page as they came, and what was answered with an error."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    weight: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, took: float) -> None:
        """It took so long."""
        self.ms.setdefault(name, []).append(took)


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    path: str
    text: str
    status: int = 200

    def form(self, action: str) -> Fields:
        """What a browser would send of the form that goes there."""
        for found in _FORM.finditer(self.text):
            if html.unescape(found[1]) == action:
                return _fields(found[2])
        said = " ".join(re.sub(r"<[^>]*>", " ", self.text.partition("<main")[2]).split())
        raise LookupError(f"{self.path} ({self.status}) has no form for {action}: <{said[:300]}")

    def values(self, name: str) -> list[str]:
        """The values of all fields of that name, ticked or not."""
        return re.findall(rf'name="{name}"[^>]*? value="([^"]*)"', self.text)

    def buttons(self, begins: str) -> list[str]:
        """The values of the buttons that begin so."""
        return re.findall(rf'name="act" value="({begins}[^"]*)"', self.text)


def _fields(text: str) -> Fields:
    fields: Fields = []
    of_select = False
    for tag, attributes, content in _FIELD.findall(text):
        given = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            fields.append((name, ""))
            of_select = True
        elif tag == "option":
            # Without a choice a browser sends the first option.
            if of_select or "selected" in given:
                fields[-1] = (fields[-1][0], value)
            of_select = False
        elif tag == "textarea":
            fields.append((name, html.unescape(content).removeprefix("\n")))
        elif given.get("type") not in {"checkbox", "radio", "file"} or "checked" in given:
            fields.append((name, value))
    return fields


class Visitor:
    """A browser without JavaScript: it keeps its session, follows redirects, and sends forms as they stand, changed
    where something is typed. `think`: seconds that pass before each action, on average."""

    def __init__(self, url: str, token: str, times: Times, think: float = 0) -> None:
        self._session = aiohttp.ClientSession(
            url,
            headers={"Accept": "text/html", "Accept-Encoding": "gzip"},
            cookies={"patchbay": token},
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # the site has no name, but an address
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=60),
        )
        self._times, self._think = times, think
        self.page = Page("", "")
        self.actions, self.requests = 0, 0

    async def close(self) -> None:
        """Leave."""
        await self._session.close()

    async def get(self, path: str, name: str = "") -> Page:
        """Go to a page by its address or a link. One action."""
        await self._wait()
        return await self._get(path, name)

    async def look(self, path: str, name: str) -> Page:
        """What the page does by itself while an order is created. No action."""
        return await self._get(path, name)

    async def press(self, button: tuple[str, str], typed: Change | None = None, action: str = "") -> Page:
        """Type, and press that button; the page that follows. One action."""
        await self._wait()
        action = action or self.page.path.partition("?")[0]
        fields = self.page.form(action)
        typed = typed or {}
        sent = [(name, value) for name, value in fields if name not in typed]
        for name, value in typed.items():
            given = [value] if isinstance(value, str) else value or []
            sent += [(name, one) for one in given]
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in [*sent, button]:
            if name:
                form.add_field(name, value)
        status, location, body = await self._ask("POST", action, f"{_tab(action)} (form)", form)
        if status == 303:
            return await self._get(location.partition("#")[0])
        self._times.wrong.append(f"{action} {button}: {status}")
        self.page = Page(self.page.path, body, status)
        return self.page

    async def weigh(self) -> tuple[int, int]:
        """Bytes of the page that is open, and of all that it names: as they travel, without headers."""
        total = 0
        for address in dict.fromkeys(_ASSET.findall(self.page.text)):
            async with self._session.get(html.unescape(address)) as answer:
                total += len(await answer.read())
        return self._times.weight[_tab(self.page.path)], total

    async def _get(self, path: str, name: str = "") -> Page:
        status, location, body = await self._ask("GET", path, name or _tab(path))
        if status == 303:
            return await self._get(location, name)
        if status != 200:
            self._times.wrong.append(f"{path}: {status}")
        self.page = Page(path, body, status)
        return self.page

    async def _ask(
        self, method: str, path: str, name: str, form: aiohttp.FormData | None = None
    ) -> tuple[int, str, str]:
        body = form() if form else None
        self.requests += 1
        began = time.perf_counter()
        async with self._session.request(method, path, data=body, allow_redirects=False) as answer:
            packed = await answer.read()
            took = (time.perf_counter() - began) * 1000
        self._times.add(name, took)
        if method == "GET" and answer.status == 200:
            self._times.weight[name] = max(len(packed), self._times.weight.get(name, 0))
        text = gzip.decompress(packed) if answer.headers.get("Content-Encoding") == "gzip" else packed
        return answer.status, answer.headers.get("Location", ""), text.decode()

    async def _wait(self) -> None:
        self.actions += 1
        if self._think:
            await asyncio.sleep(random.uniform(0.5, 1.5) * self._think)


def _tab(path: str) -> str:
    """What a page is called in the figures."""
    parts = path.partition("?")[0].strip("/").split("/")
    return parts[-1] if len(parts) > 2 else "start"
