"""What a page goes without while a service is away: it is shown all the same, and says so on top."""

from collections.abc import Awaitable
from typing import TypeVar

from gateway_service.pages.language import gettext as _
from gateway_service.pages.wording import problem as words_of
from gateway_service.upstream import Away
from patchbay_chassis.problems import Problem

A = TypeVar("A")
B = TypeVar("B")


class Absent:
    """What one page goes without. `said`: a sentence for each service that is away."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def spared(self, asked: Awaitable[A], otherwise: B) -> A | B:
        """What is answered, or `otherwise` while it cannot be asked. Raises Problem with what is refused."""
        try:
            return await asked
        except Problem as problem:
            if problem.status < 500:
                raise
            self.note(sentence(problem))
            return otherwise

    def note(self, sentence: str) -> None:
        """Say this on top of the page, once."""
        if sentence not in self.said:
            self.said.append(sentence)


def sentence(problem: Problem) -> str:
    """What cannot be had just now."""
    service = problem.service if isinstance(problem, Away) else ""
    why = words_of(problem.body)
    return without(service) or why.remedy or why.message


def without(service: str) -> str:
    """What cannot be had while that service is away; nothing for one that is not known."""
    return {
        "customer": _("Customers and resellers cannot be looked up or checked just now."),
        "numbers": _("Numbers cannot be held, given back or checked just now."),
        "search": _("Numbers cannot be searched for just now."),
        "billing": _("Prices and price lists cannot be looked up or checked just now."),
        "provisioning": _("Service types, settings and services cannot be looked up or checked just now."),
        "notifier": _("Mails cannot be looked up or checked just now."),
    }.get(service, "")
