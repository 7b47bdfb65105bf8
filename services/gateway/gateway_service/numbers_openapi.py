"""What OpenAPI says about numbers beside what the code says of itself."""

from typing import Any

from gateway_service.describing import Described, answers, content, ref, route
from patchbay_contracts.numbers import (
    ExtendQuery,
    Found,
    HoldQuery,
    Holds,
    OwnerQuery,
    Released,
    ReleaseQuery,
    SearchQuery,
)

MODELS = (SearchQuery, Found, HoldQuery, ExtendQuery, ReleaseQuery, OwnerQuery, Holds, Released)
_OWNER = {"kind": "draft", "id": "0190b2a0-0000-7000-8000-000000000001"}
_UNTIL = "2026-06-01T12:30:00Z"
_QUERY = {
    "prefix": "0121737",
    "count": 2,
    "method": "segments",
    "segments": ["77"],
    "grade_at_least": "bronze",
    "price_list": "standard-gbp",
    "service_type": "voice-line",
}
_ROW = {
    "e164": "+441217377007",
    "national": "0121 737 7007",
    "area": "Birmingham",
    "grade": "gold",
    "rule": "ABBA",
    "pool": "public",
    "setup": {"amount": "80.0000", "currency": "GBP"},
    "monthly": {"amount": "13.5000", "currency": "GBP"},
}
_FOUND = {
    "numbers": [_ROW],
    "as_of": {"changes": 90210, "at": "2026-06-01T12:00:00Z", "age_ms": 12},
    "total": 1,
    "at_least": False,
    "grades": {"platinum": 0, "gold": 1, "silver": 0, "bronze": 0, "standard": 0},
    "pools": {"public": 1},
    "read_as": ["+44121737"],
    "next": None,
    "nothing": None,
}
_HELD = {"e164": "+441217377007", "grade": "gold", "rule": "ABBA", "pool": "public", "held_until": _UNTIL}
_NUMBERS = ["+441217377007"]


def _route(
    summary: str, description: str, asked: tuple[type, dict[str, Any]], answered: tuple[type, dict[str, Any]]
) -> Described:
    """What is asked and answered: the model, and an example."""
    (query, asked_so), (answer, answered_so) = asked, answered
    return route(
        summary,
        description,
        answers(summary, content(ref(answer.__name__), answered_so), 401, 403, 413, 415, 422, 502, 503, 504),
        content(ref(query.__name__), asked_so),
    )


SEARCH = _route(
    "Search free numbers",
    "From memory, and so as fresh as `as_of` says. A row says which rule made its grade; with `price_list` what it"
    " costs: the number alone, or with `service_type` a service of it with this number. Without one, what costs more"
    " for one service type than for another has no price, and `prices` names its grades. When nothing matches,"
    " `nothing` says why, and what would. To keep a number, hold it.",
    (SearchQuery, _QUERY),
    (Found, _FOUND),
)
HOLD = _route(
    "Hold numbers",
    "For a draft or a basket, until `held_until`. What was lost to somebody else is named, with the next best by"
    " `filter` if it is given: of the same grade or a better one, and of a lower one where there is none. The same call"
    " again prolongs what is held already.",
    (
        HoldQuery,
        {
            "owner": _OWNER,
            "numbers": ["+441217377007", "+441217377117"],
            "minutes": 30,
            "instead": "offer",
            "filter": {"prefix": "0121737", "grades": ["gold"]},
        },
    ),
    (
        Holds,
        {
            "owner": _OWNER,
            "held": [_HELD],
            "lost": [{"e164": "+441217377117", "reason": "taken", "grade": "gold", "offer": None}],
        },
    ),
)
EXTEND = _route(
    "Hold numbers longer",
    "For so many minutes from now on; without `numbers` all that the owner holds.",
    (ExtendQuery, {"owner": _OWNER, "numbers": _NUMBERS, "minutes": 60}),
    (Holds, {"owner": _OWNER, "held": [_HELD], "lost": []}),
)
RELEASE = _route(
    "Give numbers back",
    "Without `numbers` all that the owner holds.",
    (ReleaseQuery, {"owner": _OWNER, "numbers": _NUMBERS}),
    (Released, {"owner": _OWNER, "numbers": _NUMBERS}),
)
LIST = _route(
    "List what is held",
    "What this draft or basket holds, and until when.",
    (OwnerQuery, {"owner": _OWNER}),
    (Holds, {"owner": _OWNER, "held": [_HELD], "lost": []}),
)
