"""What notes of a draft's changes say: a sentence for each code, in the language of the request."""

from collections.abc import Mapping

from gateway_service.draft import Note, NoteCode
from gateway_service.pages.fault_words import said
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import ngettext


def sentence(note: Note) -> str:
    """The note for people."""
    text, given = _sentences(int(note.given.get("count", 0)))[note.code], note.given
    if note.code == "bad_row":
        fault = said({"message": str(given["message"]), "remedy": str(given["remedy"])})
        given = {"line": given["line"], "number": given["number"], "fault": fault}
    return text % given


def _sentences(count: int) -> Mapping[NoteCode, str]:
    return {
        "numbers_given_back": ngettext(
            "%(count)s number was given back: choose another.",
            "%(count)s numbers were given back: choose others.",
            count,
        ),
        "customer_unset": _("The existing customer belongs to the other reseller: choose another."),
        "price_lists_unset": _("Price lists are each reseller's own: choose another."),
        "taken_instead": _("Taken instead: %(numbers)s."),
        "rows_taken": ngettext("%(count)s row was taken.", "%(count)s rows were taken.", count),
        "bad_rows": ngettext(
            "%(count)s row makes no sense:", "%(count)s rows make no sense, of which these are the first:", count
        ),
        "bad_row": _("Line %(line)s, %(number)s: %(fault)s"),
        "settings_left_out": _("Settings that this type of service does not have were left out."),
        "cut": _("%(field)s: %(what)s."),
        "discarded": _("The draft was discarded, and its numbers were given back."),
    }
