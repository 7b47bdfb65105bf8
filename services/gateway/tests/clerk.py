"""An operator at the wizard without a browser: sees a tab's form, types into it, and presses one of its buttons."""

from collections import defaultdict
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx

from gateway_service import drafts
from gateway_service.draft import Author, Draft
from gateway_service.recent import Recent

from .behind import Behind
from .conftest import Gateway
from .operators import ANNA, Visitor, add_operator
from .owners import Owners


class PageForm(HTMLParser):
    """The fields of the form of a tab, as a browser would send them; and what can be seen of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields = defaultdict[str, list[str]](list)
        self.buttons = list[tuple[str, str]]()
        self._inside, self._select, self._area = False, "", ""
        self._chosen: str | None = None
        self._first: str | None = None
        self._said = list[str]()
        self.feed(page)
        self.seen = " ".join("".join(self._said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = of.get("id") == "page"
        if not self._inside or (not of.get("name") and tag != "option"):
            return
        if tag == "button":
            self.buttons.append((of["name"], of.get("value", "")))
        elif tag == "select":
            self._select, self._chosen, self._first = of["name"], None, None
        elif tag == "option":
            self._first = of["value"] if self._first is None else self._first
            self._chosen = of["value"] if "selected" in of else self._chosen
        elif tag == "textarea":
            self._area = of["name"]
            self.fields[self._area].append("")
        elif of.get("type") not in {"checkbox", "radio", "file"} or "checked" in of:
            self.fields[of["name"]].append(of.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select" and self._select:
            chosen = self._chosen if self._chosen is not None else self._first
            if chosen is not None:
                self.fields[self._select].append(chosen)
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][-1] += data.removeprefix("\n")
        self._said.append(data)


class Clerk:
    """At one draft, on one tab. Another one at the same draft is a second tab of the browser."""

    def __init__(self, gateway: Gateway, owners: Owners) -> None:
        self.gateway, self.owners = gateway, owners
        self.visitor = Visitor(gateway)
        self.id = ""
        self.form = PageForm("")
        self.tab = ""

    @classmethod
    async def at_a_draft(cls, gateway: Gateway, behind: Behind) -> "Clerk":
        """Somebody who is signed in, with a new draft."""
        clerk = cls(gateway, Owners(behind))
        await clerk.sign_in()
        await clerk.begin()
        return clerk

    async def sign_in(self, email: str = ANNA, **changes: Any) -> None:
        await add_operator(self.gateway, email, **changes)
        await self.visitor.sign_in(email)

    async def begin(self) -> None:
        answer = await self.visitor.post("/wizard", {}, on="/wizard")
        self.id = answer.headers["location"].split("/")[2]
        await self.go("customer")

    def beside(self) -> "Clerk":
        """A second tab of the same browser."""
        other = Clerk(self.gateway, self.owners)
        other.visitor, other.id = self.visitor, self.id
        return other

    async def go(self, tab: str, query: str = "") -> httpx.Response:
        """Look at a tab."""
        return await self._see(f"/wizard/{self.id}/{tab}{query}")

    async def _see(self, path: str) -> httpx.Response:
        answer = await self.visitor.get(path)
        self.tab = path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].rpartition("/")[2]
        if answer.status_code == 200:
            self.form = PageForm(answer.text)
        return answer

    async def send(self, act: str = "", go: str = "", **typed: Any) -> httpx.Response:
        """Press a button of the form with what stands in it and what is typed besides. None leaves a field out."""
        fields: dict[str, Any] = {**self.form.fields, **typed}
        fields |= {name: value for name, value in {"act": act, "go": go}.items() if value}
        fields = {name: value for name, value in fields.items() if value is not None}
        return await self.visitor.client.post(f"/wizard/{self.id}/{self.tab}", data=fields)

    async def press(self, act: str = "", go: str = "", **typed: Any) -> httpx.Response:
        """The same, and see where it leads; a form that was refused is shown again."""
        answer = await self.send(act, go, **typed)
        if answer.status_code == 303:
            return await self._see(answer.headers["location"])
        if "text/html" in answer.headers.get("content-type", ""):
            self.form = PageForm(answer.text)
        return answer

    def forget(self) -> None:
        """The gateway was started anew, so it has not seen anything before."""
        upstream = self.gateway.app.state.desk.upstream
        upstream.recent = Recent(upstream)

    async def draft(self) -> Draft:
        """As it is stored."""
        desk = self.gateway.app.state.desk
        return await drafts.get(desk, Author(None, "test"), UUID(self.id))

    async def fill(self, *, service: bool = True) -> None:
        """A new customer with a voice line of two numbers, priced, agreed to, on the Creation tab."""
        await self.go("customer")
        await self.press(go="next", name="Ada", email="ada@example.com", pin="90210")
        await self.press(go="next", service_type="voice-line" if service else "-")
        if service:
            await self.press("search")
            await self.press("add_ticked", ticked=self.form.fields["listed"][0].split(","))
            await self.press(go="billing")
            await self.press("change", **{"price_list-s1": "standard-gbp"})
            await self.go("creation")
            await self.press("update", agree="yes")
        else:
            await self.go("creation")
