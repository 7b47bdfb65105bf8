"""What billing is told by its environment."""

from functools import cache

from patchbay_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings; billing has none of its own yet."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
