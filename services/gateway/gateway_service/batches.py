"""Bulks under a batch: each line is decided once, by its position, however often and in whatever pieces it is sent."""

import hashlib
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson

from gateway_service import batch_queries, preview_queries, queries, references
from gateway_service.accepting import Accepted
from gateway_service.batch_queries import KeptLine, Kind, Standing
from gateway_service.order_csv import BadRow
from gateway_service.settings import settings
from patchbay_chassis.database import Overtaken
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Line

MARK = 16
"""Bytes of a line's mark: nobody can make two lines that have the same, as the key is ours."""
TRIES = 20
"""So often lines are looked at anew, because somebody else sent the same batch at the same time."""


class Known(NamedTuple):
    """A line that was decided before: the order that it made, or why it made none."""

    order_id: UUID | None
    refusal: str | None
    told: str | None = None


Answer = Accepted | Problem | Known


def mark(content: bytes) -> bytes:
    """By this the same line is known again. It is keyed, as a PIN could be guessed from a plain hash."""
    key = urlsafe_b64decode(settings().pin_transport_key.get_secret_value())
    return hashlib.blake2b(content, digest_size=MARK, key=key[:64]).digest()


class Batch:
    """A batch, as one request goes on with it."""

    def __init__(self, running: Running, reseller: str, id_: UUID, trace: str) -> None:
        self.id = id_
        self._running = running
        self._reseller = reseller
        self._trace = trace
        self._standing = Standing(0, 0)

    async def begin(self, kind: Kind, first: int) -> None:
        """Begin it, or go on with it from that line. Raises Problem 422 if it consists of something else, 409 if lines
        before are missing."""
        async with self._running.database.connection() as db:
            found = await batch_queries.begin(db, self._reseller, self.id, kind)
            self._standing = await batch_queries.standing(db, self._reseller, self.id)
        if found != kind:
            fault = {"parameter": "batch", "message": f"it began as {found}", "remedy": "use another id"}
            raise Problem(422, "The batch consists of something else", errors=[fault])
        if self.through < first - 1:
            raise missing(self.id, self.through)

    @property
    def through(self) -> int:
        """Up to which line it was decided when it was last looked at."""
        return self._standing.through

    async def known(self, lines: Sequence[Line | BadRow]) -> dict[int, Answer]:
        """Those of these lines that were decided before, and those that stand where another one was."""
        if not lines or lines[0].number > self._standing.through:
            return {}
        async with self._running.database.connection() as db:
            self._standing = await batch_queries.standing(db, self._reseller, self.id)
            kept = await batch_queries.known(db, self._reseller, self.id, [line.number for line in lines])
            named = [one.order_id for line in lines if b"preview" in (line.content or b"")
                     and (one := kept.get(line.number)) and one.order_id]  # fmt: skip
            told = await preview_queries.told(db, self._reseller, named) if named else {}
        answers = ((line.number, _again(line, kept.get(line.number), told)) for line in lines)
        return {number: answer for number, answer in answers if answer is not None}

    async def keep(
        self, lines: Sequence[Line | BadRow], decided: Mapping[int, Accepted | Problem], first: int, through: int
    ) -> dict[int, Accepted | Problem]:
        """Keep what was decided about these lines, and place their orders: all that lies between `first` and `through`
        is decided then. What it comes to, where an order wants a reference that another has. Raises Overtaken if
        somebody else wrote meanwhile, and Problem 409 if lines before are missing.
        """
        marks = {line.number: marked(line) for line in lines if line.number in decided}
        async with self._running.turn() as turn:
            before = await batch_queries.standing(turn.db, self._reseller, self.id, lock=True)
            if before.through < first - 1:
                raise missing(self.id, before.through)
            wanted = [answer for answer in decided.values() if isinstance(answer, Accepted)]
            taken = await references.claim(turn.db, self._reseller, wanted)
            final = {n: taken.get(a.id, a) if isinstance(a, Accepted) else a for n, a in decided.items()}
            orders = [answer for answer in final.values() if isinstance(answer, Accepted)]
            kept = {number: _kept(marks[number], answer) for number, answer in final.items()}
            was: Mapping[int, KeptLine] = {}
            if first <= before.through:
                if before != self._standing:
                    raise Overtaken
                was = await batch_queries.known(turn.db, self._reseller, self.id, list(kept))
            changes = Counter(accepted=len(orders), refused=len(kept) - len(orders) - len(was))
            await batch_queries.keep(turn.db, self._reseller, self.id, kept, changes=changes, through=through)
            if orders:
                await queries.accept(turn.db, self._reseller, orders, batch_id=self.id)
                await preview_queries.tell(turn.db, self._reseller, orders)
                turn.say(*(order.placed for order in orders), trace=self._trace)
            self._running.crash("accepting_http")
        self._running.crash("accepted_http")
        self._standing = Standing(max(before.through, through), before.writes + 1)
        return final

    async def look_again(self) -> None:
        """Somebody else wrote: see how far the batch is now."""
        async with self._running.database.connection() as db:
            self._standing = await batch_queries.standing(db, self._reseller, self.id)


def marked(line: Line | BadRow) -> bytes:
    """The line's mark; of one that was too long to keep, that of its beginning."""
    return mark(line.beginning if line.content is None else line.content.strip())


def _again(line: Line | BadRow, kept: KeptLine | None, told: Mapping[UUID, str]) -> Answer | None:
    """What a line is answered that was kept before. One that was refused may be corrected, and what was our own fault
    is tried again."""
    if kept is None:
        return None
    same = kept.mark == marked(line)
    if kept.refusal is not None and (not same or orjson.loads(kept.refusal)["status"] >= 500):
        return None
    if same:
        return Known(kept.order_id, kept.refusal, told.get(kept.order_id) if kept.order_id else None)
    detail = f"Another order came at this position before: {kept.order_id}. Nothing was changed; use another batch."
    return Problem(422, "The position was used for something else", detail, code="position_used")


def _kept(mark_: bytes, answer: Accepted | Problem) -> KeptLine:
    if isinstance(answer, Accepted):
        return KeptLine(mark_, answer.id, None)
    return KeptLine(mark_, None, orjson.dumps(answer.body).decode())


def missing(id_: UUID, through: int) -> Problem:
    """Lines before these were not decided, so these cannot be."""
    detail = f"Batch {id_} is decided through line {through}: send it from line {through + 1} on."
    return Problem(409, "Lines before this one are missing", detail, code="lines_missing")
