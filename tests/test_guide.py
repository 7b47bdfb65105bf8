"""The README's guide from key to completed order, typed word by word."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from patchbay_local.runtime import exports
from tests.suite import Suite

ROOT = Path(__file__).parents[1]
HEADING = "## From key to completed order in five minutes"


def commands() -> list[str]:
    """The shell blocks of the guide."""
    section = (ROOT / "README.md").read_text().split(HEADING)[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(240)
async def test_a_newcomer_types_the_guide_and_has_a_completed_order(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / ".runtime").mkdir()
    access = {"PATCHBAY_URL": suite.stack.url("gateway"), "PATCHBAY_API_KEY": suite.stack.api_key}
    (tmp_path / ".runtime" / "env").write_text(exports(access))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    own = str(Path(sys.executable).parent)
    path = ":".join(folder for folder in os.environ["PATH"].split(":") if folder != own)
    typed = "set -e\n" + "\n".join(commands())
    running = await asyncio.create_subprocess_exec(
        "bash", "-c", typed, cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complained = (text.decode() for text in await running.communicate())
    assert running.returncode == 0, said + complained
    assert '"type":"order.completed"' in said
    assert '"state": "completed"' in said
    assert '"accepted_through":1000' in said
    assert re.search(r"[0-9]+ would be accepted, [1-9][0-9]* refused", said)
    assert re.search(r"^batch .*: .*completed", said, re.MULTILINE)
    assert '"held":[{"e164":"+44121' in said
    assert "orders/bulk" not in complained
