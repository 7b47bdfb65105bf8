"""Price lists are declared in files and applied at the command line, with all services behind it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.suite import Suite
from tests.test_command_line import REFUSED, Shell

pytestmark = pytest.mark.timeout(300)
SCHEMA = {
    "type": "object",
    "properties": {"fax": {"type": "boolean", "title": "Fax too"}},
    "additionalProperties": False,
}
USAGE = 2


@pytest.fixture
def shell(suite: Suite, tmp_path: Path) -> Shell:
    return Shell(suite, tmp_path)


def written(folder: Path, topic: str, id_: str, content: dict[str, Any]) -> str:
    file = folder / f"{topic}.json"
    file.write_text(json.dumps({topic: {id_: content}}))
    return str(file)


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
