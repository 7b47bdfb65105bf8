"""`python docs/reasons_table.py`: write docs/reasons.md from the table in the contracts.

`--check` only says whether it is up to date.
"""

import sys
from pathlib import Path

from patchbay_contracts.reasons import REASONS

FILE = Path(__file__).with_name("reasons.md")
HEAD = """# Reason codes

Why an order, one of its lines or a change of a service was refused or undone: `reason` in an order's outcome and lines.
`GET /v1/reasons` answers the same table. Findings have their code as `reason` too
([findings.md](findings.md)). A code keeps its meaning; new ones may come.

| Code | Meaning | What to do |
|---|---|---|
"""


def main(check: bool) -> int:
    """Write it, or say that it is not up to date."""
    rows = (f"| `{code}` | {reason.meaning} | {reason.remedy} |\n" for code, reason in REASONS.items())
    expected = HEAD + "".join(rows)
    if check:
        there = FILE.read_text() if FILE.exists() else ""
        sys.stdout.write("" if there == expected else "not up to date: python docs/reasons_table.py writes it\n")
        return int(there != expected)
    FILE.write_text(expected)
    return 0


if __name__ == "__main__":
    raise SystemExit(main("--check" in sys.argv[1:]))
