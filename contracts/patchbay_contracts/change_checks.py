"""Whether a change of a service could be carried out as things stand: provisioning says what the saga would ask of the
others, and these are asked it beforehand. What each of them finds is what the change would be refused for.

Pointers of findings lead into the change's document, below `/change`.
"""

from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.validity import Findings
from patchbay_contracts.words import HeldNumber


class HoldFindings(Findings):
    """What the numbers service finds in a hold, and the numbers that it would give."""

    numbers: tuple[HeldNumber, ...] = ()


class ChangeFindings(Findings):
    """What provisioning finds, and what the saga would ask of numbers and billing, if it would ask them; of billing
    without the numbers, which are not held yet."""

    holds: HoldNumbers | None = None
    amends: AmendBilling | None = None
