"""What the customer service is told by its environment."""

from functools import cache

from patchbay_chassis.settings import SecretKey, ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and the customer service's own. Keys are 32 bytes in urlsafe base64."""

    pin_transport_key: SecretKey
    """Shared with the gateway alone: PINs travel encrypted under it."""
    pin_pepper: SecretKey
    """Known to this service alone: PINs are kept as keyed hashes under it."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
