"""Bash completes commands and options, as client/README.md says."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
source "$1"
COMP_WORDS=(patchbay prices apply --rep) COMP_CWORD=3
_patchbay_completion patchbay
echo "${COMPREPLY[@]}"
"""


def test_bash_completes_an_option_of_a_command(tmp_path: Path) -> None:
    place, completion = Path(sys.executable).parent, tmp_path / "patchbay"
    env = {"PATH": f"{place}:/usr/bin:/bin"}
    asked = env | {"_PATCHBAY_COMPLETE": "source_bash"}
    shown = subprocess.run(["patchbay"], env=asked, capture_output=True, check=True)
    completion.write_bytes(shown.stdout)
    command = ["bash", "-c", SCRIPT, "bash", str(completion)]
    completed = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert completed.stdout.strip() == "--replace-drafts"
