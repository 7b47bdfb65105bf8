"""A page as a browser sees it: its forms with every control, what it says is wrong, and what it would carry out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

OFFERING = {"radio", "checkbox", "select"}
UNSEEN = {"hidden", "button"}
FOREIGN = {"iframe", "object", "embed", "applet", "base", "frame", "img", "svg", "math", "video", "audio", "portal"}
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcdoc", "background", "xlink:href", "ping"}
_CARRIED_OUT = re.compile(r"\s*(javascript|data|vbscript)\s*:", re.IGNORECASE)


@dataclass
class Control:
    """What has a name in a form. Radio buttons, boxes, and hidden fields of one name are one control: `values` are
    those that a browser would send, `offered` those that it lets be chosen, `id` the first one's."""

    name: str
    kind: str
    id: str
    values: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    inputmode: str = ""

    @property
    def seen(self) -> bool:
        """Whether somebody can type or choose there."""
        return self.kind not in UNSEEN


@dataclass
class PageForm:
    """A form: its controls by name, and its buttons by name and value with the address that they have of their own."""

    method: str
    action: str
    multipart: bool
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def sends(self) -> dict[str, list[str]]:
        """What a browser would send of it as it stands there."""
        return {one.name: list(one.values) for one in self.controls.values()}


class Page(HTMLParser):
    """`summary`: messages on top with the ids that they lead to; `beside`: messages by the id of their field;
    `ids` in the order of the page; `dangers`: what should not be on any page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms = list[PageForm]()
        self.ids, self.links = dict[str, int](), list[str]()
        self.summary, self.beside = list[tuple[str, str]](), dict[str, str]()
        self.has_summary = self.heading = False
        self.dangers = list[str]()
        self.title = ""
        self._form: PageForm | None = None
        self._control: Control | None = None
        self._option: str | None = None
        self._depth, self._top = 0, 0
        self._link = ""
        self._heard: list[str] | None = None
        self._hears = ""
        self.feed(text)

    def is_beside(self, id_: str, message: str) -> bool:
        """Whether the field says what is said on top behind its label."""
        return bool(words := self.beside.get(id_, "")) and message.endswith(words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        self.dangers += dangers_of(tag, of)
        self._depth += tag == "div"
        self.heading = self.heading or tag == "h1"
        if id_ := of.get("id"):
            self.ids.setdefault(id_, len(self.ids))
        if "error-summary" in of.get("class", "").split():
            self.has_summary, self._top = True, self._depth
        if tag == "a" and "href" in of:
            self.links.append(of["href"])
            self._link = of["href"] if self._top else ""
        if tag == "title" or (tag == "li" and self._top) or (tag == "p" and of.get("id", "").endswith("-error")):
            self._heard, self._hears, self._link = [], of.get("id", "") if tag == "p" else tag, ""
        if tag == "form":
            multipart = of.get("enctype") == "multipart/form-data"
            self._form = PageForm(of.get("method", "get").lower(), of.get("action", ""), multipart)
            self.forms.append(self._form)
        elif self._form is not None:
            self._in_form(self._form, tag, of)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _in_form(self, form: PageForm, tag: str, of: dict[str, str]) -> None:
        name, value, id_ = of.get("name", ""), of.get("value", ""), of.get("id", "")
        if tag == "button":
            form.buttons.append((name, value, of.get("formaction", "")))
        elif tag == "option" and self._control is not None:
            self._control.offered.append(value)
            if "selected" in of or not self._control.values:
                self._control.values = [value]
        elif tag in {"input", "select", "textarea"} and name:
            kind = of.get("type", "text") if tag == "input" else tag
            control = form.controls.setdefault(name, Control(name, kind, id_, inputmode=of.get("inputmode", "")))
            if control.kind == "hidden" and kind != "hidden":  # what is sent while nothing is chosen there
                control.kind, control.id = kind, id_
            self._control = control if tag != "input" else None
            if tag == "textarea":
                control.values.append("")
            elif kind in {"radio", "checkbox"}:
                control.offered.append(value)
                control.values += [value] if "checked" in of else []
            elif tag == "input" and kind != "file":
                control.values.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in {"select", "textarea"}:
            self._control = None
        if tag in {"title", "li", "p"} and self._heard is not None:
            said = " ".join("".join(self._heard).split())
            if self._hears == "title":
                self.title = said
            elif self._hears == "li":
                self.summary.append((self._link.removeprefix("#"), said))
            else:
                self.beside[self._hears.removesuffix("-error")] = said.removeprefix("Error: ")
            self._heard = None
        if tag == "div":
            self._top = 0 if self._top == self._depth else self._top
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._heard is not None:
            self._heard.append(data)
        if self._control is not None and self._control.kind == "textarea":
            typed = self._control.values
            typed[-1] += data if typed[-1] else data.removeprefix("\n")


def dangers_of(tag: str, of: dict[str, str]) -> Iterator[str]:
    """What an element would carry out, or fetch from elsewhere."""
    own = of.get("src", "").startswith("/assets/")
    if tag in FOREIGN or (tag == "script" and not own):
        yield f"<{tag}>"
    if tag == "link" and not of.get("href", "").startswith("/assets/"):
        yield f"<link href={of.get('href', '')[:40]}>"
    if tag == "meta" and of.get("http-equiv") and of.get("content") != "2":
        yield f"<meta http-equiv content={of.get('content', '')[:40]}>"
    for name, value in of.items():
        if name.startswith("on") or name == "style":
            yield f"<{tag} {name}>"
        if name in ADDRESSES and _CARRIED_OUT.match(value):
            yield f"<{tag} {name}={value[:40]}>"
