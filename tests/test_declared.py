"""Service types and price lists are declared in files and applied at the command line, with all services behind it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.documents import line, order
from tests.suite import Suite
from tests.test_command_line import REFUSED, Shell

pytestmark = pytest.mark.timeout(300)
SCHEMA = {
    "type": "object",
    "properties": {"fax": {"type": "boolean", "title": "Fax too"}},
    "additionalProperties": False,
}
USAGE, WOULD_CHANGE = 2, 7


@pytest.fixture
def shell(suite: Suite, tmp_path: Path) -> Shell:
    return Shell(suite, tmp_path)


def written(folder: Path, topic: str, id_: str, content: dict[str, Any]) -> str:
    file = folder / f"{topic}.json"
    file.write_text(json.dumps({topic: {id_: content}}))
    return str(file)


async def test_a_service_type_is_as_the_file_says_and_the_file_is_what_is_exported(
    shell: Shell, tmp_path: Path
) -> None:
    id_, topic = f"line-{uuid4().hex[:8]}", "service_types"
    line: dict[str, Any] = {"name": "New line", "settings_schema": SCHEMA, "numbers": {"most": 2}}
    line |= {"resellers": ["acme"]}
    file = written(tmp_path, topic, id_, line | {"terms": {"version": "1", "text": "Pay."}})
    would = await shell.type("--json", "catalogue", "apply", "--dry-run", file)
    assert (would.code, would.rows[0]["outcome"]) == (WOULD_CHANGE, "would_create"), would.out
    made = await shell.type("--json", "catalogue", "apply", file)
    assert (made.code, made.rows[0]["outcome"], made.rows[0]["version"]) == (0, "created", 1), made.err
    again = await shell.type("catalogue", "apply", file)
    assert (again.code, again.out.strip()) == (0, f"{id_}: nothing to do, version 1")
    exported = tmp_path / "exported.json"
    assert (await shell.type("catalogue", "export", "--output", str(exported))).code == 0
    content = json.loads(exported.read_text())[topic][id_]
    assert (content["name"], content["numbers"]["most"]) == ("New line", 2)
    assert {row["outcome"] for row in (await shell.type("--json", "catalogue", "apply", str(exported))).rows} == {
        "unchanged"
    }
    changed = written(tmp_path, topic, id_, content | {"numbers": {"most": 9}})
    differs = await shell.type("catalogue", "apply", "--dry-run", "--from", "2099-01-01", changed)
    assert (differs.code, "~ /numbers/most: 2 → 9" in differs.out) == (WOULD_CHANGE, True), differs.out
    badly = written(tmp_path, topic, id_, content | {"terms": {"version": "1", "text": "Pay twice."}})
    refused = await shell.type("catalogue", "apply", "--dry-run", badly)
    assert (refused.code, f"/service_types/{id_}/terms/version: " in refused.err) == (REFUSED, True), refused.err


async def test_a_service_type_that_takes_only_gold_numbers_gets_no_other(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    id_, plain = f"line-{uuid4().hex[:8]}", "+441914989371"
    golden: dict[str, Any] = {"name": "Golden line", "settings_schema": SCHEMA, "resellers": ["acme"]}
    golden |= {"numbers": {"most": 2, "grades": ["gold"]}, "terms": {"version": "1", "text": "Pay."}}
    made = await shell.type("catalogue", "apply", written(tmp_path, "service_types", id_, golden))
    assert made.code == 0, made.err
    document = order(line(service_type=id_, numbers={"exact": [plain]}))
    async with suite.client() as client:
        seen = (await client.post("/v1/orders/dry-run", json=document)).json()
    assert "service.wrong_grade" in [one["code"] for one in seen["findings"]], seen
    outcome = (await suite.ended(document))["outcome"]
    assert (outcome["step"], outcome["reason"]) == ("numbers", "wrong_grade")
    await suite.balanced()


async def test_a_price_list_is_as_the_file_says_and_a_draft_of_somebody_else_is_kept(
    suite: Suite, shell: Shell, tmp_path: Path
) -> None:
    id_, topic = f"acme-{uuid4().hex[:8]}", "price_lists"
    price = {"service_type": "voice-line", "setup": "6", "monthly": "9.5"}
    content = {"name": "Next year", "currency": "GBP", "prices": [price]}
    made = await shell.type("--json", "prices", "apply", written(tmp_path, topic, id_, content))
    assert (made.code, made.rows[0]["outcome"]) == (0, "created"), made.err
    async with suite.client() as client:
        draft = content | {"why": "an idea", "name": "Of somebody else"}
        saved = await client.put(f"/v1/prices/{id_}/draft", json=draft, headers={"If-Match": '"0"'})
        assert saved.status_code == 200, saved.text
    same = await shell.type("--json", "prices", "apply", written(tmp_path, topic, id_, content))
    assert (same.code, same.rows[0]["outcome"]) == (0, "unchanged"), same.err
    dearer = written(tmp_path, topic, id_, content | {"prices": [price | {"setup": "7"}]})
    kept = await shell.type("prices", "apply", dearer)
    assert (kept.code, "draft of key:demo" in kept.err) == (REFUSED, True), kept.err
    done = await shell.type("--json", "prices", "apply", "--replace-drafts", dearer)
    assert (done.code, done.rows[0]["outcome"]) == (0, "changed"), done.err
    assert [one["pointer"] for one in done.rows[0]["differences"]] == ["/prices/voice-line, itself/setup"]
    exported = json.loads((await shell.type("prices", "export")).out)[topic]
    assert (exported[id_]["prices"][0]["setup"], "standard-gbp" in exported) == ("7.0000", False)
    slip = await shell.type("prices", "apply", written(tmp_path, topic, id_, content | {"currency": "pounds"}))
    assert (slip.code, f"/price_lists/{id_}/currency: " in slip.err) == (REFUSED, True)
    assert (await shell.type("prices", "apply", written(tmp_path, "services", id_, content))).code == USAGE
