"""What is typed into forms that shall be taken, and which of their buttons is pressed. A form that needs more than
this is not taken, and the test that tries it says so."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from .operators import ANNA, PASSWORD
from .page_forms import Control
from .places import CHANGES
from .walking import DIGITS, Met
from .whole_site import STUCK

ANOTHER = "another-horse-staple"
GOOD = {
    "why": "as agreed",
    "reason": "as agreed",
    "withdraw_why": "as agreed",
    "limit_why": "as agreed",
    "confirm": "yes",
    "sure": "yes",
    "email": "grace@example.com",
    "name": "Grace Hopper",
    "pin": "90210",
    "again": "90210",
    "said": "90210",
    "contacts-#-name": "Grace Hopper",
    "contacts-#-email": "grace@example.com",
}
"""By the field's name, without its number, where it stands empty."""
OF_ROUTE: Mapping[str, Mapping[str, str]] = {
    "/sign-in": {"email": ANNA, "password": PASSWORD},
    "/account/password": {"old": PASSWORD, "new": ANOTHER, "again": ANOTHER},
    "/operators/new": {"resellers": "acme", "password": ANOTHER},
    "/operators/{id_}/password": {"password": ANOTHER},
    "/operations": {"order": str(STUCK), "way": "retry"},
    "/catalogue/new": {
        "service_type": "new-line", "least": "0", "most": "1", "terms_version": "1", "terms_text": "Be fair."
    },
    "/customers/{id_}/charges/limit": {"amount": "500", "currency": "GBP"},
    "/price-lists/new": {"price_list": "new-gbp", "tax_note": "plus VAT"},
    "/price-lists/{id_}/draft/csv": {"csv": "service_type,grade,setup,monthly\nvoice-line,,5,9"},
    "/services/{id_}/price-list": {
        "price_list": "wholesale-gbp", "from_date": str(datetime.now(UTC).date() + timedelta(days=9))
    },
    "/services/{id_}/add-numbers": {"count": "1", "prefix": "44121"},
    "/services/{id_}/remove-numbers": {"numbers": "+441214960000"},
    "/webhooks/new": {"url": "https://93.184.215.14/c"},
    "/templates/new": {"purpose": "general"},
    "/inventory/lend": {"numbers": "+441217370000 – +441217370099\n+441217370420", "owner": "acme"},
    "/inventory/grade": {"numbers": "+441217370000 – +441217370099\n+441217370420", "grade": "gold"},
    "/inventory/load": {"csv": "first,size,country,trunk,area,pool,owner\n+441217370000,1000,44,0,Birmingham,public,"},
    "/manual-orders/{id_}": {"state": "inProgress"},
    "/wizard/{id_}/notifications": {"mails-0-wanted": "yes"},
}  # fmt: skip
"""By route and name, whatever stands there."""
PRESSED: Mapping[str, tuple[str, str]] = {
    "/wizard/{id_}/service": ("act", "choose"),
    "/wizard/{id_}/numbers": ("act", "search"),
    "/wizard/{id_}/billing": ("act", "change"),
    "/wizard/{id_}/notifications": ("act", "finish"),
    "/templates/one": ("do", "save"),
    "/inventory/rules": ("do", "declare"),
    **{f"/services/{{id_}}/{change}": ("act", "place") for change in (*CHANGES, "resume")},
}
"""By route; otherwise the first button."""
OF_FIELD = {"add": ("do", "add"), "chosen": ("act", "remove_ticked")}
"""What is pressed for some fields."""


def fields(met: Met, control: Control | None = None) -> dict[str, list[str]]:
    """All that a browser would send of the form, filled in well, with the button that goes with that control."""
    typed = met.form.sends()
    own = OF_ROUTE.get(met.route, {})
    for name, one in met.form.controls.items():
        if name in own:
            typed[name] = [own[name]]
        elif not any(one.values) and one.seen and (good := GOOD.get(DIGITS.sub("#", name))):
            typed[name] = [good]
    if control is not None and control.kind == "file" and "csv" in typed:
        typed["csv"] = [""]  # one of both
    name, value = _button(met, control)
    return typed | ({name: [value]} if name else {})


def _button(met: Met, control: Control | None) -> tuple[str, str]:
    if control is not None and control.name.startswith("reason-"):
        return "act", f"waive:{control.name.removeprefix('reason-')}"
    if control is not None and control.name in OF_FIELD:
        return OF_FIELD[control.name]
    if control is not None and control.name.startswith("copy-"):
        return "act", f"copy:{control.name.removeprefix('copy-')}"
    if met.route == "/services/{id_}/add-numbers":
        return "act", "search" if control is not None and control.name in {"grade_at_least", "pool"} else "place"
    if met.route == "/templates/html":
        return "", ""
    wanted = PRESSED.get(met.route)
    there = [(name, value) for name, value, _ in met.form.buttons]
    return wanted if wanted in there else there[0]
