"""What the customer service is told by its environment."""

from datetime import timedelta
from functools import cache

from pydantic import Field

from patchbay_chassis.settings import SecretKey, ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and the customer service's own. Keys are 32 bytes in urlsafe base64."""

    pin_transport_key: SecretKey
    """Shared with the gateway alone: PINs travel encrypted under it."""
    pin_pepper: SecretKey
    """Known to this service alone: PINs are kept as keyed hashes under it."""
    pin_tries: int = Field(default=5, ge=1)
    """After so many wrong PINs of a customer in a row nobody can try another for a while."""
    pin_lockout: timedelta = Field(default=timedelta(minutes=15), gt=timedelta(0))
    """That while."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
