"""What comes out of a form of the wizard, and what is said of it: at its fields, or on the next page."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote, unquote
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.draft import Document, Note
from gateway_service.pages import absent, site
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence as sentence_of
from gateway_service.pages.fields import unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.notes import sentence
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_places import field
from gateway_service.pages.wording import problem as words_of
from patchbay_chassis.problems import Problem, faults

ALONE = "keep"
"""The field of a form that is sent because its page is left: what was typed is kept, and nothing else is done."""
NOTES = "patchbay-notes"
"""The cookie with what is to be said on the next page."""
MOST_SAID = 3_500
"""Bytes of it: browsers take no cookie of more than four thousand."""


def whole(text: str) -> int | None:
    """A number without a sign, as pages send it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None


def uuid(text: str) -> UUID | None:
    """An id, as pages send it; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def version_of(form: Form) -> int:
    """The version that the page showed. A page that names none is stale."""
    found = whole(form.text("version"))
    return 0 if found is None else found


def unkept(error: ValidationError) -> Problem:
    """What was typed is more than can be kept."""
    return Problem(422, "This cannot be kept", errors=faults(error))


def check_choices(form: Form, offered: Mapping[str, Collection[str]]) -> None:
    """Raises Problem 422 for what was chosen and is none of what these fields offer."""
    if wrong := unknown(form, offered):
        faults = [{"pointer": f"/{name}", "message": message, "remedy": ""} for name, message in wrong.items()]
        raise Problem(422, "There is no such choice", errors=faults)


def errors_of(problem: Problem, document: Document) -> Mapping[str, str]:
    """Why a form of that draft was refused, by the id of the field."""
    if problem.status == 412:
        message = _("This draft was changed meanwhile, in another tab or by somebody else. Look at it, then try again.")
        return {"": message}
    if problem.status >= 500:
        more = _("Nothing that you typed is lost: press the same again in a moment, or go on with another tab.")
        return {"": f"{absent.sentence(problem)} {more}"}
    found = {field(document, one.get("pointer", "")): sentence_of(said(one)) for one in problem.body.get("errors", ())}
    why = words_of(problem.body)
    return found or {"": why.remedy or why.message}


def keep(request: Request, response: Response, notes: Sequence[Note]) -> None:
    """Let the next page say so, as many of them as a cookie holds."""
    said = ""
    for note in notes:
        more = quote(("\n" if said else "") + sentence(note))
        if len(said) + len(more) > MOST_SAID:
            break
        said += more
    if said:
        secure = site.of(request).settings.secure_cookies
        response.set_cookie(NOTES, said, max_age=60, path="/wizard", httponly=True, samesite="lax", secure=secure)


def notes_of(request: Request) -> Sequence[str]:
    """What the page before left to be said."""
    return unquote(request.cookies.get(NOTES, ""), errors="ignore").splitlines()
