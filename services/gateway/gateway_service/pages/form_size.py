"""How large a form of the site may be."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway_service.pages.language import gettext as _

MOST_FIELDS = 20_000
"""Of a form: a table of prices has a field for each."""
FILES = 8
"""So many times as much is read of who is signed in: a file that is too large is told at its field, and what was typed
beside it is not lost."""


async def is_too_large(request: Request, most: int, *, signed_in: bool) -> bool:
    """Whether there is more to read, or more was typed, than may be. Files are for who takes them to judge."""
    has_files = request.headers.get("content-type", "").startswith("multipart/form-data")
    length = int(request.headers["content-length"])
    if length <= most or length > FILES * most or not (signed_in and has_files):
        return length > most
    try:
        sent = await request.form(max_fields=MOST_FIELDS)
    except HTTPException:  # among so much it is a field that is larger than any may be
        return True
    return sum(len(one.encode()) for _name, one in sent.multi_items() if isinstance(one, str)) > most


def file_too_large(most: int) -> str:
    """What is said at the field of a file of more bytes than that."""
    return _("The file is larger than %(most)s KB: split it") % {"most": most // 1024}
