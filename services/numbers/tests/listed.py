"""Lists as an inventory manager sends them, for the tests, and what is answered."""

import csv
import io
import json
from typing import Any

from patchbay_contracts.finding_texts import part

from .managing import WHY
from .serving import Served

HOME = "44,0,Manchester,public,"
NUMBERS = "e164,country,trunk,area,pool,owner\n"
BLOCKS = "first,size,country,trunk,area,pool,owner\n"
FIRST = 441619460000


def numbers(*ranges: tuple[int, int], home: str = HOME) -> str:
    """A list of so many numbers from each first one on."""
    return "".join(f"+{n},{home}\n" for first, many in ranges for n in range(first, first + many))


async def load_list(served: Served, kind: str, content: Any) -> list[dict[str, Any]]:
    """The lines that are answered."""
    answer = await post(served, kind, content)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def post(served: Served, kind: str, content: Any) -> Any:
    body = content.encode() if isinstance(content, str) else content
    params = {"kind": kind, "who": "ann", "why": WHY}
    return await served.client.post("/inventory/loads", params=params, content=body)


def counts(line: dict[str, Any]) -> tuple[str, int, int, int, int]:
    return line["state"], line["rows"], line["loaded"], line["there_already"], line["refused"]


async def refused_file(served: Served, load: str) -> str:
    answer = await served.client.get(f"/inventory/loads/{load}/refused")
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.text


async def reasons(served: Served, load: str) -> dict[int, str]:
    """Why which row is not loaded; fails for what pages have no words for."""
    rows = csv.DictReader(io.StringIO(await refused_file(served, load)))
    found = {int(row["row"]): row["reason"] for row in rows}
    assert not [why for why in set(found.values()) if not _known(why)]
    return found


def _known(why: str) -> bool:
    """What is wrong with single columns is said in pydantic's words as well."""
    of_columns = ((one, one.partition(": ")[2]) for one in why.split("; "))
    return part("row", why) is not None or all(
        " should " in one or part("row", one) or part("row", wrong) for one, wrong in of_columns
    )
