"""`python docs/findings_table.py`: write docs/findings.md from the catalogue in the contracts.

`--check` only says whether it is up to date.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from made import main

from patchbay_contracts.finding_catalogue import FINDINGS
from patchbay_contracts.finding_texts import reason_of

FILE = Path(__file__).with_name("findings.md")
MOST = 4
HEAD = """# Codes of findings

What dry runs, validity reports of drafts and checks of changes find: `code`, with a sentence and what to do (here with
… for what is filled in; of many sentences the first are shown). `reason` is the code that the order, its line or the
change would have for it ([reasons.md](reasons.md)); it is null where none is refused for it. A code keeps its meaning;
new ones may come.

| Code | Reason | What is found | What to do |
|---|---|---|---|
"""


def written() -> str:
    """The page as it should be."""
    return HEAD + "".join(_row(code) for code in FINDINGS)


def _row(code: str) -> str:
    reasons = dict.fromkeys(filter(None, (reason_of(code, where) for where in ("/exact/", ""))))
    told, advice = (_told(texts) for texts in zip(*FINDINGS[code], strict=True))
    return f"| `{code}` | {' or '.join(f'`{one}`' for one in reasons)} | {told} | {advice} |\n"


def _told(texts: Iterable[str]) -> str:
    texts = [re.sub(r"%\(\w+\)s", "…", text).replace("|", "\\|") for text in dict.fromkeys(texts) if text]
    return "<br>".join(texts[:MOST]) + (" <br>…" if len(texts) > MOST else "")


if __name__ == "__main__":
    raise SystemExit(main(FILE, written()))
