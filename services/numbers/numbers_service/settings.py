"""What the numbers service is told by its environment."""

from datetime import timedelta
from functools import cache
from typing import Literal

from pydantic import Field

from patchbay_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and the numbers service's own."""

    hold_for: timedelta = timedelta(hours=24)
    """An order's hold has to outlast its saga with every retry, and the saga does not pass its pivot when the hold
    is near its end: so a number that an order will assign is never somebody else's in between."""
    quarantine: timedelta = timedelta(days=90)
    """So long a number rests after it was in service, where its pool has no quarantine of its own."""
    choose: Literal["index", "tables"] = "index"
    """Where "n that match" come from: an index in each process (a sixth of a byte a number), or the tables alone."""
    index_bound: timedelta = timedelta(seconds=2)
    """An index that is further behind the tables is not chosen from."""
    checks: int = Field(default=20, ge=1)
    """So many blocks a second are added up, so that whoever follows the inventory can compare."""
    most_held: int = Field(default=20_000, ge=1)
    """So many numbers one reseller holds in its drafts and baskets together at the most; orders hold besides."""
    load_patience: timedelta = timedelta(minutes=10)
    """A load of a list that has not come further for so long broke off."""
    keep_refused: timedelta = timedelta(days=90)
    """So long the refused rows of a list are kept."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
