"""Rules of opening billing without IO: whether an order may be charged, and what it is charged."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from billing_service import model, quoting
from billing_service.model import ZERO, Lists, Priced
from billing_service.standing import BLOCKED, Course, Credit, Standing
from patchbay_contracts.v1.billing import BillingRefused, OpenBilling


def answered(
    commands: Sequence[OpenBilling],
    lists: Lists,
    standing: Standing,
    quotes: Mapping[UUID, quoting.Locked],
    today: date,
) -> Iterator[Priced | BillingRefused]:
    """The charges of each order, or why it is refused, one after the other: of two that use one quote or the last of a
    customer's credit the first gets it."""
    credit, locked = dict(standing.credit), dict(quotes)
    for command in commands:
        if command.order_id in standing.withdrawn:
            yield model.refusal(command, "withdrawn", "the order was taken back before")
        elif command.customer_id in standing.blocked:
            yield model.refusal(command, BLOCKED.reason, f"{BLOCKED.message}: {BLOCKED.remedy}")
        else:
            yield _charged(command, lists, credit, locked, today)


def _charged(
    command: OpenBilling,
    lists: Lists,
    credit: MutableMapping[UUID, Credit],
    quotes: MutableMapping[UUID, quoting.Locked],
    today: date,
) -> Priced | BillingRefused:
    quote = None
    if command.quote is not None:
        quote = quotes.get(command.quote)
        refused = quoting.unusable(quote, command.quote, command.reseller, command.customer_id, command.order_id)
        if quote is None or refused is not None:
            assert refused is not None
            return model.refusal(command, refused.reason, f"/quote: {refused.message}: {refused.remedy}")
    priced = model.priced(command, lists, today, None if quote is None else quoting.line_of(quote))
    if isinstance(priced, BillingRefused):
        return priced
    if (mine := credit.get(command.customer_id)) is not None:
        within = _within(command, priced, mine)
        if isinstance(within, BillingRefused):
            return within
        priced = within
    if priced.refused and not priced.charges:
        first = min(priced.refused, key=lambda one: one.line)
        return model.refusal(command, first.reason, first.detail, first.line, priced.refused)
    if mine is not None:
        credit[command.customer_id] = mine.after(_monthly(priced, mine))
    if quote is not None:
        quotes[quote.id] = replace(quote, used_by=command.order_id)
    return priced


def _monthly(priced: Priced, credit: Credit) -> Course:
    """What counts of it; other currencies do not."""
    return {None: sum((one.amount for one in model.sums(priced.charges)[1] if one.currency == credit.currency), ZERO)}


def _within(command: OpenBilling, priced: Priced, credit: Credit) -> Priced | BillingRefused:
    """What the customer's credit allows: of lines that the order can do without, the last are left out first."""
    spare = [line.line for line in command.lines if line.optional]
    while (refused := credit.beyond(_monthly(priced, credit))) is not None:
        there = {charge.line for charge in priced.charges}
        last = next((line for line in reversed(spare) if line in there), None)
        if last is None:
            return model.refusal(command, refused.reason, f"{refused.message}: {refused.remedy}")
        priced = priced.without(last, refused)
    return priced
