"""A walk through all pages of the site: from link to link, and through every tab of every draft."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from fastapi.routing import RouteContext, iter_route_contexts

from .conftest import Gateway
from .operators import Visitor
from .page_forms import Page, PageForm

ENOUGH = 4
"""So many pages of one kind are looked at; on more of them nothing new is found."""
NOT_PAGES = ("/docs", "/openapi.json", "/asyncapi.json", "/assets/", "/problems")
NOT_LOOKED_AT = (".csv", ".pdf", "/html")
DIGITS = re.compile(r"\d+")


class Met(NamedTuple):
    """A form, on the page where it was met first. `visitor`: who met it; `key` tells forms apart."""

    visitor: Visitor
    page: str
    form: PageForm
    route: str
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a fault of it is told under."""
        return f"{self.form.method.upper()} {self.route} on {self.page}"


class Walk:
    """All forms that are met, all addresses of CSV files, and what is wrong with the pages themselves."""

    def __init__(self, gateway: Gateway) -> None:
        self._routes = routes_of(gateway)
        self.forms, self.files, self.faults = dict[tuple[str, ...], Met](), list[str](), list[str]()
        self.pages = list[str]()
        self._many = dict[str, int]()

    async def at(self, visitor: Visitor, pages: Iterable[str]) -> None:
        """Look at those pages."""
        for path in pages:
            await self._look(visitor, path)

    async def through(self, visitor: Visitor, begin: Iterable[str]) -> None:
        """Look at all pages that can be reached from those."""
        ahead, known = list(begin), set[str]()
        while ahead:
            path = ahead.pop(0)
            if path not in known and self._is_new(path):
                known.add(path)
                ahead += await self._look(visitor, path)

    def _is_new(self, path: str) -> bool:
        kind = self.kind(path)
        self._many[kind] = self._many.get(kind, 0) + 1
        return self._many[kind] <= ENOUGH or path.startswith("/wizard/")

    def kind(self, path: str) -> str:
        """The route, and the names of what is asked for."""
        return DIGITS.sub("#", self.route("GET", path)) + "?" + "&".join(sorted(re.findall(r"[?&](\w+)=", path)))

    async def _look(self, visitor: Visitor, path: str) -> Sequence[str]:
        answer = await visitor.get(path)
        if answer.status_code in {302, 303}:
            return [answer.headers["location"]]
        page = Page(answer.text)
        self.pages.append(path)
        if answer.status_code not in {200, 404} or page.dangers:  # what others own is not always there
            self.faults.append(f"GET {path}: {answer.status_code} {page.title}, {page.dangers}")
        for id_, message in page.summary:
            if id_ and not page.is_beside(id_, message):
                self.faults.append(f"GET {path}: {message} leads to {id_}, which does not say so")
        for form in page.forms:
            for action in {form.action, *(own for _, _, own in form.buttons if own)}:
                self._meet(visitor, path, form, action)
        links = [urljoin(path, link).partition("#")[0] for link in page.links]
        local = [link for link in links if link.startswith("/") and not link.startswith(NOT_PAGES)]
        self.files += [link for link in local if urlsplit(link).path.endswith(".csv") and link not in self.files]
        return [link for link in local if not urlsplit(link).path.endswith(NOT_LOOKED_AT)]

    def _meet(self, visitor: Visitor, path: str, form: PageForm, action: str) -> None:
        route = self.route(form.method.upper(), action)
        on = self.route("GET", path) if any(one.seen for one in form.controls.values()) else ""
        controls = {f"{DIGITS.sub('#', one.name)}:{one.kind}" for one in form.controls.values()}
        key = (on, form.method, route, *sorted(controls))
        if key not in self.forms:
            own = PageForm(form.method, action, form.multipart, form.controls, form.buttons)
            self.forms[key] = Met(visitor, path, own, route, key)

    def route(self, method: str, address: str) -> str:
        """The route that an address belongs to; nothing if there is none."""
        path = urlsplit(address).path
        of = (one for one in self._routes if method in (one.methods or ()) and one.path_regex.fullmatch(path))
        return next((str(one.path) for one in of), "")


def routes_of(gateway: Gateway) -> list[RouteContext]:
    """All routes of pages."""
    known = iter_route_contexts(gateway.app.routes)
    return [one for one in known if one.path and one.methods and not one.include_in_schema]


def routes_of_forms(gateway: Gateway) -> set[str]:
    """All that take a form; what the TM Forum's API does not know is none."""
    paths = {str(one.path) for one in routes_of(gateway) if "POST" in (one.methods or ())}
    return {path for path in paths if not path.startswith("/tmf-api")}
