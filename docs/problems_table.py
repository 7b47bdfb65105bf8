"""`python docs/problems_table.py`: writes the catalogue of problems into problems.md; `--check` only compares."""

from pathlib import Path

from made import main

from patchbay_contracts.problem_catalogue import KINDS

FILE = Path(__file__).with_name("problems.md")
HEAD = """# Problems

What is refused, or goes wrong, is answered as `application/problem+json` (RFC 9457). `type` says which kind of problem
it is: programs decide by that alone. It leads to an explanation at the gateway that answered; `/problems` lists all.
`title` is for people, `detail` says what it is about this time, and each entry of `errors` says where (`pointer`, a
JSON Pointer into what was sent, or `parameter`), what is wrong and what to do. The wizard shows the same ones.

A code is never removed and never gets another meaning. Programs take a `type` that they do not know by its `status`.

This page is made by problems_table.py from `contracts/patchbay_contracts/problem_catalogue.py`.

| `type` | Status | Title | It means | What to do |
|---|---|---|---|---|
"""


def written() -> str:
    """The page as it should be."""
    return HEAD + "".join(f"| `{k.type}` | {k.status} | {k.title} | {k.meaning} | {k.remedy} |\n" for k in KINDS)


if __name__ == "__main__":
    raise SystemExit(main(FILE, written()))
