"""A saga's state as it is written into its row and the rows of its moves, and read from them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.envelope import in_order
from patchbay_chassis.facts import Facts, Log
from patchbay_chassis.saga import AT_REST, Failure, Saga, State, StepState


class Known(NamedTuple):
    """A saga as this process knows it: how often it was moved, its state since, and what moves it."""

    moves: int
    state: State
    saga: Saga


def columns(moved: Mapping[UUID, Known]) -> tuple[list[Any], ...]:
    """States as arrays for unnest, sorted by id so that two statements never wait for each other: id, status, open,
    due, state, what is new of facts and log, moves."""
    ids = sorted(moved, key=in_order)
    states = [moved[id_].state for id_ in ids]
    return (
        ids,
        [state.status for state in states],
        [state.status not in AT_REST for state in states],
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
    kept: dict[str, Any] = {"version": state.version, "status": state.status, "steps": steps, "failure": failure}
    if state.tried > 1:
        kept |= {"tried": state.tried, "held_back": state.log.held_back}
    return orjson.dumps(kept).decode()


def from_store(state: str, facts: str, moments: str) -> State:
    """What was stored; `facts` and `moments` are all that was ever added."""
    read = orjson.loads(state)
    return State(
        version=read["version"],
        status=read["status"],
        facts=Facts(dict(line.split(" ", 1) for line in facts.split("\n")[:-1])),
        log=Log(moments, held_back=read.get("held_back", "")),
        steps={name: _step(**step) for name, step in read["steps"].items()},
        failure=Failure(**read["failure"]) if read["failure"] else None,
        tried=read.get("tried", 1),
    )


def _step(at: Any, id: str | None, due: str | None, tries: int) -> StepState:  # noqa: A002 - as it is stored
    return StepState(at, UUID(id) if id else None, datetime.fromisoformat(due) if due else None, tries)
