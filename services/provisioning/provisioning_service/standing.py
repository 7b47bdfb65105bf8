"""How an order stands and what was last said of it, read from what its saga remembers. No IO.

What was said is not kept beside the saga: it says the same of the same state and moments.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from patchbay_chassis.saga import Saga, State, Step
from patchbay_contracts.message import Message
from patchbay_contracts.standing import Standing

AGAIN = "asked again, try "
TOO_LATE = "no answer within "


class Stands(NamedTuple):
    """`said`: the message that it stands by; None if none was said."""

    standing: Standing
    at: datetime
    said: Message | None = None


def of(saga: Saga, state: State) -> Stands:
    """How it stands."""
    moments = [_read(line) for line in state.log.moments()]
    at = moments[-1].at
    if state.status == "completed":
        return Stands("completed", at, saga.announce.completed(state))
    if state.status == "failed":
        return Stands("failed", at, saga.announce.failed(state))
    return next(_last_said(saga, state, moments), Stands("accepted", at))


class _Moment(NamedTuple):
    at: datetime
    type: str
    note: str


def _read(line: str) -> _Moment:
    at, type_, note = [*line.split(" ", 2), ""][:3]
    return _Moment(datetime.fromisoformat(at), type_, note)


def _last_said(saga: Saga, state: State, moments: list[_Moment]) -> Iterator[Stands]:
    """What was said while it was under way, the last first: delays, that it is stuck, that it waits for numbers."""
    at = moments[-1].at
    asked = {step.name: (step, state.facts) for step in saga.steps() if _was_asked(state, step)}
    does = {step.does(facts).type: step for step, facts in asked.values()}
    undoes = {step.undo(facts).type: step for step, facts in asked.values()}
    (first, *_) = saga.stages[0]
    for moment in reversed(moments):
        if first.waits is not None and moment.type == first.done.type:
            continue  # a delay before it is still shown; but it waits no more
        if first.waits is not None and moment.type == first.refused.type:
            if state.steps[first.name].at in ("waiting", "asked") and state.status in ("waiting", "running"):
                refusal = state.facts.the(first.refused)
                yield Stands("back_ordered", at, saga.announce.waiting and saga.announce.waiting(state, refusal, False))
            return
        step = undoes.get(moment.type) or does.get(moment.type)
        if step is None:
            continue
        if moment.note.startswith(TOO_LATE):
            yield Stands("delayed", at, saga.announce.delayed(state, step.name, moment.note))
        elif moment.note.startswith(AGAIN):
            tries = int(moment.note.removeprefix(AGAIN)) - 1
            late = f"no answer to {moment.type} for try {tries}"
            if moment.type in undoes and tries >= step.tries:
                yield Stands("stuck", at, saga.announce.stuck(state, step.name, late))
            else:
                yield Stands("delayed", at, saga.announce.delayed(state, step.name, late))


def _was_asked(state: State, step: Step) -> bool:
    return step.name in state.steps and state.steps[step.name].at != "skipped"
