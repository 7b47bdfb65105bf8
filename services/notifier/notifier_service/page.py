"""The HTML of a mail, made from its text: what is written stays what it is, and only its layout is ours."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template
from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _reader() -> MarkdownIt:
    """Paragraphs, lists, headings and strong words; addresses of pages are links under their own names alone, so no
    name of a customer can lead elsewhere than it says. HTML in the text is text."""
    reader = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True})
    reader.enable(["heading", "list", "emphasis", "newline", "linkify"])
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//", "mailto:"):
        reader.linkify.add(scheme, None)
    return reader


@cache
def _layout() -> Template:
    source = files("notifier_service").joinpath("templates", "layout.html").read_text()
    return Environment(autoescape=True).from_string(source)


def html(subject: str, text: str, language: str) -> str:
    """The page: as a mail's HTML part, and as a preview."""
    body = Markup(_reader().render(text))  # noqa: S704 - the reader has escaped all that is not its own
    return _layout().render(subject=subject, body=body, language=language)
