"""What the notifier is told by its environment."""

from datetime import timedelta
from functools import cache

from pydantic import Field

from patchbay_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings and the notifier's own."""

    smtp: str = Field(default="127.0.0.1:25", pattern=r"^.+:[0-9]{1,5}$")
    """host:port of the relay"""
    mail_from: str = "Patchbay <orders@patchbay.example>"
    """The sender of all mails"""
    mails_per_s: float = Field(default=50.0, ge=0)
    """Mails are paced: a relay that gets more than it likes refuses all. 0: as fast as it takes them."""
    mail_lease: timedelta = timedelta(minutes=2)
    """A replica that dies with mails in hand leaves them to others after this time."""
    give_up_after: timedelta = timedelta(days=1)
    """A mail that the relay does not take for so long has failed."""
    keep_facts: timedelta = Field(default=timedelta(days=90), ge=timedelta(days=1))
    """So long after a mail was last asked for it is kept what its attachments are made from."""
    keep_mails: timedelta = Field(default=timedelta(days=730), ge=timedelta(days=1))
    """So long after a mail was last asked for it is kept with its delivery log, unless it is still to be sent."""

    @property
    def session_limit(self) -> float:
        """Seconds after which no further mail is begun, so that the last one is through long before the lease ends."""
        return self.mail_lease.total_seconds() / 4

    def mails_at_once(self, most: int) -> int:
        """So many mails go into one session at the pace that is set."""
        return min(most, max(1, int(self.mails_per_s * self.session_limit))) if self.mails_per_s else most


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
