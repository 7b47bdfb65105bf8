"""Walks sagas in the database: loads the states that a batch moves, moves them, stores them. Set-based."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError

from patchbay_chassis.database import Connection, Overtaken, affected
from patchbay_chassis.envelope import Numbered, Said, in_order
from patchbay_chassis.facts import Facts
from patchbay_chassis.log import log
from patchbay_chassis.saga import (
    AT_REST,
    Failure,
    Moved,
    Saga,
    State,
    advance,
    begin,
    expire,
)
from patchbay_chassis.saga_stored import Known, columns, from_store
from patchbay_chassis.taking_back import cancel
from patchbay_contracts.message import Message

Local = Callable[[Sequence[Any], Connection], Awaitable[Sequence[Message] | None]]
"""Carries out commands; what it can answer at once it returns."""
Move = Callable[[Saga, State, Message, datetime], Moved]
Judge = Callable[[Sequence[tuple[Saga, State]]], Awaitable[Sequence[Moved]]]
"""What becomes of sagas whose waiting is over for now."""
Why = Callable[[Any, Facts | None], Failure | None]
"""Why a saga is cancelled, of the command and what the saga knows, if it has begun."""


_MOVED = """
    WITH u AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::timestamptz[], $5::text[], $6::text[],
                             $7::text[], $8::int[], $9::text[])
                      AS u(id, status, open, due, state, facts, log, moves, reseller)),
    noted AS (
        INSERT INTO saga_move (saga, move, facts, log) SELECT id, moves, facts, log FROM u
        WHERE facts <> '' OR log <> ''"""
_INSERT = f"""{_MOVED} ON CONFLICT (saga, move) DO NOTHING)
    INSERT INTO saga (id, reseller, name, version, status, open, due, state)
    SELECT u.id, reseller, s.name, s.version, status, open, due, state
    FROM u JOIN unnest($1::uuid[], $10::text[], $11::int[]) AS s(id, name, version) USING (id)
    ON CONFLICT (id) DO NOTHING RETURNING id"""
_STORE = f"""{_MOVED})
    UPDATE saga SET status = u.status, open = u.open, due = u.due, state = u.state, moves = u.moves, moved_at = now()
    FROM u WHERE saga.id = u.id AND saga.moves = u.moves - 1"""
_SELECT = """
    SELECT id, moves, name, state, m.facts, m.log FROM saga
    CROSS JOIN LATERAL (SELECT string_agg(facts, '' ORDER BY move) AS facts, string_agg(log, '' ORDER BY move) AS log
                        FROM saga_move WHERE saga_move.saga = saga.id) m"""
_LOAD = f"{_SELECT} WHERE id = ANY($1::uuid[]) AND (open OR status = 'waiting')"
_ONE = f"{_SELECT} WHERE id = $1 AND open"
_LOOK = f"SELECT reseller, found.* FROM ({_SELECT} WHERE id = ANY($1::uuid[])) AS found JOIN saga USING (id)"
_DUE = f"{_SELECT} WHERE open AND due <= $1 ORDER BY id LIMIT $2 FOR UPDATE OF saga SKIP LOCKED"
_WAIT = """
    INSERT INTO saga_waiting (saga, due) SELECT * FROM unnest($1::uuid[], $2::timestamptz[])
    ON CONFLICT (saga) DO UPDATE SET due = excluded.due"""
_WAKE = """
    WITH due AS (
        SELECT saga FROM saga_waiting WHERE due <= $1 ORDER BY due, saga LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM saga_waiting USING due WHERE saga_waiting.saga = due.saga RETURNING saga_waiting.saga"""

MOST_KNOWN = 20_000
"""Sagas that are kept in memory beside their rows. One that is not is read from its row."""


@dataclass(frozen=True)
class Walker:
    """Moves sagas: of which kind one is, its first message says, and then its row. `local` are the commands that this
    service carries out itself, by message type: they are not sent but handed over in the same transaction, and what is
    answered at once moves the saga on at once.

    Sagas that this process moved are kept in memory, so that their next move reads nothing. Whoever moved one
    meanwhile has counted its moves on, and the store finds it: then the work is done again from the row.
    """

    sagas: tuple[Saga, ...]
    local: Mapping[type[Message], Local]
    _known: dict[UUID, Known] = field(default_factory=dict)

    def answers(self) -> set[type[Message]]:
        """Every answer that moves one of the sagas."""
        return {answer for saga in self.sagas for answer in saga.answers()}

    async def begin(
        self, messages: Sequence[Message], db: Connection, refusals: Mapping[int, Failure]
    ) -> list[list[Said]]:
        """Begin a saga for each message, unless it has begun; `refusals` by position fail at once."""
        now, first = datetime.now(UTC), dict[UUID, int]()
        for at, message in enumerate(messages):
            first.setdefault(message.about, at)
        sagas = {id_: self._of(messages[at]) for id_, at in first.items()}
        begun = {id_: begin(sagas[id_], messages[at], now, refusals.get(at)) for id_, at in first.items()}
        known = {id_: Known(0, state, sagas[id_]) for id_, (state, _) in begun.items()}
        new = await self._insert(known, {id_: messages[at].reseller for id_, at in first.items()}, db)
        said: list[list[Said]] = [[] for _ in messages]
        for id_ in new:
            said[first[id_]] = begun[id_][1]
        _follow({id_: known[id_] for id_ in new}, {id_: said[first[id_]] for id_ in new})
        return await self._carry_out(said, db)

    def _of(self, message: Message) -> Saga:
        """The saga that begins with it."""
        mine = (s for s in self.sagas if s.begins is type(message) and (s.takes is None or s.takes(message)))
        return next(mine)

    async def _insert(self, known: Mapping[UUID, Known], resellers: Mapping[UUID, str], db: Connection) -> set[UUID]:
        """Store sagas that begin; those that were not there."""
        rows = columns(known)
        kinds = [known[id_].saga for id_ in rows[0]]
        names, versions = [saga.name for saga in kinds], [saga.version for saga in kinds]
        of = [resellers[id_] for id_ in rows[0]]
        new = {id_ for (id_,) in await db.fetch(_INSERT, *rows, of, names, versions)}
        self._keep({id_: known[id_] for id_ in new}, db)
        return new

    async def cancel(self, commands: Sequence[Message], db: Connection, why: Why) -> list[list[Said]]:
        """Undo what is under way. One that has not begun fails at once and never begins: it stands as one of the first
        kind, whatever it would have been. `why` it fails, of a command and what is known; None to let it be."""
        now, saga = datetime.now(UTC), self.sagas[0]
        known, said = dict[UUID, Known](), dict[UUID, list[Said]]()
        for command in commands:
            if command.about not in known and (failure := why(command, None)) is not None:
                state, said[command.about] = begin(saga, command, now, failure)
                known[command.about] = Known(0, state, saga)
        resellers = {command.about: command.reseller for command in commands}
        new = await self._insert(known, resellers, db) if known else set[UUID]()

        def move(saga: Saga, state: State, command: Message, now: datetime) -> Moved:
            failure = why(command, state.facts)
            return (state, []) if failure is None else cancel(saga, state, command, failure, now)

        begun = [command for command in commands if command.about not in new]
        moved = iter(await self.feed(begun, db, move) if begun else ())
        return [next(moved) if command.about not in new else said.pop(command.about, []) for command in commands]

    async def feed(self, answers: Sequence[Message], db: Connection, move: Move = advance) -> list[list[Said]]:
        """Move the sagas that these answers belong to, in their order; what each answer causes."""
        now = datetime.now(UTC)
        known = {answer.about: self._known.get(answer.about) for answer in answers}
        moved, said, idle = self._moved(answers, known, now, move)
        if idle:  # it has ended, was never ours, or somebody else moved it on: the row knows
            known |= dict.fromkeys(idle) | await self._load(db, _LOAD, list(idle))
            moved, said, _ = self._moved(answers, known, now, move)
        await self._store(moved, db)
        causes = zip(reversed(answers), reversed(said), strict=True)  # of several the first, for it may have ended it
        _follow(moved, {answer.about: caused for answer, caused in causes})
        return await self._carry_out(said, db)

    def _moved(
        self, answers: Sequence[Message], known: Mapping[UUID, Known | None], now: datetime, move: Move
    ) -> tuple[dict[UUID, Known], list[list[Said]], set[UUID]]:
        """What moves, what each answer causes, and to which sagas an answer meant nothing."""
        moved, said, idle = dict[UUID, Known](), list[list[Said]](), set[UUID]()
        for answer in answers:
            was = known[answer.about]
            if was is None:
                idle.add(answer.about)
                said.append([])
                continue
            state = moved[answer.about].state if answer.about in moved else was.state
            after, caused = move(was.saga, state, answer, now)
            if after is state:
                idle.add(answer.about)
            else:
                moved[answer.about] = Known(was.moves + 1, after, was.saga)  # one move, however many answers
            said.append(caused)
        return moved, said, idle

    async def sweep(self, db: Connection, most: int = 500) -> list[Said]:
        """Move the sagas whose time has come."""
        now = datetime.now(UTC)
        moved, said = dict[UUID, Known](), list[Said]()
        for id_, (moves, state, saga) in (await self._load(db, _DUE, now, most)).items():
            after, caused = expire(saga, state, now)
            moved[id_] = Known(moves + 1, after, saga)
            said += caused
        if moved:
            log.info("sagas.overdue", count=len(moved))
        await self._store(moved, db)
        _follow(moved, dict.fromkeys(moved, said))
        return (await self._carry_out([said], db))[0]

    async def wake(self, db: Connection, judge: Judge, most: int = 500) -> list[Said]:
        """Move the sagas that have waited long enough, as `judge` says."""
        due = [id_ for (id_,) in await db.fetch(_WAKE, datetime.now(UTC), most)]
        found = await self._load(db, _LOAD, due) if due else {}
        known = {id_: one for id_, one in found.items() if one.state.status == "waiting"}
        if not known:
            return []
        moved = dict[UUID, Known]()
        caused = dict[UUID, list[Said]]()
        moves = await judge([(one.saga, one.state) for one in known.values()])
        for (id_, one), (after, said) in zip(known.items(), moves, strict=True):
            moved[id_], caused[id_] = Known(one.moves + 1, after, one.saga), said
        await self._store(moved, db)
        _follow(moved, caused)
        return [one for said in await self._carry_out(list(caused.values()), db) for one in said]

    async def change(self, id_: UUID, how: Callable[[Saga, State], Moved], db: Connection) -> list[Said]:
        """Move one open saga as somebody wants it. Its row is locked by whoever calls."""
        moved, said = dict[UUID, Known](), list[Said]()
        for moves, state, saga in (await self._load(db, _ONE, id_)).values():
            after, said = how(saga, state)
            moved[id_] = Known(moves + 1, after, saga)
        await self._store(moved, db)
        _follow(moved, {id_: said})
        return (await self._carry_out([said], db))[0]

    async def look(self, ids: Sequence[UUID], db: Connection) -> dict[UUID, tuple[str, Known]]:
        """Those of these sagas that are remembered, ended or not, as their rows have them, and whose they are."""
        by_name, rows = {saga.name: saga for saga in self.sagas}, await db.fetch(_LOOK, ids)
        return {
            id_: (reseller, Known(moves, from_store(*stored), by_name[name]))
            for reseller, id_, moves, name, *stored in rows
        }

    async def _load(self, db: Connection, query: str, *values: Any) -> dict[UUID, Known]:
        by_name, rows = {saga.name: saga for saga in self.sagas}, await db.fetch(query, *values)
        return {id_: Known(moves, from_store(*stored), by_name[name]) for id_, moves, name, *stored in rows}

    async def _store(self, moved: Mapping[UUID, Known], db: Connection) -> None:
        """Raises Overtaken if another process moved one of them meanwhile."""
        if not moved:
            return
        try:
            stored = affected(await db.execute(_STORE, *columns(moved), []))
        except UniqueViolationError:  # the same move is noted already
            stored = 0
        if stored != len(moved):
            for id_ in moved:
                self._known.pop(id_, None)
            raise Overtaken
        if waiting := [id_ for id_, (_, state, _) in moved.items() if state.status == "waiting"]:
            waiting.sort(key=in_order)
            await db.execute(_WAIT, waiting, [moved[id_].state.due for id_ in waiting])
        self._keep(moved, db)

    def _keep(self, sagas: Mapping[UUID, Known], db: Connection) -> None:
        """Keep what is open, as soon as it is committed."""

        def keep() -> None:
            for id_, (moves, state, saga) in sagas.items():
                self._known.pop(id_, None)
                if state.status not in AT_REST:
                    self._known[id_] = Known(moves, state.kept(), saga)
            for id_ in list(islice(self._known, max(0, len(self._known) - MOST_KNOWN))):
                del self._known[id_]

        db.after_commit(keep)

    async def _carry_out(self, answers: list[list[Said]], db: Connection) -> list[list[Said]]:
        """Hand local commands over; give the others back to be sent, with what the local ones cause at once."""
        commands: dict[type[Message], list[Message]] = {}
        kept, asked_by = [], dict[UUID, list[Said]]()
        for said in answers:
            kept.append(sent := list[Said]())
            for one in said:
                message = one.message if isinstance(one, Numbered) else one
                if type(message) in self.local:
                    commands.setdefault(type(message), []).append(message)
                    asked_by[message.about] = sent
                else:
                    sent.append(one)
        answered: list[Message] = []
        for type_, messages in commands.items():
            answered += await self.local[type_](messages, db) or ()
        if answered:
            for answer in answered:  # what is in memory is older than the row until this is committed
                self._known.pop(answer.about, None)
            for answer, caused in zip(answered, await self.feed(answered, db), strict=True):
                asked_by[answer.about] += caused
        return kept


def _follow(moved: Mapping[UUID, Known], said: Mapping[UUID, list[Said]]) -> None:
    """Say the moves of those sagas that somebody follows, before what else each of them said: so whoever hears of an
    end has heard all moves."""
    for id_, (_, state, saga) in moved.items():
        if saga.announce.moved is not None and (message := saga.announce.moved(state)) is not None:
            said[id_].insert(0, message)
