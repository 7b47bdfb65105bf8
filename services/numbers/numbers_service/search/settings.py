"""What a search replica is told by its environment."""

from datetime import timedelta
from functools import cache

from pydantic import Field

from patchbay_chassis.settings import ProcessSettings


class Settings(ProcessSettings):
    """The chassis' settings for every process and the search replica's own."""

    authority_url: str = "http://127.0.0.1:8000"
    """The numbers service: blocks are read there when there is no snapshot, and repaired from there."""
    snapshots: str = ""
    """Where snapshots are kept: `file:///folder`, or `s3://bucket/folder` with the usual `AWS_` variables, of Amazon or
    whoever speaks S3. Empty: none are kept, and each start reads all blocks from the authority."""
    snapshot_every: timedelta = timedelta(minutes=5)
    """A snapshot is taken so often, if anything has changed."""
    snapshots_kept: int = Field(default=3, ge=2)
    """So many of the newest ones are kept, of all replicas together."""
    lag_bound: timedelta = timedelta(seconds=5)
    """A replica that has not been level with the authority for so long is not ready, and answers no search."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
