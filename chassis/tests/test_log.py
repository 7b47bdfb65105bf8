"""What must not be in a log."""

import json
import subprocess
import sys

FAILS = """
from patchbay_chassis.log import log, set_up
set_up("toy", "1", "INFO")
def check(pin):
    raise ValueError("no such thing")
try:
    check("4" + "711")
except ValueError as error:
    log.error("http.failed", exc_info=error, pin="47" + "11")
"""


def test_a_traceback_shows_where_but_no_values() -> None:
    done = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    said = json.loads(line)
    assert said["exception"][0]["exc_value"] == "no such thing"
    assert said["exception"][0]["frames"][-1]["name"] == "check"
    assert said["pin"] == "[hidden]"
    assert "4711" not in line
