"""`python docs/reasons_table.py`: write docs/reasons.md from the table in the contracts.

`--check` only says whether it is up to date.
"""

from pathlib import Path

from made import main

from patchbay_contracts.reasons import REASONS

FILE = Path(__file__).with_name("reasons.md")
HEAD = """# Reason codes

Why an order, one of its lines or a change of a service was refused or undone: `reason` in an order's outcome and lines.
`GET /v1/reasons` answers the same table. A finding of a dry run or a validity report has a `reason` as well: the code
with which the order would be refused for it ([findings.md](findings.md)). A code keeps its meaning; new ones may come.

| Code | Meaning | What to do |
|---|---|---|
"""


def written() -> str:
    """The page as it should be."""
    return HEAD + "".join(f"| `{code}` | {of.meaning} | {of.remedy} |\n" for code, of in REASONS.items())


if __name__ == "__main__":
    raise SystemExit(main(FILE, written()))
