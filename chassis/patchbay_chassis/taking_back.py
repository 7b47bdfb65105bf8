"""Taking a saga back, pure as the saga itself: because somebody wants that, or by hand where an undo does not get
through."""

from datetime import datetime

from patchbay_chassis.envelope import Numbered, Said, mint
from patchbay_chassis.saga import Failure, Moved, Saga, State, StepState, undo
from patchbay_contracts.message import Message


def cancel(saga: Saga, state: State, message: Message, failure: Failure, now: datetime) -> Moved:
    """Somebody wants it back: what is under way is undone, whatever was asked and whoever answers now. One that is
    being undone goes on failing for the reason that it has; where that is stuck, the rest of it waits for nobody any
    more. One that has ended stays as it ended."""
    note = getattr(message, "note", "")
    if state.status == "stuck":
        log = state.log.plus(now, message.type, note)
        return compensate(saga, state._replace(log=log), now, "as it was cancelled")
    if state.status not in ("running", "waiting"):
        return state, []
    facts, log = state.facts.plus(message), state.log.plus(now, message.type, note)
    return undo(saga, state._replace(facts=facts, failure=failure, log=log), now)


def retry(saga: Saga, state: State, now: datetime, note: str) -> Moved:
    """Ask again what was not answered, under the same ids, as if for the first time."""
    said: list[Said] = []
    for step in saga.steps():
        was = state.steps.get(step.name)
        if was is not None and was.at == "undoing" and was.id is not None:
            command = step.undo(state.facts)
            said.append(Numbered(was.id, command))
            again = StepState("undoing", was.id, now + saga.wait(step, 1))
            state = noted(state, step.name, again, (now, command.type, f"asked again {note}"))
    return state._replace(status="undoing"), said


def compensate(saga: Saga, state: State, now: datetime, note: str) -> Moved:
    """Undo all that is left at once, waiting for nothing in between, and ask again what is waited for: so what an
    order has taken elsewhere is free again, though one service does not answer."""
    state, said = retry(saga, state, now, note)
    for step in saga.steps():
        was = state.steps.get(step.name)
        if was is not None and was.at in ("asked", "done"):
            said.append(command := Numbered(mint(), step.undo(state.facts)))
            undoing = StepState("undoing", command.id, now + saga.wait(step, 1))
            state = noted(state, step.name, undoing, (now, command.message.type, f"undone {note}"))
    return state, said


def noted(state: State, step: str, is_at: StepState, entry: tuple[datetime, str, str]) -> State:
    """A step moved: `entry` is when, by what message, and a note."""
    return state._replace(steps={**state.steps, step: is_at}, log=state.log.plus(*entry))
