"""Walks sagas in the database: loads the states that a batch moves, moves them, stores them. Set-based."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection, Overtaken, affected
from patchbay_chassis.envelope import Numbered, Said, in_order
from patchbay_chassis.facts import Facts, Log
from patchbay_chassis.log import log
from patchbay_chassis.saga import (
    ENDED,
    Failure,
    Saga,
    State,
    StepState,
    advance,
    begin,
    expire,
)
from patchbay_chassis.undone import Operations
from patchbay_contracts.message import Message

Local = Callable[[Sequence[Any], Connection], Awaitable[Sequence[Message] | None]]
"""Carries out commands; what it can answer at once it returns."""


def create(op: Operations) -> None:
    """The table, for the first migration of the service that owns a saga.

    Only the end of a saga touches an indexed column (`open`), so every move before it is a HOT update; the
    partial index stays as small as the number of open sagas. `facts` are lines of a type and a message, `log` is a
    line for each moment; both are only ever added to.
    """
    op.execute(
        "CREATE TABLE saga (id uuid PRIMARY KEY, reseller text NOT NULL, name text NOT NULL, version int NOT NULL,"
        " status text NOT NULL, open boolean NOT NULL DEFAULT true, due timestamptz, state text NOT NULL,"
        " facts text NOT NULL, log text NOT NULL,"
        " begun_at timestamptz NOT NULL DEFAULT now(), moved_at timestamptz NOT NULL DEFAULT now())"
        " WITH (fillfactor = 60)"
    )
    op.execute("CREATE INDEX saga_open ON saga (id) WHERE open")


def split(op: Operations) -> None:
    """For the second migration: what grows has a table of its own, a row for each move. A saga's own row stays short,
    so its four or five versions fit into one page; with facts and log in it, they were half of all that was written.
    `moves` counts, so that a move that somebody else made meanwhile is noticed."""
    op.execute("ALTER TABLE saga ADD COLUMN moves int NOT NULL DEFAULT 0")
    op.execute(
        "CREATE TABLE saga_move (saga uuid NOT NULL, move int NOT NULL, facts text NOT NULL, log text NOT NULL,"
        " PRIMARY KEY (saga, move))"
    )
    op.execute("INSERT INTO saga_move (saga, move, facts, log) SELECT id, 0, facts, log FROM saga")
    op.execute("ALTER TABLE saga DROP COLUMN facts, DROP COLUMN log")
    op.execute("ALTER TABLE saga SET (fillfactor = 50)")


def unite(op: Operations) -> None:
    """Takes `split` back."""
    op.execute("ALTER TABLE saga ADD COLUMN facts text NOT NULL DEFAULT '', ADD COLUMN log text NOT NULL DEFAULT ''")
    op.execute(
        "UPDATE saga SET facts = m.facts, log = m.log FROM (SELECT saga, string_agg(facts, '' ORDER BY move) AS facts,"
        " string_agg(log, '' ORDER BY move) AS log FROM saga_move GROUP BY saga) m WHERE m.saga = saga.id"
    )
    op.execute("DROP TABLE saga_move")
    op.execute("ALTER TABLE saga DROP COLUMN moves, ALTER facts DROP DEFAULT, ALTER log DROP DEFAULT")
    op.execute("ALTER TABLE saga SET (fillfactor = 60)")


_MOVED = """
    WITH u AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::timestamptz[], $5::text[], $6::text[],
                             $7::text[], $8::int[], $9::text[])
                      AS u(id, status, open, due, state, facts, log, moves, reseller)),
    noted AS (
        INSERT INTO saga_move (saga, move, facts, log) SELECT id, moves, facts, log FROM u
        ON CONFLICT (saga, move) DO NOTHING)"""
_INSERT = f"""{_MOVED}
    INSERT INTO saga (id, reseller, name, version, status, open, due, state)
    SELECT u.id, reseller, s.name, s.version, status, open, due, state
    FROM u JOIN unnest($1::uuid[], $10::text[], $11::int[]) AS s(id, name, version) USING (id)
    ON CONFLICT (id) DO NOTHING RETURNING id"""
_STORE = f"""{_MOVED}
    UPDATE saga SET status = u.status, open = u.open, due = u.due, state = u.state, moves = u.moves, moved_at = now()
    FROM u WHERE saga.id = u.id AND saga.moves = u.moves - 1"""
_SELECT = """
    SELECT id, moves, name, state, m.facts, m.log FROM saga
    CROSS JOIN LATERAL (SELECT string_agg(facts, '' ORDER BY move) AS facts, string_agg(log, '' ORDER BY move) AS log
                        FROM saga_move WHERE saga_move.saga = saga.id) m"""
_LOAD = f"{_SELECT} WHERE id = ANY($1::uuid[]) AND open"
_DUE = f"{_SELECT} WHERE open AND due <= $1 ORDER BY id LIMIT $2 FOR UPDATE OF saga SKIP LOCKED"

MOST_KNOWN = 20_000
"""Sagas that are kept in memory beside their rows. One that is not is read from its row."""


class Known(NamedTuple):
    """A saga as this process knows it: how often it was moved, its state since, and what moves it."""

    moves: int
    state: State
    saga: Saga


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
        by_message = {saga.begins: saga for saga in self.sagas}
        sagas = {id_: by_message[type(messages[at])] for id_, at in first.items()}
        begun = {id_: begin(sagas[id_], messages[at], now, refusals.get(at)) for id_, at in first.items()}
        known = {id_: Known(0, state, sagas[id_]) for id_, (state, _) in begun.items()}
        columns = _columns(known)
        resellers = [messages[first[id_]].reseller for id_ in columns[0]]
        kinds = [sagas[id_] for id_ in columns[0]]
        names, versions = [saga.name for saga in kinds], [saga.version for saga in kinds]
        new = {id_ for (id_,) in await db.fetch(_INSERT, *columns, resellers, names, versions)}
        self._keep({id_: known[id_] for id_ in new}, db)
        said: list[list[Said]] = [[] for _ in messages]
        for id_ in new:
            said[first[id_]] = begun[id_][1]
        _follow({id_: known[id_] for id_ in new}, {id_: said[first[id_]] for id_ in new})
        return await self._carry_out(said, db)

    async def feed(self, answers: Sequence[Message], db: Connection) -> list[list[Said]]:
        """Move the sagas that these answers belong to, in their order; what each answer causes."""
        now = datetime.now(UTC)
        known = {answer.about: self._known.get(answer.about) for answer in answers}
        moved, said, idle = self._moved(answers, known, now)
        if idle:  # it has ended, was never ours, or somebody else moved it on: the row knows
            known |= dict.fromkeys(idle) | await self._load(db, _LOAD, list(idle))
            moved, said, _ = self._moved(answers, known, now)
        await self._store(moved, db)
        _follow(moved, {answer.about: caused for answer, caused in zip(answers, said, strict=True)})
        return await self._carry_out(said, db)

    def _moved(
        self, answers: Sequence[Message], known: Mapping[UUID, Known | None], now: datetime
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
            after, caused = advance(was.saga, state, answer, now)
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

    async def _load(self, db: Connection, query: str, *values: Any) -> dict[UUID, Known]:
        by_name, rows = {saga.name: saga for saga in self.sagas}, await db.fetch(query, *values)
        return {id_: Known(moves, from_store(*stored), by_name[name]) for id_, moves, name, *stored in rows}

    async def _store(self, moved: Mapping[UUID, Known], db: Connection) -> None:
        """Raises Overtaken if another process moved one of them meanwhile."""
        if not moved:
            return
        if affected(await db.execute(_STORE, *_columns(moved), [])) != len(moved):
            for id_ in moved:
                self._known.pop(id_, None)
            raise Overtaken
        self._keep(moved, db)

    def _keep(self, sagas: Mapping[UUID, Known], db: Connection) -> None:
        """Keep what is open, as soon as it is committed."""

        def keep() -> None:
            for id_, (moves, state, saga) in sagas.items():
                self._known.pop(id_, None)
                if state.status not in ENDED:
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
    """Say the moves of those sagas that somebody follows, after what else each of them said."""
    for id_, (_, state, saga) in moved.items():
        if saga.announce.moved is not None and (message := saga.announce.moved(state)) is not None:
            said[id_].append(message)


def _columns(moved: Mapping[UUID, Known]) -> tuple[list[Any], ...]:
    """States as arrays for unnest, sorted by id so that two statements never wait for each other: id, status, open,
    due, state, what is new of facts and log, moves."""
    ids = sorted(moved, key=in_order)
    states = [moved[id_].state for id_ in ids]
    return (
        ids,
        [state.status for state in states],
        [state.status not in ENDED for state in states],
        [state.due for state in states],
        [to_store(state) for state in states],
        [state.facts.added() for state in states],
        [state.log.added for state in states],
        [moved[id_].moves for id_ in ids],
    )


def to_store(state: State) -> str:
    """The state as JSON, but for its facts and its log."""
    steps = {
        name: {"at": step.at, "id": step.id, "due": step.due, "tries": step.tries} for name, step in state.steps.items()
    }
    failure = state.failure._asdict() if state.failure else None
    return orjson.dumps({"version": state.version, "status": state.status, "steps": steps, "failure": failure}).decode()


def from_store(state: str, facts: str, moments: str) -> State:
    """What was stored; `facts` and `moments` are all that was ever added."""
    read = orjson.loads(state)
    return State(
        version=read["version"],
        status=read["status"],
        facts=Facts(dict(line.split(" ", 1) for line in facts.split("\n")[:-1])),
        log=Log(moments),
        steps={name: _step(**step) for name, step in read["steps"].items()},
        failure=Failure(**read["failure"]) if read["failure"] else None,
    )


def _step(at: Any, id: str | None, due: str | None, tries: int) -> StepState:  # noqa: A002 - as it is stored
    return StepState(at, UUID(id) if id else None, datetime.fromisoformat(due) if due else None, tries)
