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
    """What "n that match" are chosen from: an index in each process (a sixth of a byte a number), or the tables."""
    index_bound: timedelta = timedelta(seconds=2)
    """An index that is further behind the tables is not chosen from."""
    checks: int = Field(default=20, ge=1)
    """So many blocks a second are added up, so that whoever follows the inventory can compare."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
