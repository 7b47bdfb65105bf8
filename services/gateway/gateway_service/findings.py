"""How a finding is shown to callers: with the reason code that the order would have for it."""

from collections.abc import Mapping
from typing import Any

from patchbay_contracts import finding_texts
from patchbay_contracts.validity import Finding

REASON: Mapping[str, Any] = {
    "type": ["string", "null"],
    "description": "the code of `/v1/reasons` that the order, its line or the change would have as its `reason`; null"
    " where none is refused for it",
}
"""How the API describes the reason."""


def shown(finding: Finding) -> dict[str, Any]:
    """All of it."""
    reason = finding_texts.reason_of(finding.code, finding.pointer)
    return finding.model_dump(mode="json") | {"reason": reason}
