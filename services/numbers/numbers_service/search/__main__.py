"""Wiring: `python -m numbers_service.search` runs a search replica."""

from numbers_service.search.authority import Authority
from numbers_service.search.http import app
from numbers_service.search.replica import Replica
from numbers_service.search.settings import Settings, settings
from numbers_service.search.snapshots import Snapshots
from patchbay_chassis.follow import Follower
from patchbay_chassis.log import log
from patchbay_chassis.process import Process, run
from patchbay_contracts.v1.blocks import CHANGES


def made(told: Settings, authority: Authority) -> Replica:
    """A replica as it is told to be."""
    snapshots = Snapshots(told.snapshots, told.replica, told.snapshots_kept) if told.snapshots else None
    return Replica(authority, Follower(CHANGES, told), snapshots, told.snapshot_every)


async def main(process: Process) -> None:
    """From start to end."""
    told = settings()
    authority = Authority(told.authority_url)
    replica = made(told, authority)

    async def checks() -> dict[str, bool]:
        return {"level": replica.freshness().age <= told.lag_bound.total_seconds()}

    process.serve(app(replica, told.lag_bound), checks)
    process.start(replica.run(), "replica")
    log.info("service.started")
    await process.asked_to_stop()
    await process.stop()
    await authority.close()


if __name__ == "__main__":
    run("search", settings(), main)
