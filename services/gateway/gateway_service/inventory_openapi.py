"""The routes of the inventory as data: what each takes and answers, with an example. Only these go through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from gateway_service.describing import Described, answers, content, ref, route
from patchbay_chassis.streamed import NDJSON
from patchbay_contracts.inventory import (
    DeclareGrades,
    GradeRules,
    Lend,
    NewBlocks,
    SetQuarantine,
    StateGrades,
    TakeBack,
)
from patchbay_contracts.inventory_answers import (
    BlockPage,
    Changed,
    Grades,
    GradesStated,
    InventoryNumber,
    Lent,
    Load,
    LoadedBlocks,
    LogPage,
    PoolPage,
    Preview,
    Progress,
    TakenBack,
)

CSV = "text/csv"
MODELS: tuple[type[BaseModel], ...] = (
    *(NewBlocks, Lend, TakeBack, SetQuarantine, StateGrades, GradeRules, DeclareGrades),
    *(LoadedBlocks, Progress, Load, Lent, TakenBack, Changed, GradesStated, Grades, Preview),
    *(BlockPage, PoolPage, InventoryNumber, LogPage),
)
_LOAD = "0190b2a0-0000-7000-8000-000000000002"
_ROWS = {"rows": 3, "loaded": 2, "there_already": 0, "refused": 1, "detail": ""}
_USED = {"size": 1000, "free": 953, "held": 7, "assigned": 40, "quarantined": 0, "lent": 100}
_NUMBER = {
    "e164": "+441217370420",
    "state": "quarantined",
    "since": "2026-06-01T12:00:00Z",
    "until": "2026-07-01T12:00:00Z",
    "reseller": "acme",
    "taken_in": False,
    "block": "+441217370000",
    "area": "Birmingham",
    "pool": "public",
    "owner": "",
    "grade": "standard",
    "rule": "no pattern",
}
_GOLD = {"name": "ABAB", "grade": "gold", "letters": "ABAB"}
_DECLARED = {"version": 4, "rules": [_GOLD], "who": "inventory manager", "why": "as sold", "at": "2026-06-01T12:00:00Z"}
_BLOCK = {"first": "+441217370000", "size": 1000, "country": "44", "trunk": "0", "area": "Birmingham", "pool": "public"}
_ENTRY = {
    "id": "0190b2a0-0000-7000-8000-000000000003",
    "at": "2026-06-01T12:00:00Z",
    "who": "inventory manager",
    "why": "ticket 4711",
    "what": "lend",
    "detail": {"blocks": ["+441217370000"]},
}


@dataclass(frozen=True)
class InventoryRoute:
    """A route below `/v1/inventory`. `asks` and `answers` are models, or the kind of a body that is a text."""

    method: str
    path: str
    summary: str
    description: str
    answers: Sequence[type[BaseModel]] | str
    answer: Any
    asks: type[BaseModel] | str | None = None
    query: Any = None
    parameters: Sequence[Mapping[str, Any]] = ()

    def described(self) -> Described:
        """As OpenAPI has it."""
        bad = (401, 403, 404, 413, 415, 422, 502, 503)
        shown = answers(self.summary, _content(self.answers, self.answer), *bad)
        return route(self.summary, self.description, shown, _asked(self.asks, self.query), self.parameters)


def _content(models: Sequence[type[BaseModel]] | str, example: Any) -> dict[str, Any]:
    if isinstance(models, str):
        return content({"type": "string"}, example, models)
    refs = [ref(model.__name__) for model in models]
    return content(refs[0] if len(refs) == 1 else {"anyOf": refs}, example)


def _asked(model: type[BaseModel] | str | None, example: Any) -> dict[str, Any] | None:
    return None if model is None else _content(model if isinstance(model, str) else (model,), example)


def _parameter(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


_AFTER = _parameter("after", "`next` of the page before", type="string")
_LIMIT = _parameter("limit", "so many at the most", type="integer", minimum=1, maximum=1000)

ROUTES = (
    InventoryRoute(
        "POST",
        "/blocks",
        "Load blocks",
        "Each block is loaded, unless another is in its place: that stays as it is, and the block is `refused`. A block"
        " that cannot be refuses the call, by its field; of a CSV (`/loads`) it is left out alone.",
        (LoadedBlocks,),
        {"loaded": 1, "there_already": 0, "refused": []},
        NewBlocks,
        {"why": "bought in June", "blocks": [_BLOCK]},
    ),
    InventoryRoute(
        "POST",
        "/loads",
        "Load a CSV",
        "Of blocks (`first,size,country,trunk,area,pool,owner`) or of single numbers"
        " (`e164,country,trunk,area,pool,owner`), with a head line and up to a million rows: it is read while it comes."
        " The answer is a `Progress` a line (NDJSON); the last one is the sum. Good rows are loaded, bad ones are"
        " kept to be looked at. It is safe to send again.",
        NDJSON,
        f'{{"load":"{_LOAD}","state":"done","rows":3,"loaded":2,"there_already":0,"refused":1,"detail":""}}\n',
        CSV,
        "first,size,country,trunk,area,pool,owner\n+441217370000,1000,44,0,Birmingham,public,\n",
        (
            _parameter("kind", "what a row is", required=True, enum=["blocks", "numbers"]),
            _parameter("why", "why it is loaded", required=True, type="string"),
        ),
    ),
    InventoryRoute(
        "GET",
        "/loads/{id}",
        "Show a load",
        "How far it is, whose it is, when and why.",
        (Load,),
        {"load": _LOAD, "state": "done", "at": "2026-06-01T12:00:00Z", "kind": "blocks"}
        | {"who": "inventory manager", "why": "bought in June"}
        | _ROWS,
    ),
    InventoryRoute(
        "GET",
        "/loads/{id}/refused",
        "Show what a load refused",
        "The bad rows as they came, with their lines and the reasons before them: corrected, the file can be loaded as"
        " it is.",
        CSV,
        "row,reason,first,size,country,trunk,area,pool,owner\n"
        "7,size should be 100 or 1000 or 10000,+441217370000,500,44,0,Birmingham,public,\n",
    ),
    InventoryRoute(
        "POST",
        "/lending",
        "Lend numbers",
        "Blocks, ranges or single numbers to a reseller's or a customer's pool. What is in use stays where it is.",
        (Lent,),
        {"lent": [["+441217370000", "+441217370099"]], "there_already": [], "not_free": []},
        Lend,
        {
            "why": "ticket 4711",
            "ranges": [["+441217370000", "+441217370099"]],
            "to": {"pool": "reseller", "owner": "acme"},
        },
    ),
    InventoryRoute(
        "POST",
        "/lending/return",
        "Take lent numbers back",
        "What is in use stays so, and is its lender's again when it is free.",
        (TakenBack,),
        {"returned": [["+441217370000", "+441217370099"]], "when_free": [], "not_lent": []},
        TakeBack,
        {"why": "ticket 4712", "ranges": [["+441217370000", "+441217370099"]]},
    ),
    InventoryRoute(
        "PUT",
        "/quarantine",
        "Set a pool's quarantine",
        "So many days a number rests after it was in service; null: as long as the settings say.",
        (Changed,),
        {"changed": 1},
        SetQuarantine,
        {"why": "as agreed", "of": {"pool": "reseller", "owner": "acme"}, "days": 30},
    ),
    InventoryRoute(
        "POST",
        "/overrides",
        "State grades",
        "Of single numbers, whatever the rules say; null: the rules decide again.",
        (GradesStated,),
        {"changed": 1, "unknown": []},
        StateGrades,
        {"why": "asked for by a customer", "numbers": ["+441217370420"], "grade": "gold"},
    ),
    InventoryRoute(
        "GET", "/grades", "Show the grade rules", "Those in force, and who declared them.", (Grades,), _DECLARED
    ),
    InventoryRoute(
        "POST",
        "/grades/preview",
        "Preview grade rules",
        "What these rules would change. Nothing is changed.",
        (Preview,),
        {
            "version": 4,
            "numbers": 1000,
            "regraded": [{"before": "standard", "after": "gold", "numbers": 9, "examples": ["+441217370101"]}],
        },
        GradeRules,
        {"rules": [_GOLD]},
    ),
    InventoryRoute(
        "PUT",
        "/grades",
        "Declare grade rules",
        "They grade from now on. `version` is that of the rules which they replace.",
        (Grades,),
        _DECLARED,
        DeclareGrades,
        {"why": "as sold", "version": 3, "rules": [_GOLD]},
    ),
    InventoryRoute(
        "GET",
        "/usage",
        "Show utilisation",
        "By block or by pool: free, held, assigned and quarantined ones add up to the size.",
        (BlockPage, PoolPage),
        {"usage": [{"pool": "public", "owner": "", "blocks": 1, "borrowed": 0} | _USED], "next": None},
        parameters=(_parameter("by", "what is counted", enum=["block", "pool"], default="block"), _AFTER, _LIMIT),
    ),
    InventoryRoute(
        "GET",
        "/numbers/{e164}",
        "Show a number of the inventory",
        "How it is, since when and until when, whose it is, and where it belongs; whosever it is.",
        (InventoryNumber,),
        _NUMBER,
    ),
    InventoryRoute(
        "GET",
        "/log",
        "Show changes",
        "Who changed what, when and why, the newest first. Of a number: what lent it, took it back or graded it, and"
        " what loaded its block. An entry shows a hundred ranges at the most, and is found by each number of all.",
        (LogPage,),
        {"entries": [_ENTRY], "next": None},
        parameters=(_parameter("number", "only what is about this number", type="string"), _AFTER, _LIMIT),
    ),
)
