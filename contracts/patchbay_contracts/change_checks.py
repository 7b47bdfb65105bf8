"""Whether a change of a service could be carried out as things stand: provisioning says what the saga would ask of the
others, and these are asked it beforehand. What each of them finds is what the change would be refused for.

Pointers of findings lead into the change's document, below `/change`.
"""

from pydantic import Field

from patchbay_contracts.services import Asking
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.validity import Finding, Findings
from patchbay_contracts.words import Grade


class HoldFindings(Findings):
    """What the numbers service finds in a hold; of which grades the numbers are that it would give."""

    grades: tuple[Grade, ...] = ()


class AmendmentQuery(Asking):
    """What billing would be asked; `adds`: numbers that are not held yet would come, of whatever grade."""

    amends: AmendBilling
    adds: bool = False


class AmendmentFindings(Findings):
    """What billing finds, and besides, why numbers of some grades could not be charged."""

    by_grade: dict[Grade, Finding] = Field(default_factory=dict)


class ChangeFindings(Findings):
    """What provisioning finds, and what the saga would ask of numbers and billing, if it would ask them."""

    holds: HoldNumbers | None = None
    amends: AmendmentQuery | None = None
