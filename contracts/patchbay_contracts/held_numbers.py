"""Numbers that a reseller's drafts and baskets hold, listed: asked of the numbers service over HTTP by the gateway."""

from pydantic import AwareDatetime, ConfigDict, Field

from patchbay_contracts.message import Frozen
from patchbay_contracts.numbers import MOST_HELD, HoldOwner
from patchbay_contracts.words import E164, InternationalPrefix, Reseller


class HeldQuery(Frozen):
    """What drafts and baskets of a reseller hold, in the order of the numbers. `number`: one, or how they begin, with
    the calling code. `after`: the last number of the page before."""

    model_config = ConfigDict(extra="forbid")

    number: InternationalPrefix | None = None
    count: int = Field(default=50, ge=1, le=200)
    after: E164 | None = None


class HeldFor(Frozen):
    """A number that is held, for whom, and until when."""

    e164: E164
    owner: HoldOwner
    held_until: AwareDatetime


class HeldPage(Frozen):
    """A page of held numbers; `more`: there are others behind it."""

    numbers: tuple[HeldFor, ...] = ()
    more: bool = False


class ThoughtHeld(Frozen):
    """Numbers that a draft or basket of that reseller is thought to hold."""

    reseller: Reseller
    owner: HoldOwner
    numbers: tuple[E164, ...] = Field(max_length=MOST_HELD)


class MissedQuery(Frozen):
    """Which of them are not held any more: asked at once for many drafts and baskets, of any reseller."""

    model_config = ConfigDict(extra="forbid")

    holds: tuple[ThoughtHeld, ...] = Field(max_length=100)


class Missed(Frozen):
    """A number that its owner does not hold. `taken`: somebody else has it; otherwise it may be held again."""

    owner: HoldOwner
    e164: E164
    taken: bool


class AllMissed(Frozen):
    """All that are not held; what is held is not named."""

    numbers: tuple[Missed, ...] = ()
