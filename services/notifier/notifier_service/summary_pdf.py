"""The attachment `services.pdf`: what a customer got, on paper.

Its font has the Latin, Greek and Cyrillic letters. What it has not (Chinese, Arabic, Hebrew, Thai, …) is shown as `?`,
and a line at the end says so: the text of the mail has it as it is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from notifier_service.placeholders import money
from patchbay_contracts.mails import MailFacts, MailService

_MISSING = "Characters that this document cannot show are written as “?”. The text of the mail has them all."


@cache
def _font() -> Path:
    folder = Path(fontpkg_noto_sans.ROOT) / "files"
    (upright,) = (file for file in folder.glob("*.ttf") if "Italic" not in file.name)
    return upright


@cache
def _letters() -> frozenset[int]:
    with TTFont(_font(), lazy=True) as font:
        return frozenset(font.getBestCmap())


class _Paper(FPDF):
    """A4 in one font; remembers whether a character was missing."""

    def __init__(self) -> None:
        super().__init__()
        self.add_font("text", fname=_font())
        self.set_margin(20)
        self.set_auto_page_break(True, 20)
        self.incomplete = False

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("text", size=8)
        self.cell(0, 5, str(self.page_no()), align="C")

    def line_of(self, text: str, size: float = 10, gap: float = 0) -> None:
        """A paragraph, as many lines as it needs."""
        self.ln(gap)
        self.set_font("text", size=size)
        self.multi_cell(0, size * 0.5, self._known(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _known(self, text: str) -> str:
        known = "".join(c if ord(c) in _letters() else "?" for c in " ".join(text.split()))
        self.incomplete |= known != " ".join(text.split())
        return known


def written(facts: MailFacts, prices: bool, at: datetime | None) -> bytes:
    """The document; the same facts make the same bytes."""
    paper = _Paper()
    paper.set_creation_date(at or datetime(2000, 1, 1, tzinfo=UTC))
    paper.set_title("Services")
    paper.add_page()
    paper.line_of(f"Services of {facts.customer.name}", 18)
    paper.line_of(facts.reseller_name, 11)
    for label, value in _head(facts, at):
        paper.line_of(f"{label}: {value}")
    if not facts.services:
        paper.line_of("No service was ordered.", gap=5)
    for service in facts.services:
        _service(paper, service, prices)
    if prices and (facts.setup or facts.monthly):
        paper.line_of("Altogether", 13, gap=5)
        _prices(paper, [money(one) for one in facts.setup], [money(one) for one in facts.monthly])
    if facts.terms:
        paper.line_of("Terms and conditions", 13, gap=5)
        for one in facts.terms:
            paper.line_of(f"{one.title}, version {one.version}")
    if paper.incomplete:
        paper.line_of(_MISSING, 8, gap=8)
    return bytes(paper.output())


def _head(facts: MailFacts, at: datetime | None) -> list[tuple[str, str]]:
    found = (
        ("Customer’s reference", facts.customer.reference),
        ("Order’s reference", facts.reference),
        ("Date", at and f"{at.day} {at:%B %Y}"),
    )
    return [(label, value) for label, value in found if value]


def _service(paper: _Paper, service: MailService, prices: bool) -> None:
    paper.line_of(service.name, 13, gap=5)
    if service.numbers:
        paper.line_of(
            "Numbers: " + ", ".join(f"+{n.e164}" + (f" ({n.grade})" if n.grade else "") for n in service.numbers)
        )
    if service.note:
        paper.line_of(service.note)
    if prices:
        if service.price_list:
            paper.line_of(f"Price list: {service.price_list_name or service.price_list}")
        _prices(paper, [money(service.setup)], [money(service.monthly)])


def _prices(paper: _Paper, setup: Sequence[str], monthly: Sequence[str]) -> None:
    for label, amounts in (("Set-up", setup), ("Monthly", monthly)):
        for amount in filter(None, amounts):
            paper.line_of(f"{label}: {amount}")
