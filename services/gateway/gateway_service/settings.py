"""What the gateway is told by its environment."""

from datetime import timedelta
from functools import cache

from pydantic import Field

from patchbay_chassis.settings import SecretKey, ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and the gateway's own."""

    pin_transport_key: SecretKey
    """32 bytes in urlsafe base64, shared with the customer service alone: PINs travel encrypted under it."""
    most_open: int = Field(default=8_000, ge=1)
    """With more orders under way, new ones wait outside: inside they would only use up their steps' time limits."""
    most_body_bytes: int = 512 * 1024
    """Of one order, posted alone or as a line of a bulk."""
    bulk_lines: int = Field(default=1_000, ge=1)
    """So many lines are accepted in one transaction at the most."""
    bulk_gather_ms: float = 100.0
    """So long a bulk waits for more lines before it accepts what has come."""
    keep_keys: timedelta = Field(default=timedelta(days=7), ge=timedelta(days=7))
    """So long an Idempotency-Key is remembered; used again after that, it makes a new order."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
