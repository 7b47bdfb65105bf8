"""What a file declares is applied once, also after a cut-off, and never over somebody else's draft."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from patchbay_cli import config, output
from patchbay_cli.catalogue import app
from patchbay_client import Client

DEFAULTS = {"description": "", "included": []}
BEFORE = "2026-01-01"


class Catalogue:
    """Service types as the API keeps them; `fails` cuts the next publication off."""

    def __init__(self) -> None:
        self.versions: dict[str, list[dict[str, Any]]] = {}
        self.written = list[str]()
        self.fails = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.removeprefix("/v1/service-types").strip("/").split("/")
        versions = self.versions.get(parts[0], [])
        body = json.loads(request.content) if request.content else {}
        if parts == [""]:
            rows = [{"id": id_, "may_change": id_ != "of-others"} for id_ in self.versions]
            return httpx.Response(200, json={"service_types": rows, "next": None})
        if parts[-1] == "draft":
            return self._draft(parts[0], body["entry"], dry_run="dry_run" in request.url.params)
        if parts[-1] == "publish":
            if self.fails:
                self.fails = False
                return httpx.Response(422, json={"title": "Cut off", "errors": []})
            self.written.append("publish")
            versions[0] |= {"state": "published", "valid_from": body["valid_from"]}
            return httpx.Response(200, json=versions[0])
        if not versions:
            return httpx.Response(404, json={"title": "There is no such service type"})
        found = {"versions": versions} if len(parts) == 1 else versions[len(versions) - int(parts[2])]
        return httpx.Response(200, json=found)

    def _draft(self, id_: str, entry: dict[str, Any], *, dry_run: bool) -> httpx.Response:
        if "nmae" in entry:
            fault = {"pointer": "/entry/nmae", "message": "there is no such field", "remedy": "remove it"}
            return httpx.Response(422, json={"title": "The request is not valid", "errors": [fault]})
        versions = [one for one in self.versions.get(id_, []) if one["state"] != "draft"]
        draft = version(len(versions) + 1, DEFAULTS | entry)
        if not dry_run:
            self.written.append("draft")
            self.versions[id_] = [draft, *versions]
        return httpx.Response(200, json=draft)


def version(number: int, entry: dict[str, Any], state: str = "draft") -> dict[str, Any]:
    of = {"version": number, "revision": 1, "state": state, "valid_to": None, "changed_by": "operator:eve"}
    return of | {"valid_from": BEFORE if state != "draft" else None, "entry": entry}


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    made = Catalogue()
    http = httpx.MockTransport(made)
    monkeypatch.setattr(config, "client", lambda: Client("http://patchbay", "key", http=httpx.Client(transport=http)))
    return made


def typed(folder: Path, entry: dict[str, Any], *options: str) -> tuple[int, list[dict[str, Any]]]:
    """How applying it ended, and what it said."""
    file = folder / "catalogue.json"
    file.write_text(json.dumps({"service_types": {"voice-line": entry}}))
    output.use_json(True)
    try:
        result = CliRunner().invoke(app, ["apply", str(file), *options])
    finally:
        output.use_json(False)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_file_is_applied_once_and_what_is_usual_may_be_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    would, rows = typed(tmp_path, {"name": "Line"}, "--dry-run")
    assert (would, rows[0]["outcome"], catalogue.written) == (7, "would_create", [])
    done, rows = typed(tmp_path, {"name": "Line"}, "--from", "2026-02-01")
    assert (done, rows[0]["outcome"], rows[0]["version"]) == (0, "created", 1)
    assert (typed(tmp_path, {"name": "Line"})[1][0]["outcome"], catalogue.written) == (
        "unchanged",
        ["draft", "publish"],
    )
    code, rows = typed(tmp_path, {"name": "Better line"})
    assert (code, rows[0]["version"], [one["pointer"] for one in rows[0]["differences"]]) == (0, 2, ["/name"])


def test_what_was_cut_off_between_draft_and_publication_goes_on(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.fails = True
    assert typed(tmp_path, {"name": "Line"})[0] == 3
    assert typed(tmp_path, {"name": "Line"})[0] == 0
    assert catalogue.written == ["draft", "publish"]


def test_a_draft_of_somebody_else_is_kept_unless_it_is_to_be_replaced(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.versions["voice-line"] = [
        version(2, {"name": "Eve's"}),
        version(1, DEFAULTS | {"name": "Line"}, "published"),
    ]
    assert typed(tmp_path, {"name": "Line"})[1][0]["outcome"] == "unchanged"
    code, rows = typed(tmp_path, {"name": "Mine"})
    assert (code, rows[0]["outcome"], catalogue.written) == (3, "refused", [])
    assert "draft of operator:eve" in rows[0]["error"]["errors"][0]["message"]
    assert typed(tmp_path, {"name": "Mine"}, "--replace-drafts")[0] == 0


def test_what_is_refused_is_told_with_its_place_in_the_file(catalogue: Catalogue, tmp_path: Path) -> None:
    code, rows = typed(tmp_path, {"nmae": "Line"})
    assert (code, rows[0]["error"]["errors"][0]["pointer"]) == (3, "/service_types/voice-line/nmae")


def test_what_is_exported_and_applied_changes_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    entry = DEFAULTS | {"name": "Line"}
    catalogue.versions = {id_: [version(1, entry, "published")] for id_ in ("voice-line", "of-others")}
    exported = CliRunner().invoke(app, ["export"]).stdout
    assert json.loads(exported) == {"service_types": {"voice-line": entry}}
    assert typed(tmp_path, json.loads(exported)["service_types"]["voice-line"])[1][0]["outcome"] == "unchanged"
    assert catalogue.written == []
