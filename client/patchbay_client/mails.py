"""Mails that were written about orders, and what became of them."""

from typing import Any, Unpack

from patchbay_client.calls import Call, Stream, export, get
from patchbay_client.reading_shapes import Mail, MailFilters, MailPage


def page(after: str | None = None, limit: int = 50, **filters: Unpack[MailFilters]) -> Call[MailPage]:
    """A page of mails, the newest first."""
    return get("/v1/mails", after=after, limit=limit, **filters)


def every(**filters: Unpack[MailFilters]) -> Stream[Mail]:
    """All of them, however many, one after another."""
    return export("/v1/mails", **filters)


def show(order_id: str, purpose: str, to: str) -> Call[dict[str, Any]]:
    """One with its text and every try to deliver it. `to`: its recipient."""
    return get(f"/v1/mails/{order_id}/{purpose}", to=to)
