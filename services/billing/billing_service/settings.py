"""What billing is told by its environment."""

from datetime import timedelta
from functools import cache

from pydantic import Field

from patchbay_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings, and how long quotes hold."""

    quote_holds: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0), le=timedelta(days=90))
    """So long a quote locks its prices."""
    keep_quotes: timedelta = Field(default=timedelta(days=30), ge=timedelta(0))
    """So long after its end a quote that was not used is kept."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
