"""Shows a run of the demo: figures, reasons, timelines, mails, and where to look next."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from rich.console import Console

from examples.api import Api, Inbox, Json
from examples.outcome import Outcome


class Report:
    """Prints to a console; colours and bold only where there is a terminal."""

    def __init__(self, console: Console, outcome: Outcome) -> None:
        self._console = console
        self._outcome = outcome

    def _title(self, text: str) -> None:
        self._console.print(f"\n{text}", style="bold", markup=False)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(text.rstrip(), style=style, markup=False)

    def figures(self) -> None:
        """How many, how fast."""
        outcome = self._outcome
        ended = [order.ended_at for order in outcome.orders.values() if order.ended_at is not None]
        self._title(f"{len(outcome.completed)} completed, {len(outcome.failed)} failed")
        if not outcome.completed:
            return
        seconds = (max(ended) - min(order.accepted_at for order in outcome.orders.values())).total_seconds()
        took = sorted(order.seconds * 1000 for order in outcome.completed)
        p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
        self._line(f"  {len(ended) / seconds:,.0f} orders/s: {len(ended):,} within {seconds:.1f} s")
        self._line(f"  from accepted to completed: p50 {p50:,.0f} ms, p99 {p99:,.0f} ms, all placed in one burst")

    def reasons(self) -> None:
        """Why orders failed: each reason once, with one order's own words."""
        self._title("Why orders failed")

        def reason(order: Json) -> tuple[str, str]:
            return order["outcome"]["step"], order["outcome"]["reason"]

        for (step, name), group in groupby(sorted(self._outcome.failed, key=reason), reason):
            of_reason = list(group)
            self._line(f"  {len(of_reason):>3}  {step:<9} {name:<24} {of_reason[0]['outcome']['detail']}")

    async def timelines(self, api: Api) -> None:
        """One order's way from topic to topic, and the longest way of one that was undone."""
        good = [await api.order(order.id) for order in self._outcome.completed[:20]]
        if good:
            order = max(good, key=lambda order: len(order["order"]["lines"]))
            services = order["outcome"]["services"]
            numbers = sum(len(service["numbers"]) for service in services)
            title = f"{len(services)} services with {numbers} numbers, from topic to topic"
            self._timeline(f"Order {order['reference']}: {title}", order["timeline"])
        undone = max(self._outcome.failed, key=lambda order: len(order["timeline"]), default=None)
        if undone:
            self._timeline(f"Order {undone['reference']}: refused, and undone step by step", undone["timeline"])

    def _timeline(self, title: str, entries: Sequence[Json]) -> None:
        self._title(title)
        began = datetime.fromisoformat(entries[0]["at"])
        for entry in entries:
            after = (datetime.fromisoformat(entry["at"]) - began).total_seconds() * 1000
            name = entry["message"].removesuffix(".v1")
            topic = entry["topic"] or "(inside the service)"
            self._line(f"  {after:>6,.0f} ms  {name:<31} {topic:<25} {entry['note']}")

    def mails(self, inbox: Inbox, before: int, came: int) -> None:
        """How many mails have come, and the fullest of the first."""
        self._title(f"{came:,} mails in the inbox so far; they are paced, the rest follows")
        ids = {order.id for order in self._outcome.completed}
        ours = [mail for mail in inbox.first_after(before) if mail["message_id"][1:37] in ids]
        if ours:
            mail = max(ours, key=lambda mail: len(mail["body"]))
            self._line(f"  To:      {', '.join(mail['to'])}")
            self._line(f"  Subject: {mail['subject']}")
            for line in mail["body"].strip().splitlines():
                self._line(f"    {line}")

    def next_steps(self, api: Api, inbox: Inbox, operator: tuple[str, str], administrator: tuple[str, str]) -> None:
        """Where to look next; last the wizard, and with which e-mail address and password an operator signs in, and the
        administrator of all resellers, who alone may change price lists, service types and templates of the house."""
        self._title("Where to look next")
        one = self._outcome.completed[0].id if self._outcome.completed else "ID"
        for what, where in (
            ("one order", f'. .runtime/env; curl -H "X-API-Key: $PATCHBAY_API_KEY" $PATCHBAY_URL/v1/orders/{one}'),
            ("the API", f"{api.url}/docs"),
            ("the inbox", inbox.url),
            ("what runs", "make status; make logs SERVICE=numbers"),
            ("the code", "services/numbers/numbers_service/handlers.py, then README.md"),
            ("stop it", "make down"),
            ("the wizard", f"{api.url}/wizard"),
            ("  sign in", " with ".join(operator)),
            ("  or", f"{' with '.join(administrator)}, who may change what all resellers share"),
        ):
            self._line(f"  {what:<10} {where}")

    def verdict(self, faults: Sequence[str]) -> None:
        """Whether all is as it should be."""
        if faults:
            self._line(f"\n{len(faults)} things are not as they should be:", "red")
            for fault in faults[:20]:
                self._line(f"  {fault}")
            self._line("`make status` and `make logs` say more; `make down WIPE=1` begins anew.")
            return
        self._line("\nEvery order ended as it should.", "green")
        if self._outcome.again:
            self._line("What an earlier run took stays taken: exact numbers, and customers' references.")
