"""What provisioning is told by its environment."""

from datetime import timedelta
from functools import cache
from typing import Literal

from pydantic import Field

from patchbay_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and provisioning's own."""

    collect_every: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0))
    """So often Python looks for memory that only refers to itself. Seldom, as all orders under way are looked through
    each time, and little here does."""
    patience: float = Field(default=1.0, gt=0)
    """Stretches every time limit of the order saga."""
    back_order_pause: timedelta = Field(default=timedelta(minutes=1), gt=timedelta(0))
    """An order that waits for numbers tries again after this time; after a quarter of the time that it has waited, once
    that is longer."""
    back_order_longest_pause: timedelta = Field(default=timedelta(hours=1), gt=timedelta(0))
    """But after so long at the latest."""
    network: Literal["simulated"] = "simulated"
    """The network adapter; so far there is only the simulated one."""
    network_refuses: str = ""
    """The simulated network refuses numbers that this regular expression matches, such as `^44121496099`."""
    network_delay: timedelta = timedelta(0)
    """The simulated network takes so long for each set of services."""
    network_down: bool = False
    """The simulated network cannot be reached."""
    activation_lease: timedelta = timedelta(seconds=3)
    """A replica that dies with activations in hand leaves them to others after this time. A network that takes longer
    is asked twice, which is safe, so the time is short: orders wait for it."""
    activation_workers: int = Field(default=1, ge=1)
    """So many sets of services are on their way to the network at once."""
    keep_sagas: timedelta = Field(default=timedelta(days=90), ge=timedelta(days=10))
    """So long what an order's steps said is kept after its end, for whoever has to look into it; sealed PINs with it.
    Longer than any message of it can come again."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
