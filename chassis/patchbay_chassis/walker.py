"""Walks sagas in the database: loads the states that a batch moves, moves them, stores them. Set-based."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

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

Local = Callable[[Sequence[Any], AsyncConnection], Awaitable[None]]


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


_ROWS = (
    "unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:opens AS boolean[]), CAST(:dues AS timestamptz[]),"
    " CAST(:states AS text[]), CAST(:facts AS text[]), CAST(:logs AS text[])"
)
_INSERT = text(
    "INSERT INTO saga (id, reseller, name, version, status, open, due, state, facts, log)"
    " SELECT u.id, u.reseller, :name, :version, u.status, u.open, u.due, u.state, u.facts, u.log"
    f" FROM {_ROWS}, CAST(:resellers AS text[])) AS u(id, status, open, due, state, facts, log, reseller)"
    " ON CONFLICT (id) DO NOTHING"
)
_LOAD = text(
    "SELECT id, state, facts, log FROM saga WHERE id = ANY(CAST(:ids AS uuid[])) AND open ORDER BY id FOR UPDATE"
)
_BEGUN = text("SELECT id FROM saga WHERE id = ANY(CAST(:ids AS uuid[]))")
_DUE = text(
    "SELECT id, state, facts, log FROM saga WHERE open AND due <= :now ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED"
)
_STORE = text(
    "UPDATE saga SET status = u.status, open = u.open, due = u.due, state = u.state,"
    " facts = saga.facts || u.facts, log = saga.log || u.log, moved_at = now()"
    f" FROM {_ROWS}) AS u(id, status, open, due, state, facts, log) WHERE saga.id = u.id"
)


@dataclass(frozen=True)
class Walker:
    """Moves a saga. `local` are the commands that this service carries out itself, by message type: they are
    not sent but handed over in the same transaction."""

    saga: Saga
    local: Mapping[type[Message], Local]

    async def begin(
        self, messages: Sequence[Message], db: AsyncConnection, refusals: Mapping[int, Failure]
    ) -> list[list[Said]]:
        """Begin a saga for each message, unless it has begun; `refusals` by position fail at once."""
        ids = [message.about for message in messages]
        begun = set((await db.execute(_BEGUN, {"ids": ids})).scalars())
        now, states, answers = datetime.now(UTC), {}, list[list[Said]]()
        for position, (id_, message) in enumerate(zip(ids, messages, strict=True)):
            if id_ in begun:
                answers.append([])
                continue
            begun.add(id_)
            state, said = begin(self.saga, message, now, refusals.get(position))
            states[id_] = state
            answers.append(said)
        if states:
            resellers = {id_: message.reseller for id_, message in zip(ids, messages, strict=True)}
            values = _columns(states)
            values |= {
                "resellers": [resellers[i] for i in values["ids"]],
                "name": self.saga.name,
                "version": self.saga.version,
            }
            await db.execute(_INSERT, values)
        return await self._carry_out(answers, db)

    async def feed(self, answers: Sequence[Message], db: AsyncConnection) -> list[list[Said]]:
        """Move the sagas that these answers belong to, in their order; what each answer causes."""
        ids = [answer.about for answer in answers]
        states = await self._load(_LOAD, db, {"ids": sorted(set(ids))})
        now, moved, said = datetime.now(UTC), dict[UUID, State](), list[list[Said]]()
        for id_, answer in zip(ids, answers, strict=True):
            if (state := states.get(id_)) is None:
                said.append([])  # it has ended, or was never ours
                continue
            after, caused = advance(self.saga, state, answer, now)
            if after is not state:
                states[id_] = moved[id_] = after
            said.append(caused)
        await self._store(moved, db)
        return await self._carry_out(said, db)

    async def sweep(self, db: AsyncConnection, most: int = 500) -> list[Said]:
        """Move the sagas whose time has come."""
        now = datetime.now(UTC)
        moved, said = dict[UUID, State](), list[Said]()
        for id_, state in (await self._load(_DUE, db, {"now": now, "most": most})).items():
            moved[id_], caused = expire(self.saga, state, now)
            said += caused
        if moved:
            log.info("sagas.overdue", count=len(moved))
        await self._store(moved, db)
        return (await self._carry_out([said], db))[0]

    async def _load(self, query: Any, db: AsyncConnection, values: Mapping[str, Any]) -> dict[UUID, State]:
        return {id_: from_store(*stored) for id_, *stored in await db.execute(query, values)}

    async def _store(self, moved: Mapping[UUID, State], db: AsyncConnection) -> None:
        if moved:
            await db.execute(_STORE, _columns(moved))

    async def _carry_out(self, answers: list[list[Said]], db: AsyncConnection) -> list[list[Said]]:
        """Hand local commands over; give the others back to be sent."""
        commands: dict[type[Message], list[Message]] = {}
        kept = []
        for said in answers:
            kept.append(sent := list[Said]())
            for one in said:
                message = one.message if isinstance(one, Numbered) else one
                if type(message) in self.local:
                    commands.setdefault(type(message), []).append(message)
                else:
                    sent.append(one)
        for type_, messages in commands.items():
            await self.local[type_](messages, db)
        return kept


def _columns(states: Mapping[UUID, State]) -> dict[str, Any]:
    """States as arrays for unnest, sorted by id so that two statements never wait for each other."""
    ids = sorted(states, key=in_order)
    return {
        "ids": ids,
        "statuses": [states[i].status for i in ids],
        "opens": [states[i].status not in ENDED for i in ids],
        "dues": [states[i].due for i in ids],
        "states": [to_store(states[i]) for i in ids],
        "facts": [states[i].facts.added(for_good=states[i].status in ENDED) for i in ids],
        "logs": [states[i].log.added for i in ids],
    }


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
