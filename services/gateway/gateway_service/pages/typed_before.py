"""What was typed on a tab of the wizard and sent once its session had ended: it goes through signing in with whoever
typed it, who sends it on by a button. With JavaScript it waits in the browser instead (`static/keeping.js`)."""

import re
from typing import NamedTuple, get_args

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from gateway_service.pages import site
from gateway_service.pages.form_size import MOST_FIELDS
from gateway_service.pages.site import Form
from patchbay_contracts.validity import Tab

A_TAB = re.compile(rf"/wizard/[0-9a-f-]{{36}}/({'|'.join(get_args(Tab))})")
LEFT_OUT = frozenset({site.CSRF, "pin", "act", "go", "keep", "agree", "hash"})
"""A PIN stands in no page, and what was pressed or agreed to is for who presses again."""
MOST = 100_000
"""Characters of it: it is sent with the form for signing in."""
_PAIRS = TypeAdapter(tuple[tuple[str, str], ...])


class Typed(NamedTuple):
    """The fields as they were sent, which operator's they are, and the address of their tab. `had_more`: a PIN or a
    file was among them, which has to be given anew."""

    to: str
    by: str
    fields: tuple[tuple[str, str], ...]
    had_more: bool = False

    @property
    def sent(self) -> str:
        """The fields in one of a form."""
        return _PAIRS.dump_json(self.fields).decode()


async def of(request: Request) -> Typed | None:
    """What a request carries; nothing unless the browser says that the form is one of ours: its token, which belonged
    to the session, cannot be told any more."""
    page = request.method == "POST" and site.wants_page(request) and not site.is_part(request)
    if not page or site.is_foreign(request) is not False or not A_TAB.fullmatch(request.url.path):
        return None
    sent = (await request.form(max_fields=MOST_FIELDS)).multi_items()
    fields = tuple((name, one) for name, one in sent if isinstance(one, str) and name not in LEFT_OUT)
    had_more = any(one.filename if not isinstance(one, str) else one and name == "pin" for name, one in sent)
    typed = Typed(request.url.path, dict(fields).get("by", ""), fields, had_more)
    return typed if len(typed.sent) <= MOST else None


def from_form(form: Form) -> Typed | None:
    """The same, as the form for signing in brings it."""
    to = form.text("to")
    try:
        fields = _PAIRS.validate_json(form.text("sent"))
    except ValidationError:
        return None
    if not A_TAB.fullmatch(to):
        return None
    return Typed(to, dict(fields).get("by", ""), fields, form.ticked("had_more"))
