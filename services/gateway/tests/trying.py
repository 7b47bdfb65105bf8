"""Every control of every form with every kind of bad value: what is said, what is kept, what must not happen."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

import httpx

from . import bad_values, good_values
from .bad_values import FILLED_IN, Typed
from .conftest import Gateway
from .keeping import Kept, is_change, texts
from .page_forms import OFFERING, Control, Page
from .sending import send
from .walking import DIGITS, Met
from .whole_site import WholeSite

RAW = re.compile(
    r"field required|input should|string should|should have at|(?<!is )not written as it|no such field|value error"
    r"|valid (integer|string|dict)|extra inputs|unable to (parse|interpret)|openapi|json_invalid|literal_error"
    r"|(?-i:None|null)\b", re.IGNORECASE,
)  # fmt: skip
"""Words of machines."""
ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("/sign-in", "password"): "email",
    ("/account/password", "new"): "again",
    ("/customers/{id_}/pin", "pin"): "again",
    ("/price-lists/{id_}/draft/csv", "file"): "csv",
    ("/services/{id_}/add-numbers", "count"): "exact",
    ("/inventory/load", "csv"): "file",
    ("/inventory/lend", "pool"): "owner",
    ("/inventory/quarantine", "pool"): "owner",
}
"""Fields of which what is wrong shows at another one: both together are wrong."""
SHOWN_AGAIN = {"script and SQL", "an address that is script", "a template", "right to left"}
"""Of these what comes after a form that was taken is looked at, too."""
ALIKE = re.compile(r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|platinum|gold|silver|bronze|standard")


class Try(NamedTuple):
    """One value in one control of a form, and all that was sent."""

    met: Met
    control: Control
    kind: str
    value: Typed
    sent: dict[str, Typed]


class Trier:
    """`faults`: all that is not as it should be, by form, field and kind."""

    def __init__(self, gateway: Gateway, site: WholeSite, kept: Kept, files: list[str]) -> None:
        self._gateway, self._site, self._kept, self._files = gateway, site, kept, files
        self._met = dict[tuple[str, str], int]()
        self._cookies = httpx.Cookies()
        self.faults, self.tries = list[str](), 0

    async def form(self, met: Met) -> None:
        """All of it: filled in well it is taken; and then with one bad value at a time."""
        self._cookies = httpx.Cookies(met.visitor.client.cookies)
        answer = await send(met, good_values.fields(met))
        page = Page(answer.text)
        if answer.status_code not in {200, 303} or (page.has_summary and met.form.method == "get"):
            said = page.summary or page.title
            self.faults.append(f"{met.name}: filled in well it is not taken: {answer.status_code} {said}")
            return
        await self._restore(met, await self._kept.changed())
        for control in met.form.controls.values():
            for kind, value in self._kinds(control):
                await self._one(met, control, kind, value)
        await self._one(met, Control("x\r\ny", "hidden", ""), "a field that is none", bad_values.SCRIPT)

    def _kinds(self, control: Control) -> Iterator[tuple[str, Typed]]:
        """The first field of its name and kind is tried with all; others like it with a few, in turn."""
        like = (ALIKE.sub("", DIGITS.sub("#", control.name)), control.kind)
        if control.name == "csrf" and self._met.get(like):
            return
        before = self._met.get(like, 0)
        self._met[like] = before + 1
        everything = list(bad_values.of(control, len(self._met) + before))
        if not before:
            yield from everything
        else:
            yield from everything[before % 7 :: 7]

    async def _one(self, met: Met, control: Control, kind: str, value: Typed) -> None:
        sent: dict[str, Typed] = {**good_values.fields(met, control), control.name: value}
        one = Try(met, control, kind, value, sent)
        answer = await send(met, sent)
        self.tries += 1
        page = Page(answer.text)
        found = [*_carried_out(answer, page), *await self._judged(one, answer, page)]
        self.faults += [f"{met.name}: {control.name} ({control.kind}), {kind}: {said}" for said in found]

    async def _judged(self, one: Try, answer: httpx.Response, page: Page) -> list[str]:
        changed = await self._kept.changed()
        if answer.status_code in {200, 303}:
            found = await self._taken(one, answer, page, changed)
            await self._restore(one.met, changed)
            return found
        found = list(_refused(one, answer, page))
        keeps = {"draft"} if one.met.route.startswith("/wizard/") else set[str]()  # what was typed, as it was typed
        tables = [name for name, (was, now) in changed.items() if name not in keeps and is_change(was, now)]
        if tables or self._site.written:
            found.append(f"refused, but written: {tables} {[path for path, _ in self._site.written]}")
        if changed or self._site.written:
            await self._restore(one.met, changed)
        return found

    async def _taken(
        self, one: Try, answer: httpx.Response, page: Page, changed: Mapping[str, tuple[str, str]]
    ) -> list[str]:
        found = []
        location = answer.headers.get("location", "")
        if location and (not location.startswith("/") or location.startswith("//")):
            found.append(f"leads to {location}")
        if (lost := _wanted(one)) and not self._is_kept(lost, answer, page, changed):
            found.append(f"taken ({answer.status_code}), but what was typed is nowhere")
        found += [f"{path} has a line end in its {name}" for path, name in self._headers()]
        if location and (one.kind in SHOWN_AGAIN or one.kind.startswith("formula")):
            after = await one.met.visitor.get(location)
            found += _carried_out(after, Page(after.text))
            if one.kind.startswith("formula"):
                found += [said for path in self._files for said in await self._formulas(one.met, path)]
        return found

    def _is_kept(self, typed: str, answer: httpx.Response, page: Page, changed: Mapping[str, tuple[str, str]]) -> bool:
        now = [rows for _, rows in changed.values()]
        said = [envelope.body.decode() for envelope in self._gateway.kafka.said]
        there = [
            *now,
            *said,
            *(body for _, body in self._site.written),
            unquote_plus(answer.headers.get("location", "")),
        ]
        shown = [values for form in page.forms for values in form.sends().values()]
        there += [value for values in shown for value in values]
        everything = _close("\n".join(texts(there)))
        return all(_close(part) in everything for part in typed.split("\n"))

    def _headers(self) -> Iterator[tuple[str, str]]:
        """What would be lines of a mail's header, and is more than one."""
        said = [(one.type, json.loads(one.body)) for one in self._gateway.kafka.said]
        for path, document in [*self._site.written, *said]:
            for name, value in _leaves(document):
                if name in {"subject", "email", "recipient", "name"} and re.search(r"[\r\n\0]", value):
                    yield path, name

    async def _formulas(self, met: Met, path: str) -> Iterator[str]:
        answer = await met.visitor.get(path)
        cells = [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
        bad = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        return iter([f"{path} has the formula {bad[0]}"] if bad else [])

    async def _restore(self, met: Met, changed: Mapping[str, tuple[str, str]]) -> None:
        await self._kept.restore(changed)
        self._site.restore()
        met.visitor.client.cookies = self._cookies
        self._gateway.kafka.said.clear()
        vars(self._gateway.app.state.desk.upstream.recent)["_known"].clear()


def _carried_out(answer: httpx.Response, page: Page) -> list[str]:
    """What a browser would do of what was typed, and what the gateway did of it."""
    if answer.status_code >= 500:
        return [f"{answer.status_code}"]
    found = [f"carries out {one}" for one in page.dangers]
    return found + ([f"filled in: {FILLED_IN}"] if FILLED_IN in answer.text else [])


def _refused(one: Try, answer: httpx.Response, page: Page) -> Iterator[str]:
    """What is missing in how it was refused."""
    control = one.control
    if answer.status_code >= 500:
        return
    if "text/html" not in answer.headers.get("content-type", "") or not page.heading:
        yield f"{answer.status_code} without a page"
        return
    said = " ".join(message for _, message in page.summary)
    if raw := RAW.search(said or page.title):
        yield f"says {raw[0]!r}: {said[:150]}"
    if not control.seen:
        return
    if not page.title.startswith("Error: ") or not page.has_summary:
        yield f"{answer.status_code} without a summary: {page.title}"
        return
    fields = {id_ for id_, _ in page.summary if id_}
    if missing := fields - page.ids.keys():
        yield f"leads to {missing}, which is not there"
    place = {control.id, ELSEWHERE.get((one.met.route, control.name), control.id)}
    if not fields & place:
        yield f"{answer.status_code} says nothing at {control.id}: {page.summary}"[:250]
    yield from _on_top(page)
    yield from _lost(one, page)


def _on_top(page: Page) -> Iterator[str]:
    """What is missing in the summary: each field by its label, in the order of the page, in the words beside it."""
    said = [(id_, message) for id_, message in page.summary if id_]
    if apart := [id_ for id_, message in said if not page.is_beside(id_, message)]:
        yield f"other words beside {apart} than on top"
    if nameless := [id_ for id_, message in said if message == page.beside.get(id_)]:
        yield f"does not name {nameless} on top"
    order = [page.ids[id_] for id_, _ in said if id_ in page.ids]
    if order != sorted(order):
        yield f"in another order than on the page: {said}"[:250]


def _lost(one: Try, page: Page) -> Iterator[str]:
    """What was typed and does not stand there any more."""
    named = set(one.met.form.controls) - {"csrf"}
    there = max(page.forms, key=lambda form: len(named & form.controls.keys()))
    if not named & there.controls.keys():
        yield "the form is gone"
        return
    shown = there.sends()
    for name, control in one.met.form.controls.items():
        typed = one.sent.get(name)
        if not control.seen or control.kind in {"password", "file"} or not isinstance(typed, list | str):
            continue
        if name == one.control.name and (control.kind in OFFERING or one.kind == "twice"):
            continue
        if name != one.control.name and not any(typed):
            continue
        values = [_normal(value) for value in ([typed] if isinstance(typed, str) else typed)]
        if [_normal(value).casefold() for value in shown.get(name, [])] != [
            value.casefold() for value in values
        ] and any([*values, *shown.get(name, [])]):
            yield f"{name} is lost: {str(shown.get(name))[:60]} and not {str(values)[:60]}"


def _wanted(one: Try) -> str:
    """What has to be kept if it is taken; nothing where that cannot be known."""
    value, control = one.value, one.control
    single = control.kind == "checkbox" and len(control.offered) == 1
    elsewhere = one.met.route == "/templates/html" or control.name == "chosen"  # a preview alone; a wish to leave out
    if not control.seen or control.kind in {"password", "file"} or single or elsewhere or not isinstance(value, str):
        return ""
    return _normal(value)


def _normal(value: str) -> str:
    return value.replace("\0", "").replace("\r\n", "\n").strip()


def _close(text: str) -> str:
    return re.sub(r"[\s().+/-]", "", text).casefold()


def _leaves(document: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _leaves(value, str(key))
    elif isinstance(document, list):
        for value in document:
            yield from _leaves(value, name)
    elif isinstance(document, str):
        yield name, document
