"""`python -m gateway_service.rebuild`: what the gateway shows of others' events is made anew, while it goes on serving.

How orders stand is asked of provisioning, which carries them out; dead letters are read from their topics. What orders
are (their documents, keys, references) is the gateway's own, and nobody else has it. Safe to repeat, and to break off.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateway_service import dead_letter_queries, dead_letters, progress_queries, rebuild_queries, rebuilding
from gateway_service.rebuild_queries import FIRST
from gateway_service.settings import settings
from gateway_service.tmf import order_queries, terms
from gateway_service.upstream import Away, Upstream
from patchbay_chassis import dead, keeping
from patchbay_chassis.database import Database
from patchbay_contracts.standing import OrderStanding, OrderStandings, StandingQuery
from patchbay_contracts.v1.orders import OrderProgressed

PAGE = 100
LABELS = 5_000
"""Looked at together."""
OFTEN = 10_000
"""After so many orders it is said how far this is."""
LATELY, SETTLE = timedelta(minutes=1), 5.0
"""What moved lately may only be waiting for its event: it is looked at once more after so many seconds."""
ROUNDS = 20
"""So often orders are looked at that events change meanwhile."""
TRIES, PAUSE = 60, 1.0

Key = tuple[str, UUID]


class Rebuild:
    """One run. `found` counts by what it was; with `dry_run` nothing is changed."""

    def __init__(self, database: Database, upstream: Upstream, *, dry_run: bool = False) -> None:
        self._database = database
        self._upstream = upstream
        self._dry_run = dry_run
        self.found = Counter[str]()

    async def all(self) -> None:
        """Orders, then what is counted and found by them, then dead letters."""
        await self.orders()
        if not self._dry_run:
            await self.labels()
            await self.batches()
            await self.dead_letters()

    async def orders(self) -> None:
        """How orders stand, ended, and by which event."""
        again, after = list[Key](), FIRST
        while True:
            async with self._database.connection() as db:
                rows = await rebuild_queries.page(db, after, PAGE)
            if not rows:
                break
            again += await self._put_right(rows, LATELY)
            last = (rows[-1].reseller, rows[-1].id)
            if not self._dry_run:
                async with self._database.transaction() as db:
                    self.found["labels missing"] += await rebuild_queries.label(db, after, last)
            after = last
            self.found["orders"] += len(rows)
            if self.found["orders"] % OFTEN < len(rows):
                _say(f"{self.found['orders']:,} orders, {self.found['orders wrong']:,} of them were wrong")
        for _ in range(ROUNDS):
            if not again:
                return
            await asyncio.sleep(SETTLE)
            looked, again = again, []
            for at in range(0, len(looked), PAGE):
                async with self._database.connection() as db:
                    rows = await rebuild_queries.these(db, looked[at : at + PAGE])
                again += await self._put_right(rows, timedelta(0))
        self.found["orders left to their events"] = len(again)

    async def _put_right(self, rows: Sequence[Any], lately: timedelta) -> list[Key]:
        """The rows were read before provisioning is asked, so its answer is newer. Returns those to look at again."""
        known = {one.order_id: one for one in (await self._ask([row.id for row in rows])).orders}
        now, wrong, again = datetime.now(UTC), [], list[Key]()
        for row in rows:
            one = known.get(row.id)
            if one is None or one.reseller != row.reseller:
                self.found["orders that provisioning does not know"] += 1
            elif rebuilding.is_right(row, one):
                continue
            elif one.at > now - lately:
                again.append((row.reseller, row.id))
            else:
                wrong.append(rebuilding.truth(row, one, settings().keep_events))
        await self._moves([(row.reseller, row.id) for row in rows], known, now - settings().keep_moves)
        mended = {one.id for one in wrong}
        if wrong and not self._dry_run:
            async with self._database.transaction() as db:
                mended, told = await rebuild_queries.mend(db, wrong)
                await order_queries.anew(db, terms.carried_out_by(mended))
            self.found["events told"] += told
        self.found["orders wrong"] += len(mended)
        return again + [(one.reseller, one.id) for one in wrong if one.id not in mended]

    async def _moves(self, orders: Sequence[Key], known: Mapping[UUID, OrderStanding], since: datetime) -> None:
        """Moves of watched orders; those whose event is still to come are noted once."""
        events = [
            OrderProgressed(order_id=id_, reseller=reseller, moves=moves)
            for reseller, id_ in orders
            if id_ in known and (moves := tuple(one for one in known[id_].moves if one.at > since))
        ]
        if not events:
            return
        async with self._database.transaction() as db:
            noted = await progress_queries.all_moves(db, [(event.reseller, event.order_id) for event in events])
            wrong = [event for event in events if list(event.moves) != noted.get(event.order_id)]
            if wrong and not self._dry_run:
                await progress_queries.note_anew(db, wrong)
        self.found["watched orders whose moves were wrong"] += len(wrong)

    async def _ask(self, orders: Sequence[UUID]) -> OrderStandings:
        """A service that is upgraded just now is waited for. Raises Problem."""
        query = StandingQuery(orders=tuple(orders))
        for _ in range(TRIES):
            try:
                answer = await self._upstream.ask("provisioning", "/orders/standing", query)
                return OrderStandings.model_validate_json(answer)
            except Away:
                await asyncio.sleep(PAUSE)
        return OrderStandings.model_validate_json(await self._upstream.ask("provisioning", "/orders/standing", query))

    async def labels(self) -> None:
        """Labels by which orders are found that do not have them."""
        after = ("", "", "", FIRST[1])
        while True:
            async with self._database.connection() as db:
                rows = await rebuild_queries.labels(db, after, LABELS)
            if not rows:
                return
            if wrong := [row for row in rows if not row.right]:
                async with self._database.transaction() as db:
                    await rebuild_queries.unlabel(db, wrong)
            self.found["labels wrong"] += len(wrong)
            after = (rows[-1].reseller, rows[-1].name, rows[-1].value, rows[-1].order_id)

    async def batches(self) -> None:
        """How many lines of each batch are in which state."""
        after = FIRST
        while True:
            async with self._database.connection() as db:
                rows = await rebuild_queries.batches(db, after, PAGE)
            if not rows:
                return
            for row in rows:
                async with self._database.transaction() as db:
                    self.found["batches wrong"] += await rebuild_queries.count(db, row.reseller, row.id)
            self.found["batches"] += len(rows)
            after = (rows[-1].reseller, rows[-1].id)

    async def dead_letters(self) -> None:
        """Those that are missing are put away; old ones are forgotten again soon."""

        async def take(letters: Sequence[dead.Kept]) -> None:
            async with self._database.transaction() as db:
                self.found["dead letters missing"] += await dead_letter_queries.put_away(db, letters)

        await keeping.again(dead_letters.TOPICS, settings(), take)


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def main(*, dry_run: bool) -> int:
    """0 when all is right now; 1 with a dry run that found something wrong, and for what was left; 2 if somebody else
    is at it."""
    database = Database(settings().database, "gateway-rebuild")
    try:
        async with Upstream(settings()) as upstream, database.connection() as alone:
            if not await rebuild_queries.alone(alone):
                _say("somebody else is rebuilding: nothing was done")
                return 2
            rebuild = Rebuild(database, upstream, dry_run=dry_run)
            await rebuild.all()
    finally:
        await database.close()
    for what, many in rebuild.found.items():
        _say(f"{many:,} {what}")
    return int(bool(rebuild.found["orders wrong"] if dry_run else rebuild.found["orders left to their events"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make read models anew, while the gateway goes on serving.")
    parser.add_argument("--dry-run", action="store_true", help="count which orders are shown wrong, and change nothing")
    raise SystemExit(asyncio.run(main(dry_run=parser.parse_args().dry_run)))
