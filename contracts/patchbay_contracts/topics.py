"""The topics: one small file each in `topic_files/`, with owner, producers, consumers, key and retention."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_HERE = Path(__file__).parent


class Topic(BaseModel):
    """One topic file. The replicas of a consumer share its records out among themselves; each replica of a follower
    reads all of them, from positions that it keeps itself. The replicas of a keeper share them out, and put each away
    as it is, readable or not. `retention_hours`: so long a record is kept at least."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    owner: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    followers: tuple[str, ...] = ()
    keepers: tuple[str, ...] = ()
    key: str
    partitions: int
    retention_hours: int
    about: str


def load() -> dict[str, Topic]:
    """All topics by name."""
    return {
        file.stem: Topic(name=file.stem, **tomllib.loads(file.read_text()))
        for file in sorted((_HERE / "topic_files").glob("*.toml"))
    }
