"""Whatever the API's document allows is answered as it says, whatever it forbids is refused, and nothing breaks."""

import asyncio
import os
from typing import Any

import pytest

from gateway_service import machine
from patchbay_chassis.lag import Look

from .behind import Behind
from .called_by_document import HangingUp, found
from .conftest import Gateway
from .connecting import serving
from .documented import Document
from .everything import Everything
from .test_machine import LOOK

EXAMPLES = int(os.environ.get("PATCHBAY_EXAMPLES", "0"))
"""So many calls of each operation at the most are thought out (`make fuzz`)."""
ONLY = os.environ.get("PATCHBAY_OPERATIONS", "")
"""In the operations whose names match (`make fuzz ONLY=tmf-api`)."""
SHORT = {"deterministic": True, "database": "none"}
AT_BOUNDS = "" if EXAMPLES else "^(GET|DELETE) /v1/(orders|drafts|keys|webhooks)"
IN_TURN = "" if EXAMPLES else "^(?!.*/v1/operations)"
RUNS = {
    "as the examples are": ("examples", ""),
    "at the bounds of each parameter": ("coverage", AT_BOUNDS),
    "one thing after the other": ("stateful", IN_TURN),
}
"""Phases of schemathesis, and in which operations. Always the same calls, within a minute, unless there are EXAMPLES:
then all is called at the bounds (which waits where a call may wait for events), and at random."""
if EXAMPLES:
    RUNS["at random"] = ("fuzzing", "")


@pytest.fixture(autouse=True)
def kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers how far services are: none is started for these calls."""

    async def look(*_: Any) -> Look:
        return LOOK

    monkeypatch.setattr(machine, "look", look)


@pytest.mark.timeout(0 if EXAMPLES else 600)
@pytest.mark.parametrize(("phase", "only"), RUNS.values(), ids=RUNS)
async def test_calls_are_answered_as_described(
    behind: Behind, in_house: None, gateway: Gateway, phase: str, only: str
) -> None:
    generated: dict[str, Any] = {} if EXAMPLES else dict(SHORT)
    if phase != "coverage":  # that goes through all bounds
        generated["max-examples"] = EXAMPLES or 5
    Everything(behind)
    document = await Document.of(gateway)
    async with serving(HangingUp(gateway.app)) as url:
        faults = await asyncio.to_thread(
            lambda: sorted(set(found(document.described, url, {phase: {"generation": generated}}, only or ONLY)))
        )
    assert not faults, "\n\n".join(faults)
